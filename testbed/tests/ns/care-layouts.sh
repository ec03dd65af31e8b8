# Growing less common layouts: a root in a logical partition, on btrfs, on f2fs, on a filesystem that cannot be grown.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=120

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# A logical partition is inside the extended one, after a boot record of its own; both records and the extended partition grow.
test_grow_enlarges_a_root_in_a_logical_partition() {
    local image content
    image=$(user_image alice armhf)
    dd if="$image" of=root.fs bs=1M skip=20 status=none
    truncate --size "$((21 << 20))" "$image"
    truncate --size "$((54 << 20))" "$image"
    printf '%s\n' 'label: dos' 'label-id: 0x7069696d' 'start=8192, size=32768, type=83' 'start=40960, size=69632, type=5' \
        'start=43008, size=65536, type=83' | sed 's/^start=43008/5 : start=43008/' | sfdisk --quiet --no-reread "$image"
    dd if=root.fs of="$image" bs=1M seek=21 conv=notrunc status=none
    root_offset=$((21 << 20))
    content=$(content_of "$image")
    sfdisk --dump "$image" >before
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    assert_sound_image "$image" "$content"
    sfdisk --dump "$image" >after
    assert_eq "$(sed '/start= *\(40960\|43008\)/s/size= *[0-9]*//' before)" "$(sed '/start= *\(40960\|43008\)/s/size= *[0-9]*//' after)"
    assert_contains "$(cat after)" "start=       40960, size=     2056192, type=5"
    assert_contains "$(cat after)" "start=       43008, size=     2054144, type=83"
    assert_eq "$((2054144 / 2))" "$(superblock "$image" | sed -n 's/^Block count: *//p')" "blocks of 1 KiB"
    sfdisk --verify "$image" >said 2>&1 || fail "$(cat said)"
}

# replace_root IMAGE MIB COMMAND...: moves the files of the root partition to another filesystem, which the command creates in the file "fs"
# from the directory "tree".
replace_root() {
    local image=$1
    mkdir tree
    debugfs -R "rdump / $PWD/tree" "$image?offset=$root_offset" 2>/dev/null
    truncate --size "$2M" fs
    "${@:3}" >made 2>&1 || fail "$*: $(cat made)"
    truncate --size "$root_offset" "$image"
    truncate --size "+$(($2 + 1))M" "$image"
    dd if=fs of="$image" bs=1M seek=20 conv=notrunc,sparse status=none
}

# Prints the root partition, whose length is taken from the partition table.
root_partition() {
    local sectors
    sectors=$(sfdisk --dump "$1" | sed -n 's/.*start= *40960, size= *\([0-9]*\),.*/\1/p')
    tail --bytes="+$((root_offset + 1))" "$1" | head --bytes="$((sectors * 512))"
}

test_btrfs_grows_in_place() {
    local image inode
    image=$(user_image alice armhf --root-size 200)
    replace_root "$image" 200 mkfs.btrfs --force --rootdir tree fs
    inode=$(stat --format %i "$image")
    run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
    assert_eq "$inode" "$(stat --format %i "$image")" "inode"
    root_partition "$image" >grown
    assert_eq "$(stat --format %s grown)" "$(btrfs inspect-internal dump-super grown | sed -n 's/^total_bytes\s*//p')" "total_bytes"
    btrfs check --readonly grown >said 2>&1 || fail "$(cat said)"
    mkdir mnt
    mount -o loop,ro grown mnt
    diff --recursive --no-dereference tree mnt
    umount mnt
}

# That the files are preserved is tested where the kernel supports f2fs: uml/care.sh.
test_f2fs_grows_in_a_copy() {
    local image sum
    image=$(user_image alice armhf --root-size 100)
    replace_root "$image" 100 sh -c 'mkfs.f2fs -q fs && { sload.f2fs -f tree fs || true; }'
    sum=$(sum_of "$image")
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    root_partition "$image" >grown
    fsck.f2fs --dry-run grown >said 2>&1 || fail "$(cat said)"
    assert_contains "$(cat said)" "total FS sectors = $(($(stat --format %s grown) / 512))"
    assert_fails_with 1 "f2fs filesystem of partition 2 cannot be shrunk; ext2, ext3, ext4 and btrfs can" -- run_job alice ShrinkImage sa{sv} "$image" 0
}

test_growing_an_unsupported_filesystem_is_refused_and_nothing_is_changed() {
    local image sum
    image=$(user_image alice armhf)
    # The ext4 superblock is erased. The magic number, block size and block count of xfs suffice for programs that read superblocks.
    head --bytes=64K /dev/zero | dd of="$image" bs=1K seek="$((root_offset / 1024))" conv=notrunc status=none
    printf 'XFSB\0\0\20\0\0\0\0\0\0\0\1\0' | dd of="$image" bs=1 seek="$root_offset" conv=notrunc status=none
    sum=$(sum_of "$image")
    assert_fails_with 1 "xfs filesystem of partition 2 cannot be grown; ext2" -- run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    assert_eq "$sum" "$(sum_of "$image")"
}
