# Unusual images with FAT partitions, on a kernel that can mount them: A/B slots, partitions without firmware, images with FAT only.
# shellcheck shell=bash disable=SC2154
time_limit=200

# shellcheck source=testbed/tests/odd-images
. "$testbed/tests/odd-images"

# mount_and_list IMAGE [OPTION]...: mounts the image; prints its mount points, relative to that of the root, and their filesystem types.
mount_and_list() {
    where=$(mount_image alice "$@")
    findmnt --raw --noheadings --output TARGET,FSTYPE | grep "^${where}[ /]" | sed "s|^$where||; s|^ |/ |" | sort
}

# An image like those of Raspberry Pi's rpi-image-gen: the fstab names links that the image's own udev rules create.
test_an_ab_image_is_mounted_with_the_boot_partition_of_its_slot() {
    prepare
    root t '/dev/disk/by-slot/active/system / ext4 ro 0 1\n/dev/disk/by-slot/active/boot /boot/firmware vfat ro,nofail 0 2\n/dev/disk/by-slot/bootconfig /bootfs vfat nofail 0 2\n/persistent/home /home none bind 0 0\n'
    mkdir -p t/bootfs t/persistent t/boot/firmware t/home p/home/pi
    ext s.fs 32 t SYSTEM
    ext p.fs 32 p PERSISTENT
    fat select.fs 'autoboot.txt=[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n'
    fat boot.fs 'cmdline.txt=root=/dev/disk/by-slot/active/system rootwait\n' 'config.txt=\n'
    table gpt rota.img 160 'start=8MiB,size=8MiB,type=uefi,name=bootconfig\nstart=16MiB,size=8MiB,type=uefi,name=boot_a\nstart=24MiB,size=8MiB,type=uefi,name=boot_b\nstart=32MiB,size=32MiB,type=linux,name=system_a\nstart=64MiB,size=32MiB,type=linux,name=system_b\nstart=96MiB,size=32MiB,type=linux,name=persistent\n'
    local at
    put select.fs rota.img 8
    for at in 16 24; do put boot.fs rota.img $at; done
    for at in 32 64; do put s.fs rota.img $at; done
    put p.fs rota.img 96
    assert_eq $'/ ext4\n/boot/firmware vfat\n/bootfs vfat' "$(mount_and_list rota.img)"
    where=$(mount_image alice rota.img)
    assert_eq "cmdline.txt config.txt" "$(as_user alice ls "$where/boot/firmware" | xargs)"
    assert_eq autoboot.txt "$(as_user alice ls "$where/bootfs")"
    umount_image alice rota.img
    assert_eq "4" "$(as_user alice piimagesctl --json=short status rota.img | jq .root)"
}

test_autoboot_txt_selects_the_slot_in_an_image_with_an_mbr() {
    prepare
    local slot number
    for slot in A B; do
        number=$([[ $slot == A ]] && echo 5 || echo 6)
        root "t$slot" "PARTUUID=7069696d-0$number / ext4 defaults 0 1\n"
        echo $slot >"t$slot/etc/slot"
        mkdir -p "t$slot/boot/firmware"
        ext "r$slot.fs" 32 "t$slot" ''
        fat "b$slot.fs" "cmdline.txt=root=PARTUUID=7069696d-0$number rootwait\n" 'config.txt=\n' "slot-$slot=\n"
    done
    fat select.fs 'autoboot.txt=[all]\ntryboot_a_b=1\nboot_partition=3\n'
    table dos ab.img 120 '1: start=2048,size=16384,type=c\n2: start=18432,size=16384,type=c\n3: start=34816,size=16384,type=c\n4: start=51200,size=190000,type=5\n5: start=53248,size=65536,type=83\n6: start=122880,size=65536,type=83\n'
    put select.fs ab.img 1
    put bA.fs ab.img 9
    put bB.fs ab.img 17
    put rA.fs ab.img 26
    put rB.fs ab.img 60
    where=$(mount_image alice ab.img)
    assert_eq B "$(as_user alice cat "$where/etc/slot")"
    as_user alice test -e "$where/boot/firmware/slot-b" || as_user alice test -e "$where/boot/firmware/slot-B" || fail "another slot's boot partition"
    umount_image alice ab.img
}

