# The main job on a stock machine after a cold boot, before any module that PiImages requires has been loaded. A few long tests, because
# each call takes seconds here, and because only the first mount finds the machine in this state.
# shellcheck shell=bash
time_limit=600

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# Prints what uname -m prints in an armhf image: on an ARM CPU that runs 32-bit programs, the name of this CPU; in qemu, the emulated one's.
armhf_machine() { if setarch linux32 true 2>/dev/null && [[ $(uname -m) == aarch64 ]]; then echo armv8l; else echo armv7l; fi; }

loaded() { grep -q "^$1 " /proc/modules; }

# Must be the first test that the machine runs.
test_a_tiny_image_is_mounted_and_run_after_a_cold_boot() {
    local image where
    assert_eq running "$(systemctl is-system-running)"
    # In Debian 12, systemd-repart.service loads the module at boot.
    ! loaded loop || [[ $(host_release) == bookworm ]] || fail "the kernel has loaded loop already: this is no cold boot"
    image=$(user_image alice armhf)
    where=$(mount_image alice "$image")
    assert_eq vfat "$(findmnt --noheadings --output FSTYPE "$where/boot/firmware")"
    assert_contains "$(as_user alice cat "$where/boot/firmware/cmdline.txt")" root=PARTUUID=7069696d-02
    as_user alice sh -c 'echo dtparam=spi=on >>"$1/boot/firmware/config.txt"; umask 077; echo x >"$1/root/new"' sh "$where"
    assert_eq "$(armhf_machine)"$'\ndtparam=spi=on' "$(run_in alice "$image" sh -c 'uname -m; tail -n 1 /boot/firmware/config.txt')"
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
    as_user alice piimagesctl shrink "$image"
    e2fsck -f -n "$image?offset=$root_offset" >said 2>&1 || fail "$(cat said)"
    as_user alice piimagesctl pack "$image" "$image.xz"
    as_user alice piimagesctl unpack "$image.xz" "$image.again"
    assert_eq "$(checksum_in_image "$image" /etc)" "$(checksum_in_image "$image.again" /etc)"
}

test_an_image_is_written_to_a_card() {
    local image said
    image=$(user_image alice armhf)
    card_of 200
    said=$(write_to_card "$image")
    assert_contains "$said" '"verified" b true'
    assert_sound_image "$card" "$(content_of "$image")"
    free_card
}

test_an_image_boots_and_is_powered_off() {
    local image
    image=$(user_image alice real)
    assert_eq pi "$(as_user alice piimagesctl boot --name=pi "$image")"
    assert_eq running "$(state_of_machine pi)" "the state of the machine's systemd"
    assert_eq "$(armhf_machine)" "$(as_user alice piimagesctl shell pi /bin/uname -m)"
    machinectl poweroff pi
    wait_until 120 machine_is_gone pi
}
