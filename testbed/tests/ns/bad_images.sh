# Files that are not images, and damaged images: the error is clear and names the file, and nothing is left behind.
# shellcheck shell=bash

# assert_bad ERROR REGEX IMAGE: mounting and running fail with this error, and leave no loop device.
assert_bad() {
    local before
    before=$(bed_loops_in_use)
    assert_refused "$1" "${3##*/}.*$2" -- as_user alice "$client" mount "$3"
    assert_refused "$1" "${3##*/}.*$2" -- as_user alice "$client" run "$3" -- true
    assert_eq "$before" "$(bed_loops_in_use)" "loop devices"
}

# alices_file SIZE: creates a file of alice's that consists of a hole; prints its path.
alices_file() {
    local file
    ensure_user alice
    file=$(mktemp --suffix=.img "$WORK/file.XXXXXX")
    truncate --size "$1" "$file"
    chown alice: "$file"
    echo "$file"
}

# patch IMAGE OFFSET BYTES: overwrites bytes in the image.
patch() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

test_an_empty_file_is_not_an_image() {
    assert_bad InvalidImage 'empty' "$(alices_file 0)"
}

test_zeros_are_not_an_image() {
    assert_bad InvalidImage '' "$(alices_file 64M)"
}

test_text_is_not_an_image() {
    local file
    file=$(alices_file 0)
    seq 100000 >"$file"
    assert_bad InvalidImage '' "$file"
}

test_a_packed_image_is_recognized() {
    local file
    file=$(alices_file 0)
    head -c 1M /dev/zero | gzip >"$file"
    assert_bad InvalidImage 'gzip|compressed' "$file"
}

test_virtual_disks_and_iso_images_are_recognized() {
    local file
    file=$(pi_image alice)
    qemu-img convert -f raw -O qcow2 "$file" "$file.new"
    mv "$file.new" "$file"
    chown alice: "$file"
    assert_bad InvalidImage 'qcow2.*qemu-img convert -O raw' "$file"
    file=$(alices_file 4M)
    patch "$file" $((0x8000)) '\1CD001'
    assert_bad InvalidImage 'ISO 9660' "$file"
    patch "$file" 446 '\x80\0\0\0\x17\0\0\0\0\0\0\0\0\x10\0\0'
    patch "$file" 510 '\x55\xaa'
    assert_bad InvalidImage 'ISO 9660' "$file"
}

test_an_image_truncated_within_its_partition_table_is_refused() {
    local image size
    for size in 1 100 511; do
        image=$(pi_image alice)
        truncate --size "$size" "$image"
        assert_bad InvalidImage '' "$image"
    done
}

test_an_image_truncated_within_its_boot_partition_is_refused() {
    local image
    image=$(pi_image alice)
    truncate --size 10M "$image"
    assert_bad InvalidImage 'truncated|cut|end|past|beyond' "$image"
}

test_an_image_truncated_within_its_root_is_refused() {
    local image
    image=$(pi_image alice)
    truncate --size 30M "$image"
    assert_bad InvalidImage 'truncated|cut|end|past|beyond' "$image"
}

test_a_filesystem_larger_than_its_partition_is_refused() {
    local image
    image=$(pi_image alice)
    sfdisk --quiet --part-type "$image" 2 83
    echo "start=20MiB, size=16MiB" | sfdisk --quiet --no-reread -N 2 "$image"
    assert_bad InvalidImage '' "$image"
}

test_overlapping_partitions_are_refused() {
    local image
    image=$(pi_image alice)
    # The root's first sector becomes 20480, in the middle of the boot partition.
    patch "$image" $((446 + 16 + 8)) '\x00\x50\x00\x00'
    assert_bad InvalidImage 'overlap' "$image"
}

test_a_partition_far_outside_of_the_file_is_refused() {
    local image
    image=$(pi_image alice)
    patch "$image" $((446 + 16 + 8)) '\xff\xff\xff\xff\xff\xff\xff\xff'
    assert_bad InvalidImage '' "$image"
}

test_an_image_without_a_linux_partition_is_refused() {
    local image
    image=$(pi_image alice)
    sfdisk --quiet --delete "$image" 2
    dd if=/dev/zero of="$image" bs=1M seek=4 count=16 conv=notrunc status=none
    assert_bad InvalidImage '' "$image"
}

test_an_image_whose_root_has_no_known_filesystem_is_refused() {
    local image
    image=$(user_image alice armhf --no-boot)
    dd if=/dev/urandom of="$image" bs=1M seek=4 count=1 conv=notrunc status=none
    assert_bad InvalidImage '' "$image"
}

test_a_damaged_filesystem_is_refused() {
    local image
    image=$(pi_image alice)
    # The superblock remains, the group descriptors after it are overwritten.
    dd if=/dev/urandom of="$image" bs=1024 seek=$((20 * 1024 + 2)) count=64 conv=notrunc status=none
    assert_bad '[A-Za-z]*' '' "$image"
}

test_a_loop_of_extended_partitions_is_refused() {
    local image
    image=$(pi_image alice)
    printf 'label: dos\nstart=4MiB, size=16MiB, type=c\nstart=20MiB, size=32MiB, type=5\n' | sfdisk --quiet "$image"
    # An extended boot record, in sector 40960, that links to itself: the link is 0.
    patch "$image" $((20 * 1024 * 1024 + 446)) '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x08\0\0'
    patch "$image" $((20 * 1024 * 1024 + 462)) '\0\0\0\0\x05\0\0\0\0\0\0\0\0\x08\0\0'
    patch "$image" $((20 * 1024 * 1024 + 510)) '\x55\xaa'
    assert_refused InvalidImage '' -- as_user alice timeout 20 "$client" mount "$image"
}

# If the kernel supports FAT, the same image is mounted instead of skipping the test.
test_a_fat_boot_partition_without_kernel_support_is_refused_with_a_hint() {
    local image where
    image=$(user_image alice armhf)
    if grep -qw vfat /proc/filesystems; then
        mount_image alice "$image"
    else
        assert_refused Unsupported 'vfat.*no-boot' -- as_user alice "$client" mount "$image"
        assert_fails_with 1 '--no-boot' -- mount_image alice "$image"
        where=$(mount_image alice "$image" --no-boot)
        assert_contains "$(as_user alice cat "$where/etc/fstab")" vfat
    fi
    umount_image alice "$image"
}