test_a_fat_partition_without_firmware_is_not_mounted_over_files() {
    prepare
    root t 'PARTUUID=7069696d-01 / ext4 defaults 0 1\n'
    mkdir -p t/boot
    rm -rf t/boot/firmware
    echo real >t/boot/cmdline.txt
    ext r.fs 32 t ''
    fat setup.fs 'dietpi.txt=AUTO_SETUP=1\n'
    table dos dietpi.img 48 'start=4MiB,size=32MiB,type=83\nstart=36MiB,size=8MiB,type=c\n'
    put r.fs dietpi.img 4
    put setup.fs dietpi.img 36
    assert_eq '/ ext4' "$(mount_and_list dietpi.img)"
    assert_eq real "$(as_user alice cat "$(mount_image alice dietpi.img)/boot/cmdline.txt")"
    umount_image alice dietpi.img
}

test_an_image_without_a_system_is_mounted_and_written_to() {
    prepare
    fat boot.fs 'cmdline.txt=modules=loop,squashfs\n' 'kernel7.img=\n'
    table dos alpine.img 24 'start=4MiB,size=8MiB,type=c,bootable\n'
    put boot.fs alpine.img 4
    where=$(mount_image alice alpine.img)
    as_user alice sh -c "echo x >'$where/usercfg.txt'"
    umount_image alice alpine.img
    assert_eq x "$(mtype -i alpine.img@@4M ::usercfg.txt)"
    assert_fails_with 125 'no system' -- run_in alice alpine.img true
    # LibreELEC: with an additional empty partition.
    ext storage.fs 16 empty STORAGE
    fat boot.fs 'KERNEL=\n' 'SYSTEM=\n' 'config.txt=\n' 'cmdline.txt=boot=LABEL=LIBREELEC\n'
    table dos le.img 44 'start=4MiB,size=8MiB,type=c,bootable\nstart=20MiB,size=16MiB,type=83\n'
    put boot.fs le.img 4
    put storage.fs le.img 20
    where=$(mount_image alice le.img)
    as_user alice test -e "$where/SYSTEM" || as_user alice test -e "$where/system" || fail "the boot files are not shown: $(as_user alice ls "$where")"
    umount_image alice le.img
}

test_the_fat_partition_of_an_image_with_a_hybrid_mbr_is_mounted() {
    prepare
    root t 'LABEL=rootfs / ext4 defaults 0 1\nLABEL=BOOT /boot/firmware vfat defaults 0 2\n'
    mkdir -p t/boot/firmware
    ext r.fs 32 t rootfs
    fat boot.fs 'config.txt=\n'
    fatlabel boot.fs BOOT
    table gpt hybrid.img 60 'start=4MiB,size=8MiB,type=uefi\nstart=20MiB,size=32MiB,type=linux\n'
    put boot.fs hybrid.img 4
    put r.fs hybrid.img 20
    python3 - hybrid.img <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(446)
    entry = lambda kind, start, count: struct.pack("<B3sB3sII", 0, b"\0\2\0", kind, b"\xff\xff\xff", start, count)
    f.write(entry(0x0c, 8192, 16384) + entry(0xee, 1, 8191) + bytes(32))
END
    cp hybrid.img before.img
    assert_eq $'/ ext4\n/boot/firmware vfat' "$(mount_and_list hybrid.img)"
    umount_image alice hybrid.img
    cmp --bytes=$((1 << 20)) before.img hybrid.img || fail "the tables changed"
}

