# Encrypted partitions (LUKS): the kernel of an ns bed may have no device mapper.
# shellcheck shell=bash disable=SC1083,SC2016,SC2034,SC2154
time_limit=250

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# make_encrypted USER FILE [LUKSFORMAT OPTION]...: makes an image with an encrypted root, which its fstab names /dev/mapper/cryptroot.
make_encrypted() {
    local plain tree=$WORK/tree fs=$WORK/root.fs
    ensure_user "$1"
    plain=$(image armhf)
    rm -rf "$tree" "$fs" "$WORK/boot.fs" "$WORK/locked"
    mkdir "$tree"
    debugfs -R "rdump / $tree" "$plain?offset=$root_offset" 2>/dev/null
    printf '/dev/mapper/cryptroot / ext4 defaults 0 1\nPARTUUID=7069696d-01 /boot/firmware vfat defaults 0 2\n' >"$tree/etc/fstab"
    truncate --size=40M "$fs"
    mke2fs -qF -t ext4 -b 4096 -d "$tree" -E root_owner=0:0 "$fs"
    truncate --size=64M "$WORK/locked"
    printf secret | cryptsetup luksFormat --batch-mode --pbkdf-force-iterations=1000 "${@:3}" --key-file=- "$WORK/locked"
    printf secret | cryptsetup open --key-file=- "$WORK/locked" making
    dd if="$fs" of=/dev/mapper/making bs=1M conv=fsync status=none
    cryptsetup close making
    truncate --size=8M "$WORK/boot.fs"
    mkfs.vfat "$WORK/boot.fs" >/dev/null
    echo 'root=/dev/mapper/cryptroot cryptdevice=/dev/mmcblk0p2:cryptroot rootwait' >"$WORK/cmdline.txt"
    touch "$WORK/config.txt"
    mcopy -i "$WORK/boot.fs" "$WORK/cmdline.txt" "$WORK/config.txt" ::
    truncate --size=90M "$2"
    printf 'label: dos\nlabel-id: 0x7069696d\nstart=4MiB,size=8MiB,type=c\nstart=20MiB,size=64MiB,type=83\n' | sfdisk --quiet "$2"
    dd if="$WORK/boot.fs" of="$2" bs=1M seek=4 conv=notrunc status=none
    dd if="$WORK/locked" of="$2" bs=1M seek=20 conv=notrunc status=none
    chown "$1:" "$2"
    printf 'secret\n' >"$WORK/passphrase"
    chmod 0644 "$WORK/passphrase"
}

# No device of the device mapper, no loop device and no key in the kernel is left.
assert_nothing_is_open() {
    wait_until 20 nothing_is_open || fail "left: $(ls /sys/block) $(losetup --list --noheadings)"
}
nothing_is_open() { ! compgen -G '/sys/block/dm-*' >/dev/null && [[ -z $(losetup --list --noheadings) ]]; }

