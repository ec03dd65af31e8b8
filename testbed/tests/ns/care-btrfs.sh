# Shrinking btrfs: to little more than the size of its files, with nothing else changed; if it fails, the image remains unchanged.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=400

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

partition_offset=$((4 << 20))

# btrfs_image NAME MIB [MKFS OPTION]...: creates an image of alice's with two subvolumes and a snapshot; sets "image" to its path. Files of
# 1 MiB were written to all of its chunks, and most of them removed, as in a system that was upgraded for years.
btrfs_image() {
    local name=$1 size=$2 number
    shift 2
    ensure_user alice
    mkdir -p "$WORK/alice" mnt
    chown alice: "$WORK/alice"
    chmod 755 "$WORK" "$WORK/alice"
    image=$WORK/alice/$name
    truncate --size "${size}M" fs
    mkfs.btrfs -q --label X "$@" fs >/dev/null
    mount -o loop fs mnt
    btrfs subvolume create mnt/@ >/dev/null
    btrfs subvolume create mnt/@home >/dev/null
    for ((number = 0; number < size / 4; number++)); do
        head --bytes 1M /dev/urandom >"mnt/@/$number"
    done
    cp -a /usr/share/doc/bash /usr/share/zoneinfo "mnt/@home"
    sync --file-system mnt
    for ((number = 0; number < size / 4; number++)); do
        (( number % 7 == 0 )) || rm "mnt/@/$number"
    done
    btrfs subvolume snapshot -r mnt/@ mnt/before >/dev/null
    python3 -c 'import os; os.setxattr("mnt/@home", "user.seen", b"1")'
    umount mnt
    truncate --size "$((size + 4))M" "$image"
    echo 'start=8192' | sfdisk --quiet --label dos "$image"
    dd if=fs of="$image" bs=1M seek=4 conv=notrunc,sparse status=none
    rm fs
    chown alice: "$image"
}

# A checksum over the content of all subvolumes: path, type, mode, owner, time and link target of each file, attributes, and all data.
btrfs_content() {
    mkdir -p mnt
    mount -o "loop,ro,offset=$partition_offset,subvolid=5" "$1" mnt
    (cd mnt && find . -mindepth 1 -printf '%P %y %m %U:%G %T@ %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 cksum
        python3 -c 'import os; print(os.getxattr("@home", "user.seen"))'; btrfs subvolume list . | sed 's/ gen [0-9]*//'
        btrfs subvolume get-default .) | cksum
    umount mnt
}

in_superblock() { # IMAGE FIELD
    btrfs inspect-internal dump-super part | awk -v field="$1" '$1 == field { print $2 }'
}

# assert_sound_btrfs FSID: the filesystem is consistent and fills its partition, all copies of the superblock agree, and the filesystem ID
# and the device ID are unchanged.
assert_sound_btrfs() {
    tail --bytes "+$((partition_offset + 1))" "$image" >part
    btrfs check --readonly --check-data-csum part >said 2>&1 || fail "$(cat said)"
    assert_eq "$(in_superblock num_devices) $(in_superblock dev_item.devid) $(in_superblock fsid)" "1 1 $1"
    assert_eq "$(stat --format %s part)" "$(in_superblock total_bytes)" "total_bytes"
    assert_eq "$(stat --format %s part)" "$(in_superblock dev_item.total_bytes)" "dev_item.total_bytes"
    assert_eq "$(($(stat --format %s part) / 512))" "$(sfdisk --dump "$image" | sed -n 's/.*size= *\([0-9]*\),.*/\1/p')" "sectors"
    btrfs inspect-internal dump-super --all part >said
    assert_eq 1 "$(grep ^generation said | sort -u | wc -l)" "generations in the copies of the superblock"
    rm part
}

fsid_of() {
    dd if="$image" of=part bs=1M skip=4 count=1 status=none
    in_superblock fsid
    rm part
}