# Ubuntu since 25.10.
test_settings_reach_the_command_line_that_the_firmware_reads() {
    prepare
    root t 'LABEL=writable / ext4 defaults 0 1\nLABEL=BOOT /boot/firmware vfat defaults 0 1\n'
    mkdir -p t/boot/firmware t/etc/cloud t/usr/lib
    touch t/etc/cloud/cloud.cfg
    printf 'ID=ubuntu\nVERSION_CODENAME=questing\n' >t/usr/lib/os-release
    ext r.fs 32 t writable
    fat boot.fs 'config.txt=[all]\nos_prefix=current/\n[tryboot]\nos_prefix=new/\n' 'user-data=#cloud-config\n'
    fatlabel boot.fs BOOT
    mmd -i boot.fs ::current
    echo 'root=LABEL=writable ds=nocloud;i=rpi-imager-1 rootwait' >cmdline.txt
    mcopy -i boot.fs cmdline.txt ::current
    table dos ubuntu.img 60 'start=4MiB,size=8MiB,type=c\nstart=12MiB,size=32MiB,type=83\n'
    put boot.fs ubuntu.img 4
    put r.fs ubuntu.img 12
    as_user alice piimagesctl configure ubuntu.img --hostname pi --wifi-country GB
    assert_matches "$(mtype -i ubuntu.img@@4M ::current/cmdline.txt)" \
        '^root=LABEL=writable ds=nocloud;i=piimages-[^ ]* rootwait cfg80211.ieee80211_regdom=GB$'
    assert_fails_with 1 'not found' -- mtype -i ubuntu.img@@4M ::cmdline.txt
}

# NixOS before its first boot.
test_files_beside_an_image_of_boot_files_are_mentioned() {
    prepare
    mkdir -p nix/nix/store
    touch nix/nix-path-registration
    ext r.fs 32 nix NIXOS_SD
    fat boot.fs 'config.txt=\n'
    table dos nix.img 60 'start=4MiB,size=8MiB,type=c\nstart=12MiB,size=32MiB,type=83\n'
    put boot.fs nix.img 4
    put r.fs nix.img 12
    assert_fails_with 125 'contains no system to run.*to use the files of partition 2, specify --root=2' -- run_in alice nix.img true
    assert_fails_with 1 'no system that reads first-boot settings, only boot files' -- as_user alice piimagesctl configure nix.img --show
    where=$(mount_image alice nix.img --root=2)
    as_user alice test -e "$where/nix-path-registration" || fail "partition 2 is not shown"
    umount_image alice nix.img
}

# A copy of the first step's files beside the image would lose modes and links: FAT does not store them.
test_a_recipe_is_built_on_a_fat_filesystem() {
    local home usb
    home=$(dirname "$(pi_image alice armhf)") usb=$WORK/usb
    mv "$home"/*.img "$home/base.img"
    truncate --size=200M fs
    mkfs.vfat fs >/dev/null
    mkdir "$usb"
    mount -o "loop,uid=$(id --user alice)" fs "$usb"
    trap 'umount "$WORK/usb"' EXIT
    mkdir "$home/tree"
    echo page >"$home/tree/page"
    chmod 640 "$home/tree/page"
    ln -s page "$home/tree/link"
    tar --create --file "$home/tree.tar" --directory "$home" tree
    printf '%s\n' "FROM base.img" "TO $usb/out.img" "INSTALL tree /site" "EXTRACT tree.tar /" >"$home/fat.Pifile"
    chown -hR alice: "$home"
    (cd "$home" && as_user alice env XDG_CACHE_HOME="$home/.cache" piimagesctl build fat.Pifile)
    assert_contains "$(in_image "$usb/out.img" "stat /site/page")" "Mode:  0640"
    assert_contains "$(in_image "$usb/out.img" "stat /site/link")" "Type: symlink"
    assert_contains "$(in_image "$usb/out.img" "stat /tree/page")" "Mode:  0640"
    assert_contains "$(in_image "$usb/out.img" "stat /tree/link")" "Type: symlink"
    assert_eq out.img "$(ls -A "$usb")"
    umount "$usb"
    trap - EXIT
}
