# Images whose root is not the obvious partition, or whose fstab mounts more than a boot partition. If this kernel has no vfat, the daemon
# still reads the FAT partitions, but does not mount them.
# shellcheck shell=bash

# shellcheck source=testbed/tests/odd-images
. "$testbed/tests/odd-images"

test_a_data_partition_that_contains_etc_is_not_the_root() {
    prepare
    root t 'PARTUUID=7069696d-01 / ext4 ro 0 1\nPARTUUID=7069696d-02 /data ext4 defaults 0 2\n'
    mkdir -p t/data d/etc d/var
    echo x >d/etc/hostname
    ext r.fs 32 t ''
    ext d.fs 64 d ''
    table dos data.img 110 'start=4MiB,size=32MiB,type=83\nstart=36MiB,size=64MiB,type=83\n'
    put r.fs data.img 4
    put d.fs data.img 36
    local where
    where=$(mount_image alice data.img)
    as_user alice test -x "$where/bin/busybox" || fail "the root is another partition"
    as_user alice test -e "$where/data/etc/hostname" || fail "the data partition is not on /data"
    umount_image alice data.img
    assert_eq armv7l "$(run_in alice data.img uname -m)"
    assert_eq "1 its own fstab names it for /" "$(described data.img 'd["root"], d["reason"]')"
}

test_the_slot_that_autoboot_txt_selects_is_the_root() {
    prepare
    local slot n
    for slot in A B; do
        n=$([[ $slot == A ]] && echo 5 || echo 6)
        root "ab$slot" "PARTUUID=7069696d-0$n / ext4 defaults 0 1\n"
        echo "$slot" >"ab$slot/etc/slot"
        ext "r$slot.fs" 32 "ab$slot" ''
        fat "b$slot.fs" "cmdline.txt=root=PARTUUID=7069696d-0$n rootwait\n"
    done
    fat ba.fs 'autoboot.txt=[all]\ntryboot_a_b=1\nboot_partition=3\n[tryboot]\nboot_partition=2\n'
    table dos ab.img 120 '1: start=2048,size=16384,type=c\n2: start=18432,size=16384,type=c\n3: start=34816,size=16384,type=c
4: start=51200,size=190000,type=5\n5: start=53248,size=65536,type=83\n6: start=122880,size=65536,type=83\n'
    put ba.fs ab.img 1
    put bA.fs ab.img 9
    put bB.fs ab.img 17
    put rA.fs ab.img 26
    put rB.fs ab.img 60
    assert_eq B "$(as_user alice piimagesctl run --no-boot ab.img -- cat /etc/slot)"
    assert_eq A "$(as_user alice piimagesctl run --no-boot --root=5 ab.img -- cat /etc/slot)"
    assert_eq A "$(as_user alice piimagesctl run --no-boot --boot=2 ab.img -- cat /etc/slot)"
    assert_eq "[[3, '', '/boot/firmware']]" "$(described ab.img '[list(m.values()) for m in d["mounts"]]')"
}

test_the_caller_selects_one_of_two_systems() {
    prepare
    root t1 'PARTUUID=7069696d-01 / ext4 defaults 0 1\n'
    root t2 'PARTUUID=7069696d-02 / ext4 defaults 0 1\n'
    ext r1.fs 32 t1 ''
    ext r2.fs 32 t2 ''
    table dos two.img 80 'start=4MiB,size=32MiB,type=83\nstart=36MiB,size=32MiB,type=83\n'
    put r1.fs two.img 4
    put r2.fs two.img 36
    assert_fails_with 2 'partition 1 .*, partition 2 .*; select one, for example with --root=1' -- mount_image alice two.img
    local where
    where=$(mount_image alice two.img --root=2)
    assert_matches "$(as_user alice cat "$where/etc/fstab")" 7069696d-02
    assert_fails_with 5 'partitions other than those specified' -- mount_image alice two.img --root=1
    umount_image alice two.img
    # status and doctor describe the selected system.
    assert_contains "$(as_user alice piimagesctl status two.img)" "select one, for example with --root=1"
    assert_contains "$(as_user alice piimagesctl status --root=2 two.img)" "Root: partition 2: the caller chose it"
    assert_fails_with 1 '' -- as_user alice piimagesctl doctor two.img
    assert_contains "$(as_user alice piimagesctl doctor --root=2 two.img || true)" "root: partition 2: the caller chose it"
    assert_fails_with 2 'no partition 7' -- as_user alice piimagesctl status --root=7 two.img
    assert_fails_with 2 'applies only to an image that is not mounted; specify one' -- as_user alice piimagesctl doctor --root=2
}

