# Images with other layouts than Raspberry Pi OS can be mounted, too, with the boot partition at the correct mount point.
# shellcheck shell=bash

# assert_mounts IMAGE BOOT: the root, and the boot partition there ("" for nowhere); and a program of it runs.
assert_mounts() {
    local image=$1 boot=$2 where
    where=$(mount_image alice "$image")
    as_user alice test -x "$where/bin/busybox" || fail "its root is not at $where"
    assert_eq "$where${boot:+$'\n'$where$boot}" "$(mounts_below "$where")" "mounts"
    [[ -z $boot ]] || as_user alice test -e "$where$boot/cmdline.txt" || fail "its boot partition is not at $boot"
    umount_image alice "$image"
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
}

# A new image with this table (sfdisk's words) in which the boot and the root partition lie at BOOT_MIB and ROOT_MIB.
laid_out() { # USER BOOT_MIB ROOT_MIB TABLE
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

test_a_gpt_mounts() {
    assert_mounts "$(pi_image alice armhf --gpt)" /boot/firmware
}

test_the_boot_partition_is_found_by_uuid_label_and_device() {
    local by
    for by in uuid label device; do
        assert_mounts "$(pi_image alice armhf --fstab-by "$by")" /boot/firmware
    done
}

test_the_boot_partition_of_older_releases_goes_to_boot() {
    assert_mounts "$(pi_image alice armhf --boot-mountpoint /boot)" /boot
}

test_one_partition_alone_mounts() {
    assert_mounts "$(user_image alice armhf --no-boot)" ''
}

test_roots_of_ext2_and_ext3_mount() {
    assert_mounts "$(pi_image alice armhf --root-fs ext2)" /boot/firmware
    assert_mounts "$(pi_image alice armhf --root-fs ext3)" /boot/firmware
}

test_an_active_flag_changes_nothing() {
    local image
    image=$(pi_image alice)
    sfdisk --quiet --activate "$image" 2
    assert_mounts "$image" /boot/firmware
}

test_the_root_may_come_first() {
    assert_mounts "$(laid_out alice 40 4 'start=4MiB, size=32MiB, type=83\nstart=40MiB, size=16MiB, type=c\n')" /boot/firmware
}

test_a_swap_partition_may_lie_between() {
    local image
    image=$(laid_out alice 4 40 'start=4MiB, size=16MiB, type=c\nstart=20MiB, size=8MiB, type=82\nstart=40MiB, size=32MiB, type=83\n')
    truncate --size 8M "$WORK/swap"
    mkswap --quiet "$WORK/swap"
    dd if="$WORK/swap" of="$image" bs=1M seek=20 conv=notrunc status=none
    assert_mounts "$image" /boot/firmware
}

test_the_root_may_be_a_logical_partition() {
    assert_mounts "$(laid_out alice 4 22 \
        'start=4MiB, size=16MiB, type=c\nstart=20MiB, size=50MiB, type=5\nstart=22MiB, size=32MiB, type=83\n')" /boot/firmware
}

test_an_fstab_that_leads_out_of_the_image_does_not_lead_out() {
    local image
    image=$(pi_image alice)
    echo "LABEL=bootfs /mnt ext4 defaults 0 0" >/etc/fstab-of-the-host
    put_into_image "$image" "rm /etc/fstab" "symlink /etc/fstab /../../etc/fstab-of-the-host"
    assert_mounts "$image" ''
    rm /etc/fstab-of-the-host
}

test_newer_features_of_the_filesystem_mount() {
    local image
    image=$(pi_image alice)
    tune2fs -O metadata_csum_seed "$image?offset=$root_offset" >/dev/null
    assert_mounts "$image" /boot/firmware
}

test_a_label_with_escape_codes_does_not_reach_the_terminal() {
    local image said
    image=$(pi_image alice)
    tune2fs -L $'\e[31mred' "$image?offset=$root_offset" >/dev/null
    mount_image alice "$image"
    said=$(as_user alice piimagesctl status "$image")
    assert_lacks "$said" $'\e'
    umount_image alice "$image"
}
