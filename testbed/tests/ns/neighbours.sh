# Other services stop or hang: PiImages reports this, does not hang, and works again as soon as they work.
# shellcheck shell=bash

time_limit=120

works_for() { # USER IMAGE
    mount_image "$1" "$2" >/dev/null
    umount_image "$1" "$2"
    assert_eq armv7l "$(run_in "$1" "$2" uname -m)"
}

bus_is_back() { busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s org.freedesktop.systemd1 | grep -q true; }

# All clients are disconnected from the bus; systemd restarts the daemon, which finds the existing mounts and machines.
test_images_and_machines_survive_a_restart_of_dbus_daemon() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    start_machine alice "$(pi_image alice)" survivor sleep 300
    systemctl restart dbus.service
    wait "$runner" || true
    wait_until 20 bus_is_back
    wait_until 20 eval '[[ $(as_user alice piimagesctl list --no-legend) == *"$where"* ]]'
    assert_contains "$(as_user alice piimagesctl machines)" survivor
    as_user alice piimagesctl terminate survivor
    umount_image alice "$image"
    works_for alice "$image"
}

# systemd stops the daemon together with the bus, or stops restarting it if it repeatedly finds no bus; the next call starts it again.
test_the_daemon_works_again_after_the_bus_was_stopped() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    trap 'systemctl start dbus.socket dbus.service' EXIT
    systemctl stop dbus.socket dbus.service
    wait_until 20 eval '[[ $(daemon_pid) == 0 ]]'
    assert_contains "$(cat "$where/etc/fstab")" PARTUUID
    assert_fails_with 6 'message bus' -- timeout 20 piimagesctl list
    systemctl start dbus.socket dbus.service
    wait_until 20 bus_is_back
    wait_until 30 eval '[[ $(as_user alice piimagesctl list --no-legend) == *"$where"* ]]'
    umount_image alice "$image"
    works_for alice "$image"
}

test_without_polkit_users_get_an_error_and_root_is_served() {
    local image
    image=$(pi_image alice)
    systemctl mask --runtime --quiet --now polkit.service
    trap 'systemctl unmask --runtime --quiet polkit.service' EXIT
    assert_refused NotAuthorized 'polkit does not respond' -- as_user alice timeout 40 "$client" mount "$image"
    timeout 20 "$client" unmount "$("$client" mount "$image")"
    systemctl unmask --runtime --quiet polkit.service
    works_for alice "$image"
}

# polkit is running but does not answer. A caller that permits no dialog must not wait forever.
test_a_hung_polkit_is_reported() {
    local image
    image=$(pi_image alice)
    works_for alice "$image"
    polkitd=$(systemctl show polkit.service --property MainPID --value)
    trap 'kill -CONT "$polkitd"' EXIT
    kill -STOP "$polkitd"
    assert_refused NotAuthorized 'polkit does not respond' -- as_user alice timeout 60 "$client" mount "$image"
    kill -CONT "$polkitd"
    works_for alice "$image"
}

test_machines_survive_a_restart_of_machined() {
    start_machine alice "$(pi_image alice)" survivor sleep 300
    systemctl restart systemd-machined.service
    machine_runs survivor
    as_user alice piimagesctl terminate survivor
    wait "$runner" || true
    wait_until 15 machine_is_gone survivor
}

test_without_machined_a_run_fails_and_mounts_work() {
    local image
    image=$(pi_image alice)
    systemctl mask --runtime --quiet --now systemd-machined.service
    trap 'systemctl unmask --runtime --quiet systemd-machined.service' EXIT
    assert_fails_with 125 'Failed to register machine(: .*masked| in system context: Connection reset by peer)' -- as_user alice timeout 60 piimagesctl run "$image" -- true
    mount_image alice "$image" >/dev/null
    umount_image alice "$image"
    systemctl unmask --runtime --quiet systemd-machined.service
    works_for alice "$image"
}

# systemd serializes its state, re-executes itself and connects to the bus again.
test_daemon_reexec_loses_neither_machines_nor_their_ends() {
    local image
    image=$(pi_image alice)
    start_machine alice "$image" kept sleep 300
    systemctl daemon-reexec
    assert_contains "$(as_user alice piimagesctl machines)" kept
    machinectl terminate kept
    timeout 30 tail --pid "$runner" --follow /dev/null
    wait "$runner" || true
    wait_until 15 machine_is_gone kept
    works_for alice "$image"
}

test_a_machine_that_ends_during_daemon_reexec_is_cleaned_up() {
    local image pause
    image=$(pi_image alice)
    for pause in 0 0.02 0.05 0.1 0.15 0.2; do
        start_machine alice "$image" ending sleep 300
        machinectl terminate ending
        sleep "$pause"
        systemctl daemon-reexec
        timeout 30 tail --pid "$runner" --follow /dev/null
        wait "$runner" || true
        wait_until 15 machine_is_gone ending
    done
    works_for alice "$image"
}

test_a_machine_that_starts_during_daemon_reexec_starts_or_fails() {
    local image pause
    image=$(pi_image alice)
    for pause in 0 0.05 0.1 0.15 0.2 0.3; do
        as_user alice timeout 60 "$client" run "$image" -- true >"$WORK/out" 2>&1 </dev/null &
        sleep 0.1
        sleep "$pause"
        systemctl daemon-reexec
        wait $! || assert_matches "$(cat "$WORK/out")" '^Failed: '
        wait_until 15 eval '[[ -z $(loops_over "$image") ]]'
    done
    works_for alice "$image"
}

