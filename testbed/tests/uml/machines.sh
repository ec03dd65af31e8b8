# Machines with a FAT boot partition: FAT supports neither owners nor links.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=600

# Prints a file directly from the partition, which starts at 4 MiB.
print_from_fat_partition() { mtype -i "$1@@4M" "::$2"; }

test_a_kernel_package_writes_to_the_fat_partition() {
    local image
    image=$(user_image alice real)
    kernel_package /boot/firmware
    as_user alice piimagesctl run --bind-ro "$WORK/kernel.deb:/run/kernel.deb" "$image" -- dpkg -i /run/kernel.deb >/dev/null
    assert_eq "a kernel" "$(print_from_fat_partition "$image" kernel7.img)"
}

test_the_fat_partition_belongs_to_the_root_of_a_booted_machine() {
    local image
    image=$(user_image alice real)
    as_user alice piimagesctl boot --name=pi "$image" >/dev/null
    assert_eq running "$(state_of_machine pi)"
    assert_eq 'root root vfat' "$(as_user alice piimagesctl shell pi sh -c 'echo from the machine >/boot/firmware/seen.txt
        echo $(stat -c "%U %G" /boot/firmware/seen.txt) $(stat -f -c %T /boot/firmware | sed s/msdos/vfat/)')"
    as_user alice piimagesctl terminate pi
    assert_eq "from the machine" "$(print_from_fat_partition "$image" seen.txt)"
    # On the host, the file belongs to the user who mounted the image.
    where=$(mount_image alice "$image")
    assert_eq "$(id -u alice)" "$(as_user alice stat --format %u "$where/boot/firmware/seen.txt")"
    umount_image alice "$image"
}
