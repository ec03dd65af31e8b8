# The unit: as tight as its work allows, and no tighter.
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

test_the_daemon_mounts_where_everybody_sees_it() {
    assert_eq "$(readlink /proc/1/ns/mnt)" "$(readlink "/proc/$(daemon_pid)/ns/mnt")" "mount namespace"
}

test_the_daemon_has_no_network_but_the_bus() {
    local pid
    pid=$(daemon_pid)
    [[ $(readlink /proc/1/ns/net) != "$(readlink "/proc/$pid/ns/net")" ]] || fail "it is in the host's network"
}

# systemd-machined's figure is 6.2, that of udisks2 is 9.6.
test_the_unit_is_less_exposed_than_machined() {
    local exposure
    exposure=$(systemd-analyze security --no-pager piimagesd.service | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    awk -v ours="$exposure" 'BEGIN { exit !(ours != "" && ours <= 5.0) }' || fail "systemd-analyze security says ${exposure@Q}"
}

# The image is hostile, and fsck takes as much as it says: the kernel ends fsck then, and systemd must not end everybody's jobs.
test_a_tool_that_the_kernel_ends_for_its_memory_is_not_the_daemons_end() {
    daemon_pid >/dev/null
    assert_eq continue "$(systemctl show --property OOMPolicy --value piimagesd)"
}

test_stopping_the_daemon_leaves_no_failed_unit() {
    daemon_pid >/dev/null
    systemctl stop piimagesd
    assert_eq inactive "$(systemctl is-active piimagesd)"
}
