# Machines leave nothing behind within two seconds, however they end; and commands with many processes or much data.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=90

# start NAME COMMAND...: runs the command as alice, in a new copy of an image; sets image, and runner to the PID of the client.
start() {
    local name=$1
    shift
    image=$(user_image alice armhf --boot-fs ext4)
    as_user alice piimagesctl run --name="$name" "$image" -- "$@" &
    runner=$!
    wait_until 15 systemctl is-active "piimages-$name.service"
}

nothing_left_of() { ! machinectl show "$1" && ! losetup --list | grep -q "$WORK" && ! grep -q "machines/$1" /proc/self/mountinfo; }

# assert_ended NAME STATUS: the client exits with that status, and within two seconds nothing is left.
assert_ended() {
    local status=0
    wait "$runner" || status=$?
    assert_eq "$2" "$status"
    wait_until 2 nothing_left_of "$1"
}

test_a_machine_that_exits_by_itself_leaves_nothing() {
    start itself sh -c 'sleep 1; exit 3'
    assert_ended itself 3
}

test_machinectl_terminate_leaves_nothing() {
    # machined sends a single signal to systemd-nspawn, and version 257 loses it if it arrives before the command runs.
    start terminated sh -c 'echo up; exec sleep 1000' >terminated.out
    wait_until 10 grep -q up terminated.out
    machinectl terminate terminated
    assert_ended terminated 143
}

# Once, and not also in the machine's directory: PID 1 creates a unit for each mount, and each machine's mount namespace starts as a copy of
# all mounts.
test_files_of_the_host_are_mounted_once_for_a_machine() {
    start once sh -c 'echo up; exec sleep 1000' >once.out
    wait_until 10 grep -q up once.out
    assert_eq /run/piimages/machines/once/root/run/piimages/init "$(cut -d ' ' -f 5 /proc/self/mountinfo | grep /run/piimages/init)"
    assert_eq '' "$(cut -d ' ' -f 5 /proc/self/mountinfo | grep /machines/once/memory-run/ || true)" "mounts in the machine's directory"
    machinectl terminate once
    assert_ended once 143
}

# systemd-nspawn 262 loses systemd's signal if it arrives before the command runs.
test_systemctl_stop_leaves_nothing() {
    start stopped sh -c 'echo up; exec sleep 1000' >stopped.out
    wait_until 10 grep -q up stopped.out
    systemctl stop piimages-stopped.service
    assert_ended stopped 143
}

# systemd reports a cancelled start as failed immediately, but systemd-nspawn may need ten seconds to stop.
test_a_cancelled_start_leaves_nothing_when_the_call_returns() {
    local turn image
    image=$(user_image alice armhf --boot-fs ext4)
    for turn in 1 2 3 4 5 6; do
        as_user alice piimagesctl run --name="soon$turn" "$image" -- sleep 1000 &
        runner=$!
        until [[ $(systemctl show --property=ActiveState --value "piimages-soon$turn.service") == activating ]]; do :; done
        sleep "0.0$((turn * 2 % 10))"
        systemctl --no-block stop "piimages-soon$turn.service"
        wait "$runner" || true
        assert_eq not-found "$(systemctl show --property=LoadState --value "piimages-soon$turn.service")"
        wait_until 1 nothing_left_of "soon$turn"
    done
}

# systemd-nspawn 257 reports a machine as ready before its command runs, and until then no signal reaches the command.
test_a_signal_immediately_after_the_start_is_not_lost() {
    local turn before image
    image=$(user_image alice armhf --boot-fs ext4)
    for turn in 1 2 3; do
        before=$SECONDS
        as_user alice piimagesctl run --name="early$turn" "$image" -- sleep 1000 &
        runner=$!
        until systemctl is-active --quiet "piimages-early$turn.service"; do :; done
        busctl --quiet call org.example.PiImages "/org/example/PiImages/machine/early$turn" org.example.PiImages.Machine Terminate
        assert_ended "early$turn" 143
        (( SECONDS - before < 10 )) || fail "it took $((SECONDS - before)) s"
    done
}

test_killing_nspawn_leaves_nothing() {
    start killed sleep 1000
    kill -KILL "$(systemctl show --property MainPID --value piimages-killed.service)"
    assert_ended killed 137
}

test_a_machine_that_outlives_the_daemon_leaves_nothing() {
    start orphan sleep 1000
    kill_daemon
    assert_contains "$(piimagesctl machines --no-legend)" orphan
    assert_eq "u $(id -u alice)" "$(busctl get-property org.example.PiImages /org/example/PiImages/machine/orphan \
        org.example.PiImages.Machine Owner)"
    systemctl stop piimagesd.service
    machinectl terminate orphan
    wait_until 2 nothing_left_of orphan
    # The client waits for its machine, whichever daemon is running.
    wait "$runner" || true
}

test_a_process_that_ignores_sigterm_is_killed_eventually() {
    local before=$SECONDS
    start stubborn sh -c 'trap "" TERM INT HUP; while :; do sleep 1; done'
    systemctl stop piimages-stubborn.service
    (( SECONDS - before < 25 )) || fail "it took $((SECONDS - before)) s"
    wait "$runner" || true
    wait_until 2 nothing_left_of stubborn
}

child_count_is() { (( $(pgrep --count --full 'sleep 4321$' || true) == $1 )); }

test_a_hundred_children_end_with_their_parent() {
    start parent sh -c 'for i in $(seq 100); do sleep 4321 & done; sleep 10'
    wait_until 60 child_count_is 100
    assert_ended parent 0
    child_count_is 0
}

# Pseudorandom data, which does not repeat and is cheap to generate.
print_a_gigabyte() { head --bytes 1G /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:piimages -md sha256 2>/dev/null; }

test_a_gigabyte_is_passed_through_unchanged() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    assert_eq "$(print_a_gigabyte | md5sum)" "$(print_a_gigabyte | as_user alice piimagesctl run "$image" -- cat | md5sum)"
}

test_binary_standard_input_is_passed_through_unchanged() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    head --bytes 20M /dev/urandom >bytes
    as_user alice piimagesctl run "$image" -- cat <bytes >back
    cmp bytes back
}
