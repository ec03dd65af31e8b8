# A path that a user passes to the daemon gives access only to what the user can access, and calls that fail leave no descriptor open.
# shellcheck shell=bash
time_limit=200

# shellcheck source=testbed/tests/product.sh
. "$testbed/tests/product.sh"

times=100

descriptors() { find "/proc/$(daemon_pid)/fd" -mindepth 1 2>/dev/null | wc -l; }

has_no_more_descriptors_than() { (( $(descriptors) <= $1 )); }

# failing_calls_leave_no_descriptor VERB ARGUMENT...: a hundred failing calls of alice's leave no descriptor in the daemon. Two calls before
# these open what remains open. See tests/failing.
failing_calls_leave_no_descriptor() {
    local before
    as_user alice "$testbed/tests/failing" "$1" 2 "${@:2}"
    before=$(descriptors)
    as_user alice "$testbed/tests/failing" "$1" "$times" "${@:2}"
    wait_until 10 has_no_more_descriptors_than "$before"
}

test_no_path_leads_through_descriptors_of_the_daemon() {
    local image packing private=$WORK/private
    image=$(pi_image alice)
    # A world-writable directory, in a place that only root can access. The daemon has it open while root packs into it.
    install -d -m 700 "$private"
    install -d -m 777 "$private/open"
    mv "$(image armhf --boot-fs ext4)" "$private/b.img"
    (while [[ ! -e $private/stop ]]; do
        piimagesctl pack "$private/b.img" "$private/open/p.xz"
        rm -f "$private/open/p.xz"
    done) >/dev/null &
    packing=$!
    as_user alice "$testbed/tests/failing" descend 8 "$image"
    touch "$private/stop"
    wait "$packing"
    assert_eq '' "$(find "$private" /run/piimages -name stolen)" "files made through the daemon's descriptors"
}

test_paths_below_proc_are_refused() {
    local path image
    image=$(pi_image alice)
    for path in /proc/self/maps /proc/self/status /proc/thread-self/status /proc/cpuinfo "/proc/$(daemon_pid)/maps"; do
        assert_fails_with 1 'AccessDenied: .*below /proc' -- as_user alice "$client" mount "$path"
        assert_fails_with 125 'below /proc' -- as_user alice piimagesctl run --bind-ro "$path:/run/x" "$image" -- true
    done
    # A link of the user's own does not circumvent this.
    as_user alice ln -s /proc/self/status "$WORK/alice/link"
    assert_fails_with 1 'AccessDenied: .*below /proc' -- as_user alice "$client" mount "$WORK/alice/link"
}

test_targets_that_cannot_be_created_leave_no_descriptor() {
    local image
    image=$(pi_image alice)
    failing_calls_leave_no_descriptor copy "$image" "$WORK/alice/$(printf 'x%.0s' {1..300})"
    # Any user may list the directory, but only root may enter it.
    install -d -m 644 "$WORK/closed"
    failing_calls_leave_no_descriptor copy "$image" "$WORK/closed/copy.img"
    failing_calls_leave_no_descriptor copy "$image" "$WORK/alice/no/directory/copy.img"
    failing_calls_leave_no_descriptor copy "$image" /proc/self/fd/9/copy.img
}

test_a_filesystem_that_refuses_every_request_leaves_no_descriptor() {
    local server
    ensure_user alice
    mkdir "$WORK/refusing"
    "$testbed/tests/refusing-fuse" "$WORK/refusing" &
    server=$!
    wait_until 10 grep -q " $WORK/refusing " /proc/self/mountinfo
    failing_calls_leave_no_descriptor mount "$WORK/refusing"
    umount "$WORK/refusing"
    wait "$server"
}

test_cancelled_checks_leave_no_descriptor_of_a_nameless_file() {
    local image
    image=$(user_image alice armhf)
    failing_calls_leave_no_descriptor cancel "$image"
}

# A name has at most 255 bytes; the hidden name beside it must not be longer.
test_images_with_the_longest_names_can_be_replaced() {
    local name image
    image=$(pi_image alice)
    for name in "$(printf 'x%.0s' {1..251}).img" "$(printf 'ß%.0s' {1..125}).img" "$(printf '漢%.0s' {1..83}).img"; do
        cp --sparse=always "$image" "$WORK/alice/$name"
        chown alice: "$WORK/alice/$name"
        as_user alice piimagesctl shrink "$WORK/alice/$name"
        [[ $(stat --format %s "$WORK/alice/$name") -le $(stat --format %s "$image") ]] || fail "it was not shrunk"
    done
    assert_eq 4 "$(find "$WORK/alice" -type f | wc -l)" "files in alice's directory"
}

# The daemon gets the PID from the bus; the process may have exited by then.
test_a_call_of_a_process_that_has_exited_is_refused() {
    local image
    image=$(pi_image alice)
    # The process that connected has exited, and another one uses the connection: it cannot be determined which files the first one saw.
    assert_fails_with 1 'AccessDenied: the calling process has exited' -- as_user alice "$testbed/tests/orphan" "$image"
}
