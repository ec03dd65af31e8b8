# Random messages on the bus, from several users at once: the daemon survives, answers every call, leaks nothing, and reveals no secrets.
# shellcheck shell=bash
time_limit=300

calls=25000 # of each client

# The number of open descriptors, without those of user namespaces. The daemon keeps one of these for each UID range that machines used
# concurrently, for reuse; how many is random, because a machine of alice's may run at the same time as the doctor's.
descriptors() { find "/proc/$(daemon_pid)/fd" -mindepth 1 ! -lname 'user:*' | wc -l; }
user_namespaces() { find "/proc/$(daemon_pid)/fd" -mindepth 1 -lname 'user:*' | wc -l; }
no_more_descriptors_than() { (( $(descriptors) <= $1 )); }

unmount_all() {
    local object
    for object in $(busctl call "${manager[@]}" ListImages | { grep -o '/org/example/PiImages/image/[0-9_]*' || true; }); do
        "$client" unmount "$object"
    done
}

# fuzz_as KIND USER SEED CALLS CLIENTS FORBIDDEN...: starts tests/fuzz in the background, in a session of that kind; for the other
# arguments, see there.
fuzz_as() {
    (trap - ERR; as_user_in "$1" "$2" timeout 240 "$programs/fuzz" "$3" "$4" "$5" "${images[$2]}" "${@:6}" >"$WORK/fuzz-$3" 2>&1) &
    fuzzers[$3]=$!
}

limited() { { grep --no-filename --only-matching 'LimitExceeded:[0-9]*' "$WORK"/fuzz-* || true; } | awk -F: '{ sum += $2 } END { print sum + 0 }'; }

# Prints what the daemon is doing while a client is stuck, and fails.
stuck() { # CLIENT
    busctl call "${manager[@]}" ListJobs
    machinectl --no-legend list
    kill -QUIT "$(daemon_pid)"
    sleep 1
    journalctl --unit=piimagesd --lines=600 --output=cat | grep --after-context=15 '^"\(call\|news\)"' || true
    fail "client $1: $(tail -n 3 "$WORK/fuzz-$1")"
}

test_100000_calls_of_every_kind_are_answered_and_leave_nothing() {
    local pid before_descriptors seed kind
    local -A images fuzzers
    for seed in alice bob nobody; do images[$seed]=$(pi_image "$seed"); done
    "$client" run "${images[alice]}" -- true
    as_user alice "$client" mount "${images[alice]}"
    unmount_all
    pid=$(daemon_pid)
    before_descriptors=$(descriptors)
    fuzz_as active alice 1 "$calls" 1 "$WORK/bob" "$WORK/nobody"
    fuzz_as none bob 2 "$calls" 1 "$WORK/alice" "$WORK/nobody" "/run/piimages/mnt/$(id -u alice)"
    fuzz_as none nobody 3 "$calls" 2 "$WORK/alice" "$WORK/bob" "/run/piimages/mnt/$(id -u alice)"
    fuzz_as none nobody 4 "$calls" 2 "$WORK/alice" "$WORK/bob" "/run/piimages/mnt/$(id -u alice)"
    for seed in 1 2 3 4; do wait "${fuzzers[$seed]}" || stuck "$seed"; done
    # Each kind of answer must occur. Calls that exceed a limit prove little.
    for kind in answered InvalidArgs InvalidArgument UnknownMethod UnknownInterface NotFound; do
        assert_matches "$(cat "$WORK"/fuzz-*)" "$kind:[0-9]{3}"
    done
    (( $(limited) < calls * 4 / 10 )) || fail "$(limited) calls refused for want of room"
    cat "$WORK"/fuzz-*
    assert_eq "$pid" "$(daemon_pid)" "the daemon's process"
    wait_until 30 eval '[[ -z $(machinectl --no-legend list) ]]'
    unmount_all
    wait_until 10 no_more_descriptors_than "$before_descriptors"
    (( $(user_namespaces) <= 16 )) || fail "$(user_namespaces) user namespaces are kept"
    await_idle_threads
}
