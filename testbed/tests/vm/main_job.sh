# The main job on a stock machine after a cold boot: no module that PiImages needs has been loaded yet. One flow, because each call costs
# seconds here, and because only the first mount finds the machine so.
# shellcheck shell=bash
time_limit=120

loaded() { grep -q "^$1 " /proc/modules; }

# Has to be the first test that the machine runs.
test_a_tiny_image_is_mounted_and_run_after_a_cold_boot() {
    local image where
    assert_eq running "$(systemctl is-system-running)"
    ! loaded loop || fail "the kernel has loaded loop already: this is no cold boot"
    image=$(user_image alice armhf)
    where=$(mount_image alice "$image")
    assert_eq vfat "$(findmnt --noheadings --output FSTYPE "$where/boot/firmware")"
    assert_contains "$(as_user alice cat "$where/boot/firmware/cmdline.txt")" root=PARTUUID=7069696d-02
    as_user alice sh -c 'echo dtparam=spi=on >>"$1/boot/firmware/config.txt"; umask 077; echo x >"$1/root/new"' sh "$where"
    assert_eq $'armv7l\ndtparam=spi=on' "$(run_in alice "$image" sh -c 'uname -m; tail -n 1 /boot/firmware/config.txt')"
    assert_fails_with 7 '' -- run_in alice "$image" sh -c 'exit 7'
    umount_image alice "$image"
    assert_eq 0:0 "$(owner_in_image "$image" /root/new)"
    assert_contains "$(mtype -i "$image@@4M" ::config.txt)" dtparam=spi=on
}

test_an_arm64_image_runs() {
    assert_eq aarch64 "$(run_in alice "$(user_image alice arm64)" uname -m)"
}

test_an_image_is_grown_checked_packed_and_unpacked() {
    local image
    image=$(user_image alice armhf)
    as_user alice piimagesctl grow "$image" 256M
    as_user alice piimagesctl check "$image"
    e2fsck -f -n "$image?offset=$root_offset" >said 2>&1 || fail "$(cat said)"
    as_user alice piimagesctl pack "$image" "$image.xz"
    as_user alice piimagesctl unpack "$image.xz" "$image.again"
    assert_eq "$(checksum_in_image "$image" /etc)" "$(checksum_in_image "$image.again" /etc)"
}
