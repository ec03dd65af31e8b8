# Images made to harm: what they point to is looked for within them, and nobody waits for what never comes.
# shellcheck shell=bash

# Every mount, but those of the bed's own and of the product.
mounts_elsewhere() { awk '$5 !~ "^/run/" { print $5, $9, $10 }' /proc/1/mountinfo; }

# assert_harmless IMAGE: mounting it, or refusing it, touches no folder of the host, and is done within seconds.
assert_harmless() {
    local before status=0
    before=$(mounts_elsewhere)
    as_user alice timeout 20 "$client" mount "$1" >"$WORK/said" 2>&1 || status=$?
    assert_eq "$before" "$(mounts_elsewhere)" "mounts of the host"
    (( status == 0 || status == 1 )) || fail "status $status: $(cat "$WORK/said")"
    (( status )) || umount_image alice "$1"
    assert_eq '' "$(mounts_below "/run/piimages/mnt/$(id -u alice)")"
}

with_fstab() { # USER TEXT
    printf '%b\n' "$2" >"$WORK/fstab"
    pi_image "$1" armhf --fstab "$WORK/fstab"
}

test_a_boot_folder_that_is_a_link_to_the_host_is_looked_for_in_the_image() {
    local image target
    for target in /etc ../../../../etc /proc/1/root/etc; do
        image=$(pi_image alice armhf --boot-mountpoint /boot)
        put_into_image "$image" "rmdir /boot" "symlink /boot $target"
        assert_harmless "$image"
    done
}

test_an_fstab_with_dots_stays_in_the_image() {
    local target
    for target in /../../../etc /boot/../../../../etc ../../etc .. / //etc// '/etc/\0057..'; do
        assert_harmless "$(with_fstab alice "PARTUUID=7069696d-01 $target ext4 defaults 0 0")"
    done
}

test_an_fstab_cannot_name_devices_or_options_of_the_host() {
    assert_harmless "$(with_fstab alice '/dev/sda1 /boot ext4 defaults 0 0\n/etc/shadow /mnt none bind 0 0\nLABEL=x /mnt nfs suid,dev 0 0')"
}

test_an_fstab_of_10000_lines_and_noise_is_read() {
    seq -f 'PARTUUID=7069696d-01 /mnt/%g ext4 defaults 0 0' 10000 >"$WORK/long"
    assert_harmless "$(pi_image alice armhf --fstab "$WORK/long")"
    head -c 60000 /dev/urandom >"$WORK/noise"
    assert_harmless "$(pi_image alice armhf --fstab "$WORK/noise")"
}

test_an_os_release_that_is_no_file_keeps_nobody_waiting() {
    local image
    image=$(pi_image alice)
    put_into_image "$image" "rm /etc/fstab" "rm /etc/os-release" "mknod /etc/os-release p"
    assert_harmless "$image"
}

test_an_fstab_that_is_no_file_keeps_nobody_waiting() {
    local image kind
    for kind in "mknod /etc/fstab p" "mknod /etc/fstab c 1 5" "symlink /etc/fstab /etc/fstab" "mkdir /etc/fstab"; do
        image=$(pi_image alice)
        put_into_image "$image" "rm /etc/fstab" "$kind"
        assert_harmless "$image"
    done
}

test_a_shell_that_is_no_program_keeps_nobody_waiting() {
    local image kind status
    for kind in "mknod /bin/sh p" "mknod /bin/sh c 1 5" "symlink /bin/sh /bin/sh" "mkdir /bin/sh" \
        "symlink /bin/sh /proc/1/root/bin/sh"; do
        image=$(pi_image alice)
        put_into_image "$image" "rm /bin/sh" "$kind"
        assert_harmless "$image"
        status=0
        as_user alice timeout 20 "$client" run "$image" -- /bin/sh -c true >"$WORK/said" 2>&1 || status=$?
        assert_eq 1 "$status" "status with $kind ($(cat "$WORK/said"))"
        assert_matches "$(cat "$WORK/said")" '^(CommandNotExecutable|CommandNotFound|Unsupported): '
    done
}

test_a_program_with_a_cut_or_lying_header_is_refused() {
    local image size
    for size in 0 3 20 51; do
        image=$(pi_image alice)
        in_image "$image" "dump /bin/busybox $WORK/program"
        truncate --size "$size" "$WORK/program"
        put_into_image "$image" "rm /bin/busybox" "write $WORK/program /bin/busybox" "sif /bin/busybox mode 0100755"
        assert_fails_with 1 '^[A-Za-z]+: ' -- as_user alice timeout 20 "$client" run "$image" -- /bin/busybox true
    done
}

test_setuid_programs_and_devices_of_the_image_do_nothing_on_the_host() {
    local image where
    image=$(pi_image alice)
    put_into_image "$image" "sif /bin/busybox mode 0104755" "mknod /etc/null c 1 3" "sif /etc/null mode 020666"
    where=$(mount_image alice "$image")
    assert_eq "$(id -u alice)" "$(as_user alice "$where/bin/busybox" id -u)"
    assert_fails_with 2 'Permission denied' -- as_user alice sh -c 'echo >"$1/etc/null"' sh "$where"
    umount_image alice "$image"
}

test_a_preloaded_library_that_is_not_there_is_not_complained_about() {
    local image before
    image=$(user_image alice real --boot-fs ext4 --dangling-resolv-conf)
    before=$(sha256sum <"$image")
    assert_eq '' "$(run_in alice "$image" true 2>&1)"
    run_in alice "$image" cat /etc/ld.so.preload >"$WORK/seen"
    assert_eq '' "$(cat "$WORK/seen")"
    assert_contains "$(debugfs -R 'cat /etc/ld.so.preload' "$image?offset=$((260 << 20))" 2>/dev/null)" libarmmem
}