# Other tests load modules other than dm-crypt. modprobe also removes unused dependencies of a module, which may be in this list too.
unload_device_mapper() {
    local holder
    for holder in /sys/module/dm_mod/holders/*; do
        [[ ! -e $holder ]] || modprobe --remove "$(basename "$holder")" || true
    done
    modprobe --remove dm_mod
}

test_an_encrypted_root_is_mounted_run_and_closed() {
    local where device
    make_encrypted alice locked.img --type=luks2 --pbkdf-memory=32
    # As after a boot, before the first use of the device mapper.
    systemctl stop piimagesd.service
    unload_device_mapper
    ! grep -q device-mapper /proc/devices || fail "the device mapper is still loaded"
    # Usually, kmod-static-nodes.service creates the node; opening it loads the module. The kernel removes the directory together with the
    # last node in it.
    mkdir --parents /dev/mapper
    [[ -e /dev/mapper/control ]] || mknod --mode=0600 /dev/mapper/control c 10 236
    assert_fails_with 1 'encrypted volume \(LUKS\).*--passphrase-file' -- mount_image alice locked.img
    assert_fails_with 125 'encrypted' -- run_in alice locked.img true
    printf 'wrong\n' >wrong
    assert_fails_with 1 'the passphrase does not open partition 2' -- mount_image alice locked.img --passphrase-file=wrong
    assert_nothing_is_open
    where=$(mount_image alice locked.img --passphrase-file="$WORK/passphrase")
    assert_eq "ext4 vfat" "$(findmnt -rno FSTYPE "$where" | head -1) $(findmnt -rno FSTYPE "$where/boot/firmware")"
    device=$(findmnt -rno SOURCE "$where")
    assert_matches "$device" '^/dev/dm-[0-9]+$'
    as_user alice touch "$where/root/written" 2>/dev/null || as_user alice touch "$where/written"
    # A machine shares the mount; the passphrase is not required again.
    assert_eq armv7l "$(run_in alice locked.img uname -m)"
    # The mount survives a kill of the daemon.
    kill_daemon
    assert_eq armv7l "$(run_in alice locked.img uname -m)"
    # Another user may read the image file, but not its decrypted contents.
    ensure_user bob
    chmod 0644 locked.img
    assert_matches "$(as_user bob piimagesctl doctor "$PWD/locked.img" || true)" 'mounted by another user'
    umount_image alice locked.img
    assert_nothing_is_open
    assert_eq "armv7l" "$(as_user alice piimagesctl run --passphrase-file="$WORK/passphrase" locked.img -- uname -m)"
    assert_nothing_is_open
    # Again, after the first machine's device has been removed.
    assert_eq "armv7l" "$(as_user alice piimagesctl run --passphrase-file="$WORK/passphrase" locked.img -- uname -m)"
    # Again immediately, while the kernel may not have removed the device yet.
    for _ in 1 2 3; do
        mount_image alice locked.img --passphrase-file="$WORK/passphrase" >/dev/null
        umount_image alice locked.img
    done
    where=$(mount_image alice locked.img --read-only --passphrase-file="$WORK/passphrase")
    compgen -G "$where/written" >/dev/null || compgen -G "$where/root/written" >/dev/null || fail "what was written is gone"
    assert_contains "$(as_user alice piimagesctl status --json=short locked.img)" /dev/dm-
    umount_image alice locked.img
    assert_nothing_is_open
}

test_all_variants_of_luks_are_opened() {
    local where kind number=0 kinds=("--type=luks1" "--type=luks2 --pbkdf=pbkdf2 --sector-size=512"
        "--type=luks2 --pbkdf-memory=32 --sector-size=4096 --label=crypt" "--type=luks2 --pbkdf-memory=32 --cipher=aes-cbc-essiv:sha256 --key-size=256")
    for kind in "${kinds[@]}"; do
        # shellcheck disable=SC2086  # several options
        make_encrypted alice "locked$number.img" $kind
        where=$(mount_image alice "locked$number.img" --passphrase-file="$WORK/passphrase")
        assert_contains "$(cat "$where/etc/fstab")" cryptroot "$kind"
        umount_image alice "locked$number.img"
        number=$((number + 1))
    done
    assert_nothing_is_open
}

test_the_passphrase_is_requested_on_a_terminal() {
    make_encrypted alice locked.img --type=luks1
    as_user alice "$programs/on-terminal" 'type=m=$(piimagesctl mount locked.img)\n' 'see=Passphrase of ' 'type=wrong\n' 'see=Passphrase of ' \
        'type=secret\n' 'see=ready> ' settings 'type=test -e "$m/etc/fstab" && echo "there"; piimagesctl umount locked.img\n' 'see=there\r' 'see=ready> '
    assert_nothing_is_open
}

# make_key_derivation_endless IMAGE: makes the key derivation of a key slot take years, in both copies of the header.
make_key_derivation_endless() { # IMAGE
    python3 - "$1" <<'END'
import hashlib, re, sys
with open(sys.argv[1], "r+b") as image:
    for at in 20 << 20, (20 << 20) + 16384:
        image.seek(at)
        header = bytearray(image.read(16384))
        text = header[4096:].rstrip(b"\0")
        text = re.sub(rb'"time":\d+', b'"time":2000000000', text)
        header[4096:] = text.ljust(16384 - 4096, b"\0")
        header[448:512] = bytes(64)
        header[448:480] = hashlib.sha256(header).digest()
        image.seek(at)
        image.write(header)
END
}

test_requests_of_a_hostile_luks_header_are_refused() {
    local slow waiting
    make_encrypted alice locked.img --type=luks2 --pbkdf-memory=32
    ensure_user bob
    cp --sparse=always locked.img endless.img
    make_key_derivation_endless endless.img
    cp --sparse=always endless.img second.img
    chown bob: endless.img second.img
    as_user bob timeout 170 piimagesctl mount endless.img --passphrase-file="$WORK/passphrase" >endless.out 2>&1 &
    slow=$!
    wait_until 30 pgrep --exact cryptsetup
    as_user bob timeout 170 piimagesctl mount second.img --passphrase-file="$WORK/passphrase" >second.out 2>&1 &
    waiting=$!
    # polkit asks about the session that is active, which the next command changes.
    wait_until 30 eval 'journalctl --unit=piimagesd --output=cat | grep --quiet "second.img.*: allowed"'
    # One user's partitions do not keep those of others waiting.
    mount_image alice locked.img --passphrase-file="$WORK/passphrase" >/dev/null
    umount_image alice locked.img
    kill -0 "$slow" "$waiting"
    # Stopped, because it would use a processor for the rest of the two minutes that it is given.
    pkill --exact --signal STOP cryptsetup
    # Random bytes at various offsets after the magic number.
    for at in 8 100 4096 4200 20480; do
        cp --sparse=always locked.img broken.img
        head -c 600 /dev/urandom | dd of=broken.img bs=1 seek=$(((20 << 20) + at)) conv=notrunc status=none
        # The second copy of the header may be intact.
        head -c 40000 /dev/urandom | dd of=broken.img bs=1 seek=$(((20 << 20) + 16384)) conv=notrunc status=none
        chown alice: broken.img
        assert_fails_with 1 '(LUKS|passphrase|encrypted)' -- mount_image alice broken.img --passphrase-file="$WORK/passphrase"
    done
    cp --sparse=always locked.img short.img
    truncate --size=30M short.img
    chown alice: short.img
    assert_fails_with 1 '' -- mount_image alice short.img --passphrase-file="$WORK/passphrase"
    wait "$slow" && fail "it was opened"
    assert_matches "$(cat endless.out)" 'takes too long'
    wait "$waiting" && fail "the second one was opened"
    assert_matches "$(cat second.out)" 'takes too long|try again later'
    ! pgrep --exact cryptsetup || fail "cryptsetup still runs"
    assert_fails_with 2 'no encrypted partition' -- mount_image alice "$(user_image alice armhf)" --passphrase-file="$WORK/passphrase"
    assert_nothing_is_open
}
