# The main job on images with a FAT boot partition, as they are published. One test for each image, because each call takes seconds here;
# everything that does not require FAT is tested in ns.
# shellcheck shell=bash

time_limit=60

filesystem_at() { findmnt --noheadings --output FSTYPE "$1"; }

test_a_tiny_image_with_a_fat_boot_partition_mounts_and_runs() {
    local image where
    image=$(user_image alice armhf)
    where=$(mount_image alice "$image")
    assert_eq vfat "$(filesystem_at "$where/boot/firmware")"
    assert_contains "$(as_user alice cat "$where/boot/firmware/cmdline.txt")" root=PARTUUID=7069696d-02
    as_user alice sh -c 'echo dtparam=spi=on >>"$1/boot/firmware/config.txt"; umask 077; echo x >"$1/root/new"' sh "$where"
    assert_fails_with 1 'Permission denied' -- as_user bob cat "$where/boot/firmware/config.txt"
    assert_contains "$(as_user alice "$client" run "$image" -- sh -c 'uname -m; tail -n1 /boot/firmware/config.txt; touch /boot/firmware/made')" \
        $'armv7l\ndtparam=spi=on'
    as_user alice test -e "$where/boot/firmware/made"
    as_user alice "$client" unmount "$image"
    assert_eq 0:0 "$(owner_in_image "$image" /root/new)"
    assert_contains "$(mtype -i "$image@@4M" ::config.txt)" dtparam=spi=on
}

test_a_read_only_mount_does_not_change_the_fat_partition() {
    local image where before
    image=$(user_image alice arm64)
    before=$(sum_of "$image")
    where=$(as_user alice "$client" mount "$image" read-only)
    where=/run/piimages/mnt/$(id -u alice)/${image##*/}
    as_user alice cat "$where/boot/firmware/config.txt" >/dev/null
    assert_fails_with 1 'Read-only' -- as_user alice touch "$where/boot/firmware/new"
    as_user alice "$client" unmount "$image"
    assert_eq "$before" "$(sum_of "$image")" "checksum"
}

test_without_an_fstab_the_release_determines_the_boot_mount_point() {
    local image where object
    image=$(user_image alice armhf)
    put_into_image "$image" "rm /etc/fstab"
    object=$(as_user alice "$client" mount "$image")
    where=/run/piimages/mnt/$(id -u alice)/${image##*/}
    assert_eq 's "os-release"' "$(busctl get-property org.example.PiImages "$object" org.example.PiImages.Image BootRule)"
    assert_eq vfat "$(filesystem_at "$where/boot/firmware")"
    as_user alice "$client" unmount "$image"
}

test_a_real_system_mounts_and_runs() {
    local image where
    image=$(user_image alice real)
    where=$(mount_image alice "$image")
    assert_eq vfat "$(filesystem_at "$where/boot/firmware")"
    as_user alice test -s "$where/boot/firmware/start4.elf"
    assert_eq $'armv7l\nroot\npi' "$(as_user alice "$client" run "$image" -- \
        sh -c 'uname -m; stat -c %U /etc/shadow; stat -c %U /home/pi')"
    assert_fails_with 7 '' -- as_user alice piimagesctl run "$image" -- sh -c 'exit 7'
    umount_image alice "$image"
}
