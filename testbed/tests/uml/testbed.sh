# The test bed itself, with its own kernel: what ns cannot test, and that everything else behaves as in ns.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

test_systemd_is_up_and_nothing_failed() {
    assert_eq systemd "$(cat /proc/1/comm)"
    assert_eq running "$(systemctl is-system-running)"
}

test_a_user_at_the_seat_is_active_for_polkit() {
    assert_contains "$(as_user alice sh -c 'loginctl show-session self')" Active=yes
    as_user alice sh -c 'pkcheck --action-id org.freedesktop.login1.power-off --process $$'
}

# The kernel itself scans the partitions and mounts FAT; a file is written and read back.
test_the_real_image_mounts_with_its_fat_boot_partition_and_runs() {
    local loop
    loop=$(losetup --find --show --partscan "$(image real)")
    mkdir root
    mount "${loop}p2" root
    mount -t vfat "${loop}p1" root/boot/firmware
    assert_contains "$(cat root/boot/firmware/cmdline.txt)" root=PARTUUID=7069696d-02
    echo written >root/boot/firmware/written.txt
    umount root/boot/firmware
    mount -t vfat -o ro "${loop}p1" root/boot/firmware
    assert_eq written "$(cat root/boot/firmware/written.txt)"
    umount root/boot/firmware
    assert_eq armv7l "$(systemd-nspawn --quiet --pipe --directory "$WORK/root" --private-users=pick \
        --private-users-ownership=map uname -m 2>/dev/null </dev/null)"
    umount root
    losetup --detach "$loop"
}

test_java_runs() {
    java -Xshare:auto -XX:TieredStopAtLevel=1 -version
}