# With flag F, the kernel keeps the emulator that was installed at the time of the registration.
test_an_emulator_that_is_uninstalled_while_registered_still_runs() {
    local image emulator
    image=$(pi_image alice)
    emulator=$(emulator arm)
    # In the overlay of the bed, the restored emulator is another file.
    may_change "$emulator"
    # shellcheck disable=SC2064  # expanded now, because the variable is unset when the trap runs
    trap "mv '$emulator.moved' '$emulator'" EXIT
    start_machine alice "$image" running sleep 300
    mv "$emulator" "$emulator.moved"
    assert_eq armv7l "$(as_user alice "$client" run "$image" -- uname -m)"
    as_user alice piimagesctl terminate running
    wait "$runner" || true
}

test_a_mount_that_is_unmounted_manually_is_no_longer_listed() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    umount --recursive "$where"
    assert_eq '' "$(as_user alice piimagesctl list --no-legend)"
    assert_refused NotMounted '' -- as_user alice "$client" unmount "$image"
    assert_eq '' "$(find /run/piimages/images /run/piimages/mnt -mindepth 1)"
    works_for alice "$image"
}

test_after_a_manual_lazy_unmount_the_device_in_use_is_reported() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    as_user alice tail --follow "$where/etc/fstab" >/dev/null 2>&1 &
    wait_until 10 pgrep --uid "$(id -u alice)" tail
    umount --lazy "$where"
    assert_refused Busy '/dev/loop' -- as_user alice "$client" mount "$image"
    kill "$(pgrep --uid "$(id -u alice)" tail)"
    wait || true
    wait_until 10 eval '[[ -z $(loops_over "$image") ]]'
    works_for alice "$image"
}

test_a_loop_device_that_is_detached_manually_works_while_mounted() {
    local image where loop
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    for loop in $(loops_over "$image"); do losetup --detach "$loop" || true; done
    assert_contains "$(as_user alice cat "$where/etc/fstab")" PARTUUID
    as_user alice sh -c 'echo kept >"$1/root/kept" && sync "$1/root/kept"' sh "$where"
    assert_eq kept "$(as_user alice "$client" run "$image" -- cat /root/kept)"
    umount_image alice "$image"
    assert_eq '' "$(loops_over "$image")"
    works_for alice "$image"
}

test_a_deleted_image_file_can_be_used_and_unmounted() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    mv "$image" "$image.moved"
    cp --sparse=always "$image.moved" "$image"
    chown alice: "$image"
    rm "$image.moved"
    # Another file with that name is another image.
    works_for alice "$image"
    rm "$image"
    assert_contains "$(as_user alice cat "$where/etc/fstab")" PARTUUID
    kill_daemon
    assert_contains "$(as_user alice piimagesctl list --no-legend)" "$where"
    # By its old name, which only the daemon knows.
    umount_image alice "$image"
    assert_fails_with 3 'No such file or directory' -- umount_image alice "$image"
}

test_a_truncated_image_file_causes_errors_and_can_be_unmounted() {
    local image where
    image=$(pi_image alice)
    cp --sparse=always "$image" whole
    where=$(mount_image alice "$image")
    truncate --size 22M "$image"
    echo 3 >/proc/sys/vm/drop_caches || true
    as_user alice timeout 30 sh -c 'tar --create "$1" >/dev/null; echo more >"$1/root/more"; sync "$1/root/more"' sh "$where" >/dev/null 2>&1 || true
    as_user alice timeout 60 "$client" run "$image" -- true </dev/null >"$WORK/out" 2>&1 || cat "$WORK/out"
    as_user alice timeout 60 piimagesctl umount "$image"
    assert_refused InvalidImage 'ends? |beyond|truncated|cut' -- as_user alice "$client" mount "$image"
    cat whole >"$image"
    works_for alice "$image"
}

test_a_full_run_directory_is_reported_and_leaves_nothing_behind() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$(pi_image alice)")
    size=$(findmnt --noheadings --bytes --output SIZE /run)
    trap 'rm -f /run/filler; mount -o "remount,size=$size" /run' EXIT
    mount -o "remount,size=$(($(findmnt --noheadings --bytes --output USED /run) + 65536))" /run
    head -c 1M /dev/zero >/run/filler 2>/dev/null || true
    assert_refused NoSpace '/run' -- as_user alice timeout 60 "$client" mount "$image"
    assert_refused NoSpace '/run' -- as_user alice timeout 60 "$client" run "$image" -- true
    assert_eq '' "$(loops_over "$image")"
    # Unmounting, which frees space, still works.
    as_user alice piimagesctl umount "$where"
    rm /run/filler
    mount -o "remount,size=$size" /run
    works_for alice "$image"
}

test_a_full_disk_stops_a_grow_and_the_image_is_unchanged() {
    local image full=$WORK/full before
    image=$(pi_image alice)
    mkdir "$full"
    mount -t tmpfs -o size=60M,mode=1777 tmpfs "$full"
    cp --sparse=always "$image" "$full/a.img"
    chown alice: "$full/a.img"
    before=$(sum_of "$full/a.img")
    head -c 60M /dev/zero >"$full/filler" 2>/dev/null || true
    assert_fails_with 1 'space|room' -- as_user alice timeout 60 piimagesctl --quiet grow "$full/a.img" +1G
    assert_eq "$before" "$(sum_of "$full/a.img")"
    rm "$full/filler"
    as_user alice piimagesctl --quiet grow "$full/a.img" +1G
    umount "$full"
}
