# Machines end cleanly within a second, whoever ends them; and commands that are demanding to run.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=90

# start NAME COMMAND...: as alice, in a fresh image; sets image and runner.
start() {
    local name=$1
    shift
    image=$(user_image alice armhf --boot-fs ext4)
    as_user alice piimagesctl run --name="$name" "$image" -- "$@" &
    runner=$!
    wait_until 15 systemctl is-active "piimages-$name.service"
}

clean() { ! machinectl show "$1" && ! losetup --list | grep -q "$WORK" && ! grep -q "machines/$1" /proc/self/mountinfo; }

# ended NAME STATUS: the caller got that status, and a second later nothing is left.
ended() {
    local status=0
    wait "$runner" || status=$?
    assert_eq "$2" "$status"
    wait_until 2 clean "$1"
}

test_a_machine_that_ends_by_itself_is_clean() {
    start itself sh -c 'sleep 1; exit 3'
    ended itself 3
}

test_machinectl_terminate_ends_clean() {
    # machined sends its one signal to systemd-nspawn, and 257 loses it if it comes before the command runs.
    start terminated sh -c 'echo up; exec sleep 1000' >terminated.out
    wait_until 10 grep -q up terminated.out
    machinectl terminate terminated
    ended terminated 143
}

# Once, and not in the machine's directory as well: PID 1 makes a unit of each mount, and each machine's namespace begins with a copy of
# all.
test_what_a_machine_sees_of_the_host_is_mounted_once() {
    start once sh -c 'echo up; exec sleep 1000' >once.out
    wait_until 10 grep -q up once.out
    assert_eq /run/piimages/machines/once/root/run/piimages/init "$(cut -d ' ' -f 5 /proc/self/mountinfo | grep /run/piimages/init)"
    assert_eq '' "$(cut -d ' ' -f 5 /proc/self/mountinfo | grep /machines/once/memory-run/ || true)" "mounts in the machine's directory"
    machinectl terminate once
    ended once 143
}

# So does 262 with that of systemd.
test_systemctl_stop_ends_clean() {
    start stopped sh -c 'echo up; exec sleep 1000' >stopped.out
    wait_until 10 grep -q up stopped.out
    systemctl stop piimages-stopped.service
    ended stopped 143
}

# A start that is cancelled fails at once for systemd, while systemd-nspawn may take ten seconds to stop.
test_a_start_that_is_cancelled_leaves_nothing_when_it_returns() {
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
        wait_until 1 clean "soon$turn"
    done
}

# systemd-nspawn 257 says that a machine is ready before the command runs in it, which no signal reaches until then.
test_a_signal_right_after_the_start_is_not_lost() {
    local turn before image
    image=$(user_image alice armhf --boot-fs ext4)
    for turn in 1 2 3; do
        before=$SECONDS
        as_user alice piimagesctl run --name="early$turn" "$image" -- sleep 1000 &
        runner=$!
        until systemctl is-active --quiet "piimages-early$turn.service"; do :; done
        busctl --quiet call org.example.PiImages "/org/example/PiImages/machine/early$turn" org.example.PiImages.Machine Terminate
        ended "early$turn" 143
        (( SECONDS - before < 10 )) || fail "it took $((SECONDS - before)) s"
    done
}

test_nspawn_killed_ends_clean() {
    start killed sleep 1000
    kill -KILL "$(systemctl show --property MainPID --value piimages-killed.service)"
    ended killed 137
}

test_a_machine_that_outlived_the_daemon_is_clean_when_it_ends() {
    start orphan sleep 1000
    kill_daemon
    assert_contains "$(piimagesctl machines --no-legend)" orphan
    assert_eq "u $(id -u alice)" "$(busctl get-property org.example.PiImages /org/example/PiImages/machine/orphan \
        org.example.PiImages.Machine Owner)"
    systemctl stop piimagesd.service
    machinectl terminate orphan
    wait_until 2 clean orphan
    # It waits for its machine, by whichever daemon there is.
    wait "$runner" || true
}

test_a_process_that_ignores_sigterm_is_killed_in_the_end() {
    local before=$SECONDS
    start stubborn sh -c 'trap "" TERM INT HUP; while :; do sleep 1; done'
    systemctl stop piimages-stubborn.service
    (( SECONDS - before < 25 )) || fail "it took $((SECONDS - before)) s"
    wait "$runner" || true
    wait_until 2 clean stubborn
}

children() { (( $(pgrep --count --full 'sleep 4321$' || true) == $1 )); }

test_a_hundred_children_end_with_their_parent() {
    start parent sh -c 'for i in $(seq 100); do sleep 4321 & done; sleep 10'
    wait_until 60 children 100
    ended parent 0
    children 0
}

# Pseudorandom data, which does not repeat and is cheap to generate.
a_gigabyte() { head --bytes 1G /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:piimages -md sha256 2>/dev/null; }

test_a_gigabyte_comes_through_unchanged() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    assert_eq "$(a_gigabyte | md5sum)" "$(a_gigabyte | as_user alice piimagesctl run "$image" -- cat | md5sum)"
}

test_binary_standard_input_comes_through_unchanged() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    head --bytes 20M /dev/urandom >bytes
    as_user alice piimagesctl run "$image" -- cat <bytes >back
    cmp bytes back
}
