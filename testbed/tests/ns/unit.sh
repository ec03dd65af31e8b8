# The daemon's unit: as restricted as the daemon's work permits.
# shellcheck shell=bash

daemon_pid() {
    busctl call org.example.PiImages /org/example/PiImages org.freedesktop.DBus.Peer Ping >/dev/null
    systemctl show --property MainPID --value piimagesd
}

test_the_daemon_is_started_by_a_call() {
    systemctl stop piimagesd
    assert_eq inactive "$(systemctl is-active piimagesd)"
    daemon_pid >/dev/null
    assert_eq active "$(systemctl is-active piimagesd)"
}

test_the_daemon_runs_in_the_hosts_mount_namespace() {
    assert_eq "$(readlink /proc/1/ns/mnt)" "$(readlink "/proc/$(daemon_pid)/ns/mnt")" "mount namespace"
}

test_the_daemon_has_no_access_to_the_network() {
    local pid
    pid=$(daemon_pid)
    [[ $(readlink /proc/1/ns/net) != "$(readlink "/proc/$pid/ns/net")" ]] || fail "it is in the host's network"
}

# The exposure level of systemd-machined is 6.2, that of udisks2 is 9.6.
test_the_unit_is_less_exposed_than_machined() {
    local exposure
    exposure=$(systemd-analyze security --no-pager piimagesd.service | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    awk -v ours="$exposure" 'BEGIN { exit !(ours != "" && ours <= 5.0) }' || fail "systemd-analyze security says ${exposure@Q}"
}

# A hostile image can make fsck use any amount of memory. If the kernel kills fsck, systemd must not stop the daemon with all its jobs.
test_an_oom_kill_of_a_tool_does_not_stop_the_daemon() {
    daemon_pid >/dev/null
    assert_eq continue "$(systemctl show --property OOMPolicy --value piimagesd)"
}

test_stopping_the_daemon_leaves_no_failed_unit() {
    daemon_pid >/dev/null
    systemctl stop piimagesd
    assert_eq inactive "$(systemctl is-active piimagesd)"
}