test_bind_mounts_of_the_fstab_are_mounted() {
    prepare
    root t 'PARTUUID=7069696d-01 /data ext4 defaults 0 1\nPARTUUID=7069696d-02 / ext4 ro 0 1\n/data/.var /var none rbind 0 0\n'
    rm -rf t/var
    mkdir -p t/var t/data d/.var/lib/dpkg
    echo yes >d/.var/lib/dpkg/status
    ext r.fs 32 t ''
    ext d.fs 16 d ''
    table dos bind.img 60 'start=4MiB,size=16MiB,type=83\nstart=20MiB,size=32MiB,type=83\n'
    put d.fs bind.img 4
    put r.fs bind.img 20
    assert_eq yes "$(run_in alice bind.img cat /var/lib/dpkg/status)"
    run_in alice bind.img sh -c 'echo more >>/var/lib/dpkg/status'
    local where
    where=$(mount_image alice bind.img)
    assert_eq $'yes\nmore' "$(as_user alice cat "$where/var/lib/dpkg/status")"
    as_user alice touch "$where/var/mine"
    assert_eq "$where $where/data $where/var" "$(mounts_below "$where" | xargs)"
    assert_eq yes "$(run_in alice bind.img head -n 1 /var/lib/dpkg/status)"
    umount_image alice bind.img
}

test_a_bind_mount_of_the_fstab_cannot_leave_the_image() {
    prepare
    root t 'PARTUUID=7069696d-01 / ext4 defaults 0 1\n/out /srv none bind 0 0\n'
    mkdir t/srv
    ln -s /../../../../etc t/out
    ext r.fs 32 t ''
    table dos out.img 40 'start=4MiB,size=32MiB,type=83\n'
    put r.fs out.img 4
    local where
    where=$(mount_image alice out.img)
    as_user alice test -e "$where/srv/os-release" || fail "the image's own /etc is not on /srv"
    as_user alice test ! -e "$where/srv/machine-id" || fail "the host's /etc is on /srv"
    umount_image alice out.img
}

# A failed unmount restores the mounts that it has already removed. Bind mounts cannot be identified by a device, and /a is a link to /h,
# where the kernel lists the mount.
test_a_failed_unmount_restores_the_bind_mounts() {
    prepare
    root t 'PARTUUID=7069696d-01 /data ext4 defaults 0 1\nPARTUUID=7069696d-02 / ext4 defaults 0 1
/data/one /a none bind 0 0\n/data/two /b none bind 0 0\n'
    mkdir -p t/data t/h t/b d/one d/two
    ln -s h t/a
    touch d/one/held d/two/there
    ext r.fs 32 t ''
    ext d.fs 16 d ''
    table dos busy.img 60 'start=4MiB,size=16MiB,type=83\nstart=20MiB,size=32MiB,type=83\n'
    put d.fs busy.img 4
    put r.fs busy.img 20
    local where before held holder
    where=$(mount_image alice busy.img)
    before=$(mounts_below "$where" | sort)
    assert_eq "$where $where/b $where/data $where/h" "$(xargs <<<"$before")"
    for held in h/held etc/fstab; do
        as_user alice tail --follow "$where/$held" >/dev/null 2>&1 &
        holder=$!
        wait_until 10 pgrep --uid "$(id -u alice)" tail
        assert_fails_with 5 'in use by tail' -- umount_image alice busy.img
        assert_eq "$before" "$(mounts_below "$where" | sort)" "mounts while $held is in use"
        as_user alice test -e "$where/b/there" || fail "/b is not what it was"
        as_user alice test -e "$where/h/held" || fail "/h is not what it was"
        kill "$(pgrep --uid "$(id -u alice)" tail)"
        wait "$holder" || true
    done
    umount_image alice busy.img
}

