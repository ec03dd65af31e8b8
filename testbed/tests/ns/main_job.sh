# The main use of PiImages, by a user at the seat: mount, inspect, edit, run, unmount; and nothing is left behind.
# shellcheck shell=bash

test_a_user_mounts_an_image_and_sees_both_partitions() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    assert_eq "/run/piimages/mnt/$(id -u alice)/${image##*/}" "$where"
    assert_contains "$(as_user alice cat "$where/etc/fstab")" PARTUUID=7069696d-01
    assert_contains "$(as_user alice cat "$where/boot/firmware/cmdline.txt")" root=PARTUUID=7069696d-02
    assert_eq "$where"$'\n'"$where/boot/firmware" "$(mounts_below "$where")"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
}

test_unmounting_leaves_nothing() {
    local image
    image=$(pi_image alice)
    system_state >"$WORK/before"
    find /run/piimages -mindepth 2 | sort >"$WORK/files-before"
    mount_image alice "$image"
    umount_image alice "$image"
    assert_nothing_left "$WORK/before"
    # Other tests, which kill the daemon or unmount manually, may have left an empty directory.
    assert_eq '' "$(find /run/piimages -mindepth 2 | sort | comm -13 "$WORK/files-before" -)" "left in /run/piimages"
}

test_a_file_of_root_can_be_edited_and_still_belongs_to_root() {
    local image where
    image=$(pi_image alice)
    put_into_image "$image" "write /etc/hostname /etc/secret" "sif /etc/secret mode 0100600"
    where=$(mount_image alice "$image")
    as_user alice sh -c 'echo edited >>"$1/etc/secret"; echo new >"$1/root/new"; mkdir "$1/root/directory"' sh "$where"
    umount_image alice "$image"
    assert_contains "$(in_image "$image" "cat /etc/secret")" edited
    for path in /etc/secret /root/new /root/directory; do
        assert_eq 0:0 "$(owner_in_image "$image" "$path")" "owner of $path in the image"
    done
}

test_data_written_to_the_boot_partition_is_stored_in_the_image() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    as_user alice sh -c 'echo dtparam=spi=on >>"$1/boot/firmware/config.txt"' sh "$where"
    umount_image alice "$image"
    assert_contains "$(debugfs -R 'cat /config.txt' "$image?offset=$((4 << 20))" 2>/dev/null)" dtparam=spi=on
}

test_programs_of_a_32_bit_image_run_as_armv7l() {
    assert_eq armv7l "$(run_in alice "$(pi_image alice armhf)" uname -m)"
}

test_programs_of_a_64_bit_image_run_as_aarch64() {
    assert_eq aarch64 "$(run_in alice "$(pi_image alice arm64)" uname -m)"
}

test_files_of_a_command_in_a_mounted_image_are_visible_outside() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    run_in alice "$image" sh -c 'echo from within >/etc/made; ls /boot/firmware' >"$WORK/boot"
    assert_contains "$(cat "$WORK/boot")" cmdline.txt
    assert_eq "from within" "$(as_user alice cat "$where/etc/made")"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
    assert_eq 0:0 "$(owner_in_image "$image" /etc/made)"
}

test_an_image_that_is_run_is_not_mounted_afterwards() {
    local image
    image=$(pi_image alice)
    system_state >"$WORK/before"
    run_in alice "$image" true
    assert_nothing_left "$WORK/before"
    assert_contains "$(as_user alice piimagesctl list 2>&1)" "No image mounted"
}

test_a_command_runs_as_root_or_as_the_specified_user_of_the_image() {
    local image
    # The tiny image has no getent, which systemd-nspawn runs to look up a user.
    image=$(user_image alice real --boot-fs ext4 --dangling-resolv-conf)
    assert_eq 0 "$(run_in alice "$image" id -u)"
    assert_eq 1000 "$(as_user alice piimagesctl run --user pi "$image" -- id -u)"
}

test_the_caller_can_set_the_environment_and_the_directory() {
    assert_eq $'/usr/bin\nit is set' "$(as_user alice piimagesctl run -E "WORD=it is set" --directory /usr/bin \
        "$(pi_image alice)" -- sh -c 'pwd; echo "$WORD"')"
}

test_arguments_are_passed_unchanged() {
    local words=('$HOME' '%n' 'a b' "it's" '"quoted"' '' '\back' $'two\nlines' 'ümlaut')
    assert_eq "$(printf '[%s]' "${words[@]}")" \
        "$(run_in alice "$(pi_image alice)" sh -c 'printf "[%s]" "$@"' sh "${words[@]}")"
}
