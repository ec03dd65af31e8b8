# Images with layouts other than that of Raspberry Pi OS are mounted, with the boot partition at the correct mount point.
# shellcheck shell=bash

# assert_mounts IMAGE BOOT: the root is mounted, the boot partition is mounted at BOOT ("" for not at all), and a program of the image runs.
assert_mounts() {
    local image=$1 boot=$2 where
    where=$(mount_image alice "$image")
    as_user alice test -x "$where/bin/busybox" || fail "its root is not at $where"
    assert_eq "$where${boot:+$'\n'$where$boot}" "$(mounts_below "$where")" "mounts"
    [[ -z $boot ]] || as_user alice test -e "$where$boot/cmdline.txt" || fail "its boot partition is not at $boot"
    umount_image alice "$image"
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
}

# Makes an image with this partition table, in the format of sfdisk, and with the boot and root filesystems at these offsets.
image_with_table() { # USER BOOT_MIB ROOT_MIB TABLE
    local source image
    source=$(pi_image "$1" armhf --fstab-by label)
    image=$source.new
    truncate --size 80M "$image"
    printf 'label: dos\nlabel-id: 0x7069696d\n%b' "$4" | sfdisk --quiet "$image"
    dd if="$source" of="$image" bs=1M skip=4 seek="$2" count=16 conv=notrunc status=none
    dd if="$source" of="$image" bs=1M skip=20 seek="$3" count=32 conv=notrunc status=none
    chown "$1:" "$image"
    echo "$image"
}

test_an_image_with_a_gpt_is_mounted() {
    assert_mounts "$(pi_image alice armhf --gpt)" /boot/firmware
}

test_the_boot_partition_is_found_by_uuid_label_and_device() {
    local by
    for by in uuid label device; do
        assert_mounts "$(pi_image alice armhf --fstab-by "$by")" /boot/firmware
    done
}

test_the_boot_partition_of_older_releases_is_mounted_at_boot() {
    assert_mounts "$(pi_image alice armhf --boot-mountpoint /boot)" /boot
}

test_an_image_with_a_single_partition_is_mounted() {
    assert_mounts "$(user_image alice armhf --no-boot)" ''
}

test_roots_with_ext2_and_ext3_are_mounted() {
    assert_mounts "$(pi_image alice armhf --root-fs ext2)" /boot/firmware
    assert_mounts "$(pi_image alice armhf --root-fs ext3)" /boot/firmware
}

test_the_active_flag_of_a_partition_is_ignored() {
    local image
    image=$(pi_image alice)
    sfdisk --quiet --activate "$image" 2
    assert_mounts "$image" /boot/firmware
}

test_the_root_may_precede_the_boot_partition() {
    assert_mounts "$(image_with_table alice 40 4 'start=4MiB, size=32MiB, type=83\nstart=40MiB, size=16MiB, type=c\n')" /boot/firmware
}

test_a_swap_partition_may_precede_the_root() {
    local image
    image=$(image_with_table alice 4 40 'start=4MiB, size=16MiB, type=c\nstart=20MiB, size=8MiB, type=82\nstart=40MiB, size=32MiB, type=83\n')
    truncate --size 8M "$WORK/swap"
    mkswap --quiet "$WORK/swap"
    dd if="$WORK/swap" of="$image" bs=1M seek=20 conv=notrunc status=none
    assert_mounts "$image" /boot/firmware
}

test_the_root_may_be_a_logical_partition() {
    assert_mounts "$(image_with_table alice 4 22 \
        'start=4MiB, size=16MiB, type=c\nstart=20MiB, size=50MiB, type=5\nstart=22MiB, size=32MiB, type=83\n')" /boot/firmware
}

test_an_fstab_that_links_out_of_the_image_is_not_followed() {
    local image
    image=$(pi_image alice)
    echo "LABEL=bootfs /mnt ext4 defaults 0 0" >/etc/fstab-of-the-host
    put_into_image "$image" "rm /etc/fstab" "symlink /etc/fstab /../../etc/fstab-of-the-host"
    assert_mounts "$image" ''
    rm /etc/fstab-of-the-host
}

test_a_root_with_newer_features_of_ext4_is_mounted() {
    local image
    image=$(pi_image alice)
    tune2fs -O metadata_csum_seed "$image?offset=$root_offset" >/dev/null
    assert_mounts "$image" /boot/firmware
}

test_escape_codes_in_a_label_are_not_printed() {
    local image said
    image=$(pi_image alice)
    tune2fs -L $'\e[31mred' "$image?offset=$root_offset" >/dev/null
    mount_image alice "$image"
    said=$(as_user alice piimagesctl status "$image")
    assert_lacks "$said" $'\e'
    umount_image alice "$image"
}