test_a_missing_mount_point_is_created_or_skipped() {
    prepare
    root t 'PARTUUID=7069696d-01 / ext4 defaults 0 1\nPARTUUID=7069696d-02 /var/opt/emoncms ext4 nofail 0 2\nPARTUUID=7069696d-02 /run/x ext4\n'
    mkdir d
    echo yes >d/there
    ext r.fs 32 t ''
    ext d.fs 16 d ''
    table dos nomp.img 60 'start=4MiB,size=32MiB,type=83\nstart=36MiB,size=16MiB,type=83\n'
    put r.fs nomp.img 4
    put d.fs nomp.img 36
    local where before
    before=$(sum_of nomp.img)
    where=$(mount_image alice nomp.img --read-only)
    assert_eq "$where" "$(mounts_below "$where")"
    assert_matches "$(as_user alice piimagesctl status nomp.img)" 'no directory "/var/opt/emoncms"'
    umount_image alice nomp.img
    assert_eq "$before" "$(sum_of nomp.img)" "the image changed"
    assert_matches "$(as_user alice piimagesctl doctor nomp.img)" 'no directory "/var/opt/emoncms"'
    assert_eq yes "$(run_in alice nomp.img cat /var/opt/emoncms/there)"
    where=$(mount_image alice nomp.img)
    as_user alice test -e "$where/var/opt/emoncms/there" || fail "the directory was not made"
    umount_image alice nomp.img
}

test_a_squashfs_root_runs_read_only() {
    prepare
    root t ''
    mksquashfs t r.fs -quiet -no-progress -all-root >/dev/null
    table dos squash.img 40 'start=4MiB,size=32MiB,type=83\n'
    put r.fs squash.img 4
    assert_eq armv7l "$(run_in alice squash.img uname -m)"
    assert_fails_with 1 'Read-only file system' -- run_in alice squash.img touch /x
    local where
    where=$(mount_image alice squash.img)
    assert_eq armv7l "$(run_in alice squash.img uname -m)"
    umount_image alice squash.img
    [[ -n $where ]]
}

test_errors_for_encrypted_and_lvm_volumes_say_what_to_do() {
    prepare
    local kind
    fat boot.fs
    for kind in luks lvm; do
        table dos $kind.img 44 'start=4MiB,size=8MiB,type=c\nstart=20MiB,size=16MiB,type=83\n'
        put boot.fs $kind.img 4
    done
    printf 'LUKS\xba\xbe\0\2' | dd of=luks.img bs=1 seek=$((20 << 20)) conv=notrunc status=none
    printf LABELONE | dd of=lvm.img bs=1 seek=$(((20 << 20) + 512)) conv=notrunc status=none
    printf 'LVM2 001' | dd of=lvm.img bs=1 seek=$(((20 << 20) + 536)) conv=notrunc status=none
    assert_fails_with 1 'encrypted volume \(LUKS\).*--passphrase-file' -- mount_image alice luks.img
    assert_fails_with 1 'LVM volume.*vgchange' -- mount_image alice lvm.img
}

# Tests what the daemon reads from the output of this release's cryptsetup. Everything else requires the device mapper, which the bed's
# kernel may lack.
test_the_installed_cryptsetup_checks_the_passphrase() {
    ensure_user alice
    local kind
    printf 'wrong\n' >wrong
    printf 'secret\n' >right
    for kind in luks1 luks2; do
        truncate --size=40M locked
        printf secret | cryptsetup luksFormat --batch-mode --type=$kind --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 --key-file=- locked
        table dos $kind.img 44 'start=4MiB,size=40MiB,type=83\n'
        put locked $kind.img 4
        assert_fails_with 1 'the passphrase does not open partition 1' -- mount_image alice $kind.img --passphrase-file="$WORK/wrong"
        assert_fails_with 1 'cannot open /dev/mapper/control|contains no known filesystem' -- \
            mount_image alice $kind.img --passphrase-file="$WORK/right"
    done
}

