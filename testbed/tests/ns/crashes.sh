# The daemon is killed at different moments: images stay mounted, machines keep running, and the next call finds all of them.
# shellcheck shell=bash

time_limit=120

# Kills the daemon, and prevents it from being started again.
kill_and_mask_daemon() {
    systemctl mask --runtime --quiet piimagesd.service
    kill_daemon
}

unmask_daemon() { systemctl unmask --runtime --quiet piimagesd.service; }

test_the_next_daemon_finds_a_mounted_image() {
    local image where object
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    object=$(as_user alice "$client" get "$image")
    kill_daemon
    assert_contains "$(as_user alice cat "$where/etc/fstab")" PARTUUID
    assert_eq "$object" "$(as_user alice "$client" mount "$image")"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    assert_refused Busy '' -- env "$client" mount "$image"
    umount_image alice "$image"
}

test_a_stopped_daemon_leaves_images_mounted() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    systemctl restart piimagesd.service
    assert_eq 2 "$(mounts_below "$where" | wc -l)" "mounts"
    umount_image alice "$image"
}

test_the_next_daemon_finds_a_running_machine() {
    start_machine alice "$(pi_image alice)" survivor sleep 300
    kill_daemon
    wait "$runner" || true
    assert_contains "$(as_user alice piimagesctl machines)" survivor
    machine_runs survivor
    as_user alice piimagesctl terminate survivor
    wait_until 15 machine_is_gone survivor
}

test_a_machine_that_ends_without_a_daemon_is_cleaned_up() {
    local image
    image=$(pi_image alice)
    system_state >"$WORK/before"
    start_machine alice "$image" lonely sleep 300
    kill_and_mask_daemon
    wait "$runner" || true
    machinectl terminate lonely
    wait_until 15 machine_is_gone lonely
    assert_nothing_left "$WORK/before"
    unmask_daemon
    assert_lacks "$(as_user alice piimagesctl machines 2>&1)" lonely
    # The daemon answers before it has reported everything that ended in the meantime.
    wait_until 10 eval '[[ -z $(ls /run/piimages/machines) ]]'
}

test_an_image_that_is_unmounted_by_hand_without_a_daemon_is_forgotten() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    kill_and_mask_daemon
    umount --recursive "$where"
    unmask_daemon
    assert_refused NotMounted '' -- as_user alice "$client" get "$image"
    mount_image alice "$image"
    umount_image alice "$image"
}

test_an_image_whose_boot_partition_was_unmounted_by_hand_can_be_unmounted() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    umount "$where/boot/firmware"
    umount_image alice "$image"
}

test_the_next_daemon_removes_a_mount_point_without_a_record() {
    ensure_user alice
    kill_and_mask_daemon
    mkdir --parents "/run/piimages/mnt/$(id -u alice)/half"
    unmask_daemon
    as_user alice piimagesctl --quiet list
    test ! -e "/run/piimages/mnt/$(id -u alice)"
}

# The daemon is killed at a different moment each time; the next one undoes or completes what it had begun.
test_a_daemon_that_is_killed_while_it_mounts_leaves_nothing() {
    local image delay
    image=$(pi_image alice)
    system_state >"$WORK/before"
    for delay in 0 0.005 0.01 0.02 0.03 0.05 0.08 0.12; do
        as_user alice piimagesctl --quiet list >/dev/null
        as_user alice "$client" mount "$image" >/dev/null 2>&1 &
        sleep 0.15
        sleep "$delay"
        kill_daemon
        wait $! || true
        as_user alice "$client" mount "$image" >/dev/null
        umount_image alice "$image"
        assert_nothing_left "$WORK/before"
    done
}

test_a_daemon_that_is_killed_while_it_unmounts_leaves_nothing() {
    local image delay
    image=$(pi_image alice)
    system_state >"$WORK/before"
    for delay in 0 0.01 0.02 0.04; do
        as_user alice "$client" mount "$image" >/dev/null
        as_user alice "$client" unmount "$image" >/dev/null 2>&1 &
        sleep 0.12
        sleep "$delay"
        kill_daemon
        wait $! || true
        as_user alice "$client" unmount "$image" 2>/dev/null || true
        assert_nothing_left "$WORK/before"
    done
}

test_a_caller_that_is_killed_during_a_call_leaves_nothing() {
    local image delay
    image=$(pi_image alice)
    system_state >"$WORK/before"
    for delay in 0.1 0.15 0.2 0.3 0.4; do
        as_user alice timeout --signal KILL "$delay" "$client" run "$image" name=left -- sleep 300 </dev/null >/dev/null 2>&1 || true
        # SIGTERM may arrive before the machine's first process handles it; SIGKILL follows after ten seconds.
        wait_until 20 eval '[[ -z $(pgrep --full "client run") ]] && machine_is_gone left'
        assert_nothing_left "$WORK/before"
    done
}

# When systemd reloads, it announces the removal of every unit, and serializes the transient ones to read them again.
test_a_reload_of_systemd_terminates_no_machine() {
    local image
    image=$(pi_image alice)
    start_machine alice "$image" reloaded sleep 300
    systemctl daemon-reload
    systemctl is-active --quiet piimages-reloaded.service || fail "the machine ended"
    assert_contains "$(as_user alice piimagesctl machines)" reloaded
    assert_contains "$(systemctl show --property ExecStopPost piimages-reloaded.service)" machine-ended
    machinectl terminate reloaded
    wait "$runner" || true
    wait_until 15 machine_is_gone reloaded
}
