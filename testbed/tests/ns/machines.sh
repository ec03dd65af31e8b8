# A running command is a machine: machinectl lists it, it is confined, it has its own UIDs, and it is cleaned up however it ends.
# shellcheck shell=bash

time_limit=90

# await_end NAME: waits until the machine that start_machine started and its client have ended; sets "status" to the client's exit status.
await_end() {
    status=0
    wait "$runner" || status=$?
    wait_until 15 machine_is_gone "$1"
}

test_machinectl_lists_a_machine_while_it_runs() {
    start_machine alice "$(pi_image alice)" listed sleep 300
    assert_matches "$(machinectl --no-legend --no-pager list)" 'listed +container +systemd-nspawn'
    assert_contains "$(machinectl --no-pager status listed)" "Unit: piimages-listed.service"
    assert_eq machine.slice "$(systemctl show piimages-listed.service --property Slice --value)"
    assert_contains "$(cat "/proc/$(machinectl show listed --property Leader --value)/cgroup")" machine.slice
    machinectl terminate listed
    await_end listed
}

test_root_in_the_machine_is_unprivileged_on_the_host() {
    local leader map
    start_machine alice "$(pi_image alice)" mapped sleep 300
    leader=$(machinectl show mapped --property Leader --value)
    read -r -a map <"/proc/$leader/uid_map"
    assert_eq 0 "${map[0]}" "first uid within"
    (( map[1] >= 65536 && map[2] == 65536 )) || fail "mapped to ${map[*]}"
    assert_eq "${map[1]}" "$(stat --format %u "/proc/$leader")" "uid of the leader on the host"
    machinectl terminate mapped
    await_end mapped
}

test_files_of_the_machines_root_belong_to_root_in_the_image() {
    local image
    image=$(pi_image alice)
    run_in alice "$image" sh -c 'touch /root/made /boot/firmware/made; chown 1000:1000 /home/pi/new 2>/dev/null
        touch /home/pi/new; chown 1000:1000 /home/pi/new'
    assert_eq 0:0 "$(owner_in_image "$image" /root/made)"
    assert_eq 1000:1000 "$(owner_in_image "$image" /home/pi/new)"
}

test_a_machine_cannot_see_or_signal_the_host() {
    local image
    image=$(pi_image alice)
    # The command and the machine's first process.
    assert_eq 2 "$(run_in alice "$image" sh -c 'set -- /proc/[0-9]*; echo $#')" "processes within"
    assert_fails_with 1 '' -- run_in alice "$image" sh -c 'echo x >/proc/sysrq-trigger'
    assert_fails_with 1 '' -- run_in alice "$image" mknod /root/disk b 254 0
}

test_machinectl_terminate_ends_the_machine() {
    start_machine alice "$(pi_image alice)" ending sleep 300
    machinectl terminate ending
    await_end ending
    (( status > 128 )) || fail "status $status: $(cat "$WORK/ending.err")"
}

test_stopping_the_unit_ends_the_machine() {
    start_machine alice "$(pi_image alice)" ending sleep 300
    systemctl stop piimages-ending.service
    await_end ending
    (( status > 128 )) || fail "status $status: $(cat "$WORK/ending.err")"
}

test_killing_nspawn_ends_the_machine() {
    start_machine alice "$(pi_image alice)" ending sleep 300
    kill -KILL "$(systemctl show piimages-ending.service --property MainPID --value)"
    await_end ending
    (( status == 137 )) || fail "status $status: $(cat "$WORK/ending.err")"
}

test_piimagesctl_terminate_ends_the_machine_like_a_signal() {
    start_machine alice "$(pi_image alice)" ending sleep 300
    as_user alice piimagesctl terminate ending
    await_end ending
    assert_matches "$status" '^(143|137)$'
    assert_eq '' "$(cat "$WORK/ending.err")" "what was said"
}

test_a_signal_reaches_the_command() {
    start_machine alice "$(pi_image alice)" trapping sh -c 'trap "echo caught; exit 9" USR1; echo ready; while :; do sleep 0.1; done'
    wait_until 10 grep --quiet ready "$WORK/trapping.out"
    as_user alice busctl call org.example.PiImages /org/example/PiImages/machine/trapping org.example.PiImages.Machine Kill i 10
    await_end trapping
    assert_eq 9 "$status" "exit status"
    assert_eq caught "$(tail --lines=1 "$WORK/trapping.out")"
}

# The client is a process of another user; a signal to the subshell that started it would not reach it.
client_pids() { pgrep --full --uid "$(id -u alice)" "$1"; }

test_killing_the_client_ends_the_machine() {
    local pid
    start_machine alice "$(pi_image alice)" orphan sleep 300
    for pid in $(client_pids "client run .*name=orphan"); do kill -KILL "$pid"; done
    await_end orphan
}

test_ctrl_c_ends_the_command_with_status_130() {
    local image status=0
    image=$(pi_image alice)
    as_user alice timeout --signal INT --foreground 5 piimagesctl run --name interrupted "$image" -- sleep 300 || status=$?
    assert_matches "$status" '^(130|124)$'
    wait_until 15 machine_is_gone interrupted
}

test_a_closed_terminal_ends_the_command() {
    local image
    image=$(pi_image alice)
    # script(1) holds the terminal; it is closed when script is killed.
    as_user alice script --quiet --command "piimagesctl run --name hungup '$image' -- sleep 300" /dev/null </dev/null >/dev/null 2>&1 &
    wait_until 20 machine_runs hungup
    kill -KILL "$(client_pids 'script --quiet' | head -n1)"
    wait_until 15 machine_is_gone hungup
    wait
}

test_a_command_that_ignores_sigterm_is_killed() {
    start_machine alice "$(pi_image alice)" stubborn sh -c 'trap "" TERM; while :; do sleep 1; done'
    as_user alice piimagesctl terminate stubborn
    await_end stubborn
}

test_background_processes_end_with_the_command() {
    local image
    image=$(pi_image alice)
    run_in alice "$image" sh -c 'sleep 300 >/dev/null 2>&1 & echo started'
    assert_eq '' "$(losetup --noheadings --associated "$image")"
}

test_several_machines_run_in_one_mounted_image() {
    local image first
    image=$(pi_image alice)
    mount_image alice "$image"
    start_machine alice "$image" one sleep 300
    first=$runner
    start_machine alice "$image" two sleep 300
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    assert_refused Busy 'one.*two|two.*one' -- as_user alice "$client" unmount "$image"
    machinectl terminate two
    await_end two
    runner=$first
    machinectl terminate one
    await_end one
    umount_image alice "$image"
}
