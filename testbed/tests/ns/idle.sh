# The daemon exits when it is idle and is started again by the next call; systemd kills a daemon that hangs.
# shellcheck shell=bash

time_limit=120

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

# daemon_with SECONDS WATCHDOG: restarts the daemon with this idle timeout and this watchdog interval.
daemon_with() {
    mkdir -p /run/systemd/system/piimagesd.service.d
    # No limit on how often it starts.
    printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nWatchdogSec=%s\n' "$2" >/run/systemd/system/piimagesd.service.d/idle.conf
    sed --in-place "s/^-Dpiimages.idle=.*/-Dpiimages.idle=$1/" /usr/share/piimages/piimagesd.options
    systemctl daemon-reload
    systemctl restart piimagesd.service
}

restore_installed_daemon() {
    sed --in-place 's/^-Dpiimages.idle=.*/-Dpiimages.idle=300/' /usr/share/piimages/piimagesd.options
    rm -r /run/systemd/system/piimagesd.service.d
    systemctl daemon-reload
    systemctl restart piimagesd.service
}

daemon_has_exited() { [[ $(daemon_pid) == 0 && $(systemctl is-active piimagesd.service) == inactive ]]; }

test_an_idle_daemon_exits_and_the_next_one_has_the_same_objects() {
    local image where object
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    object=$(as_user alice "$client" get "$image")
    daemon_with 1 60
    wait_until 20 daemon_has_exited
    assert_contains "$(as_user alice cat "$where/etc/fstab")" PARTUUID
    assert_eq "$object" "$(as_user alice "$client" get "$image")"
    restore_installed_daemon
    umount_image alice "$image"
}

test_the_daemon_does_not_exit_while_a_machine_runs() {
    local image pid
    image=$(pi_image alice)
    daemon_with 1 60
    start_machine alice "$image" staying sleep 300
    pid=$(daemon_pid)
    sleep 4
    assert_eq "$pid" "$(daemon_pid)"
    as_user alice piimagesctl terminate staying
    wait "$runner" || true
    wait_until 20 daemon_has_exited
    restore_installed_daemon
}

# Calls in every phase of the exit: the daemon checks ten times a second whether it is idle.
test_a_call_that_arrives_while_the_daemon_exits_is_answered() {
    local pause seen=() pid
    daemon_with 1 60
    for pause in 1.{00..27..3} 1.{01..28..3}; do
        busctl call org.example.PiImages /org/example/PiImages org.freedesktop.DBus.Peer Ping
        pid=$(daemon_pid)
        [[ " ${seen[*]} " == *" $pid "* ]] || seen+=("$pid")
        sleep "$pause"
    done
    restore_installed_daemon
    (( ${#seen[@]} > 3 )) || fail "it left only ${#seen[@]} times"
}

# The daemon has notified systemd that it is stopping, and is paused before it releases its name; then a long command arrives.
test_a_command_that_arrives_while_the_daemon_exits_prevents_the_exit() {
    local image pid
    image=$(pi_image alice)
    as_user alice true
    daemon_with 1 60
    start_daemon_with_faults
    echo "1 PAUSE IdleExit.call:call 1" >"$fault_directory/plan"
    pid=$(daemon_pid)
    wait_until 20 test -e "$fault_directory/fired"
    start_machine alice "$image" late sleep 300
    assert_contains "$(as_user alice timeout 20 piimagesctl machines)" late
    assert_eq "$pid" "$(daemon_pid)"
    as_user alice piimagesctl terminate late
    wait "$runner" || true
    wait_until 20 daemon_has_exited
    restore_installed_daemon
}

test_a_stuck_daemon_is_replaced() {
    local image where pid
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    daemon_with 300 2
    pid=$(daemon_pid)
    # The daemon works, so the watchdog does not kill it.
    sleep 4
    assert_eq "$pid" "$(daemon_pid)"
    kill -STOP "$pid"
    wait_until 20 another_daemon_than "$pid"
    assert_contains "$(as_user alice piimagesctl list --no-legend)" "$where"
    restore_installed_daemon
    umount_image alice "$image"
}

another_daemon_than() { [[ $(daemon_pid) != "$1" && $(daemon_pid) != 0 ]]; }

# As on a slow computer, or after a cold boot: the bus gives up after 25 seconds.
test_a_command_waits_for_a_slow_start_longer_than_the_bus_does() {
    trap 'rm -rf /run/systemd/system/piimagesd.service.d; systemctl daemon-reload' EXIT
    systemctl stop piimagesd
    mkdir -p /run/systemd/system/piimagesd.service.d
    printf '[Service]\nExecStartPre=/bin/sleep 28\n' >/run/systemd/system/piimagesd.service.d/slow.conf
    systemctl daemon-reload
    assert_contains "$(as_user alice piimagesctl list)" 'No image mounted'
}