test_doctor_reports_the_partuuid_of_another_disk() {
    prepare
    root t 'PARTUUID=deadbeef-01 / ext4 defaults 0 1\n'
    ext r.fs 32 t ''
    table dos id.img 40 'start=4MiB,size=32MiB,type=83\n'
    put r.fs id.img 4
    assert_fails_with 1 '' -- as_user alice piimagesctl doctor id.img
    assert_matches "$(as_user alice piimagesctl doctor id.img || true)" 'PARTUUID=deadbeef-01.*this image will not boot'
}

test_a_hybrid_mbr_is_ignored_and_preserved() {
    prepare
    root t ''
    ext r.fs 32 t ''
    fat boot.fs
    table gpt hybrid.img 60 'start=4MiB,size=8MiB,type=uefi\nstart=20MiB,size=32MiB,type=linux\n'
    put boot.fs hybrid.img 4
    put r.fs hybrid.img 20
    python3 -c 'import struct; f = open("hybrid.img", "r+b"); f.seek(446)
e = lambda t, s, n: struct.pack("<B3sB3sII", 0, b"\0\2\0", t, b"\xff\xff\xff", s, n)
f.write(e(0x0c, 8192, 16384) + e(0xee, 1, 8191) + bytes(32))'
    local before
    before=$(head -c 512 hybrid.img | sha256sum)
    assert_eq armv7l "$(run_in alice hybrid.img uname -m)"
    as_user alice piimagesctl grow hybrid.img 100M
    assert_eq "$before" "$(head -c 512 hybrid.img | sha256sum)" "the MBR changed"
    assert_eq armv7l "$(run_in alice hybrid.img uname -m)"
}

# On a kernel with pages of 4 KiB, a block size of 64 KiB is as on the Raspberry Pi 5 one of 16 KiB that programs have chosen there.
test_a_block_size_that_the_kernel_does_not_support_is_not_called_damage() {
    prepare
    root t ''
    truncate --size 32M r.fs
    mke2fs -qFt ext4 -b 65536 -d t r.fs 2>/dev/null
    table dos large.img 40 'start=4MiB,size=32MiB,type=83\n'
    put r.fs large.img 4
    assert_fails_with 1 'a block size that this kernel does not support, or it is damaged: see dmesg' -- mount_image alice large.img
}

test_entries_of_an_mbr_without_sectors_are_ignored() {
    prepare
    root t ''
    ext r.fs 32 t ''
    table dos zero.img 40 'start=4MiB,size=32MiB,type=83\n'
    put r.fs zero.img 4
    printf '\x83' | dd of=zero.img bs=1 seek=$((446 + 16 + 4)) conv=notrunc status=none
    assert_eq armv7l "$(run_in alice zero.img uname -m)"
    as_user alice piimagesctl grow zero.img 60M
    assert_eq armv7l "$(run_in alice zero.img uname -m)"
    assert_eq $'\x83' "$(dd if=zero.img bs=1 skip=$((446 + 16 + 4)) count=1 status=none)" "type of the second entry"
}

test_a_logical_partition_grows_within_a_larger_extended_one() {
    prepare
    root t ''
    ext r.fs 32 t ''
    table dos noobs.img 90 '1: start=10MiB,size=78MiB,type=5\n5: start=12MiB,size=32MiB,type=83\n'
    put r.fs noobs.img 12
    as_user alice piimagesctl grow noobs.img +8M
    assert_eq armv7l "$(run_in alice noobs.img uname -m)"
    as_user alice piimagesctl check noobs.img
    assert_matches "$(sfdisk --dump noobs.img)" 'noobs.img1 : start= +20480, size= +163840'
}

test_a_copy_of_one_partition_is_reported_as_that() {
    prepare
    root t 'PARTUUID=7069696d-02 / ext4 defaults 0 1\n'
    ext part.img 32 t ''
    chown alice: part.img
    assert_fails_with 1 '' -- as_user alice piimagesctl doctor part.img
    assert_matches "$(as_user alice piimagesctl doctor part.img || true)" 'copy of one partition, not of a whole card.*copy the whole card'
    assert_lacks "$(as_user alice piimagesctl status part.img)" PARTUUID
    assert_eq armv7l "$(run_in alice part.img uname -m)"
}