assert_unchanged() {
    assert_eq "$sum" "$(sum_of "$image")" "the image"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_btrfs_shrinks_to_little_more_than_its_files() {
    local image content fsid size inode
    btrfs_image pi.img 2048
    content=$(btrfs_content "$image")
    fsid=$(fsid_of)
    as_user alice piimagesctl --quiet shrink --margin=16M "$image"
    size=$(stat --format %s "$image")
    (( size < 400 << 20 )) || fail "it still has $size bytes"
    assert_eq "alice" "$(stat --format %U "$image")"
    assert_sound_btrfs "$fsid"
    assert_eq "$content" "$(btrfs_content "$image")" "the files"
    # It cannot be shrunk further, so the file is not replaced.
    inode=$(stat --format %i "$image")
    as_user alice piimagesctl --quiet shrink --margin=16M "$image"
    assert_eq "$inode $size" "$(stat --format '%i %s' "$image")" "inode and size"
    # It can be grown again. The first device is resized, as by the system on its first boot.
    as_user alice piimagesctl --quiet grow "$image" 1G
    assert_sound_btrfs "$fsid"
    mount -o "loop,offset=$partition_offset" "$image" mnt
    btrfs filesystem resize max mnt >/dev/null
    head --bytes 200M /dev/urandom >mnt/more
    rm mnt/more
    umount mnt
    assert_eq "$content" "$(btrfs_content "$image")" "the files"
}

test_the_margin_is_added_to_the_smallest_size_of_btrfs() {
    local image content least said sum
    btrfs_image pi.img 1536 --metadata single
    content=$(btrfs_content "$image")
    sum=$(sum_of "$image")
    said=$(as_user alice piimagesctl --quiet --bytes shrink --dry-run --margin=16M "$image")
    assert_unchanged
    cp --sparse=always --preserve=ownership "$image" other.img
    as_user alice piimagesctl --quiet shrink --margin=16M "$image"
    least=$(stat --format %s "$image")
    assert_contains "$said" "$least"
    mv other.img "$image"
    as_user alice piimagesctl --quiet shrink --margin=336M "$image"
    assert_eq "$((least + (320 << 20)))" "$(stat --format %s "$image")"
    assert_eq "$content" "$(btrfs_content "$image")" "the files"
    # The margin is larger than the free space: the image remains unchanged.
    as_user alice piimagesctl --quiet shrink --margin=1T "$image"
    assert_eq "$((least + (320 << 20)))" "$(stat --format %s "$image")"
}

test_btrfs_that_the_kernel_cannot_shrink_further_remains_unchanged() {
    local image sum
    btrfs_image pi.img 240
    sum=$(sum_of "$image")
    as_user alice piimagesctl --quiet shrink --margin=0 "$image"
    assert_unchanged
}

test_btrfs_of_several_devices_is_refused() {
    local image sum other
    btrfs_image pi.img 512
    mount -o "loop,offset=$partition_offset" "$image" mnt
    truncate --size 512M second
    other=$(losetup --find --show second)
    btrfs device add --nodiscard "$other" mnt
    umount mnt
    losetup --detach "$other"
    sum=$(sum_of "$image")
    assert_fails_with 1 'btrfs filesystem of partition 1 consists of 2 devices' -- as_user alice piimagesctl --quiet shrink "$image"
    assert_unchanged
}

test_damaged_btrfs_is_refused() {
    local image sum at
    btrfs_image pi.img 1024
    dd if="$image" of=part bs=1M skip=4 status=none
    for at in $(btrfs-map-logical -l "$(in_superblock root)" part | sed -n 's/.*physical \([0-9]*\).*/\1/p'); do
        printf 'damaged' | dd of="$image" bs=1 seek="$((partition_offset + at + 200))" conv=notrunc status=none
    done
    rm part
    sum=$(sum_of "$image")
    assert_fails_with 1 'btrfs filesystem of partition 1 has errors, so it is not resized; btrfs check:' -- \
        as_user alice piimagesctl --quiet shrink "$image"
    assert_unchanged
}

test_btrfs_is_not_shrunk_while_a_copy_of_the_image_is_mounted() {
    local image sum
    btrfs_image pi.img 1024
    sum=$(sum_of "$image")
    cp --sparse=always "$image" other.img
    mount -o "loop,offset=$partition_offset" other.img mnt
    assert_fails_with 1 'another copy of the image is mounted|File exists' -- run_job alice ShrinkImage sa{sv} "$image" 0
    assert_unchanged
    umount mnt
    as_user alice piimagesctl --quiet shrink "$image"
}

test_a_shrink_of_btrfs_that_is_killed_at_some_steps_leaves_the_image_unchanged() {
    local image content sum at fsid
    btrfs_image pi.img 512
    content=$(btrfs_content "$image")
    fsid=$(fsid_of)
    sum=$(sum_of "$image")
    # Every fifth step, because there are many. care-shrink.sh tests those of the copy; this test includes those of the devices (ioctl).
    for ((at = 1; at < 99; at += 5)); do
        kill_at "$at" "$changing_calls,ioctl" run_job alice ShrinkImage sa{sv} "$image" 0 || break
        daemon_pid >/dev/null
        assert_unchanged
    done
    (( $(grep -c daemon killed) >= 3 )) || fail "too few instants: $(cat killed)"
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_btrfs "$fsid"
    assert_eq "$content" "$(btrfs_content "$image")" "the files"
}

test_shrinking_btrfs_without_enough_free_space_is_refused() {
    local image sum
    btrfs_image pi.img 1024
    mkdir small
    # Space for the image and its copy, but for less than twice the remaining files.
    mount -t tmpfs -o "size=$(($(du --block-size 1M "$image" | cut -f 1) * 2 + 30))M,mode=777" none small
    cp --sparse=always --preserve=ownership "$image" small/pi.img
    image=$PWD/small/pi.img
    sum=$(sum_of "$image")
    assert_fails_with 1 'bytes left, but shrinking btrfs writes about' -- as_user alice piimagesctl --quiet shrink "$image"
    assert_unchanged
    umount small
}
