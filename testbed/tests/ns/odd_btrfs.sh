# Roots in subvolumes of a btrfs, as in Fedora, Armbian and openSUSE.
# shellcheck shell=bash

# btrfs_image IMAGE ROOT HOME ROOT_OPTIONS [default]: makes an image with a btrfs that has these two subvolumes; ROOT contains a system.
btrfs_image() {
    local tiny tree=$WORK/tree
    ensure_user alice
    tiny=$("$testbed/images/tiny" armhf)
    mkdir -p "$tree" mnt
    debugfs -R "rdump / $tree" "$tiny?offset=$root_offset" 2>/dev/null
    rm -rf "$tree/lost+found"
    truncate --size 220M b.fs
    mkfs.btrfs -qfL X b.fs >/dev/null
    mount -o loop b.fs mnt
    btrfs subvolume create "mnt/$2" >/dev/null
    btrfs subvolume create "mnt/$3" >/dev/null
    cp -a "$tree/." "mnt/$2"
    chown -R 0:0 "mnt/$2"
    touch "mnt/$3/seen"
    printf 'LABEL=X / btrfs %s 0 0\nLABEL=X /home btrfs subvol=%s 0 0\n' "$4" "$3" >"mnt/$2/etc/fstab"
    if [[ -n ${5:-} ]]; then
        btrfs subvolume set-default "$(btrfs subvolume list mnt | awk -v s="$2" '$NF == s { print $2 }')" mnt
    fi
    umount mnt
    truncate --size 240M "$1"
    printf 'label: gpt\nstart=4MiB,size=220MiB,type=linux\n' | sfdisk --quiet "$1"
    dd if=b.fs of="$1" bs=1M seek=4 conv=notrunc,sparse status=none
    chown alice: "$1"
    chmod 755 "$WORK"
}

assert_root_and_home() { # IMAGE
    local where
    where=$(mount_image alice "$1")
    as_user alice test -x "$where/bin/busybox" || fail "the root of $1 is another subvolume"
    as_user alice test -e "$where/home/seen" || fail "/home of $1 is not its subvolume"
    umount_image alice "$1"
    assert_eq seen "$(run_in alice "$1" ls /home)"
}

test_a_root_in_a_subvolume_is_found_by_its_own_fstab() {
    btrfs_image fedora.img root home subvol=root
    assert_root_and_home fedora.img
}

test_subvolumes_whose_names_contain_an_at_sign_are_found() {
    btrfs_image armbian.img @ @home subvol=/@
    assert_root_and_home armbian.img
}

test_the_default_subvolume_is_the_root() {
    btrfs_image suse.img @ @home defaults default
    assert_root_and_home suse.img
}
