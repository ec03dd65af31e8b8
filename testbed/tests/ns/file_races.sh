# Files that change while the daemon uses them, and callers who see different files from those that the daemon sees.
# shellcheck shell=bash
# shellcheck disable=SC2034  # for the suite: a loop of many calls, on a machine that may be busy
time_limit=180


# While a path alternates between the caller's own image and another user's, the caller never gets the other user's.
test_a_path_that_alternates_gives_no_access_to_files_of_others() {
    local mine secret swapper said got=0
    mine=$(pi_image alice)
    secret=$(pi_image bob)
    chmod 600 "$secret"
    mkdir "$WORK/open"
    mv "$secret" "$WORK/open/secret.img"
    chmod 755 "$WORK/open"
    install -d -o alice "$WORK/alice/race"
    as_user alice true # opens her session: two processes that open it at once would wait for each other
    # shellcheck disable=SC2016  # for that shell to expand
    as_user alice sh -c 'cd "$1"; while [ ! -e stop ]; do ln -sfT "$2" image; ln -sfT "$3" image; done' sh "$WORK/alice/race" \
        "$mine" "$WORK/open/secret.img" &
    swapper=$!
    for _ in $(seq 40); do
        said=$(as_user alice "$client" mount "$WORK/alice/race/image" read-only 2>&1) || true
        case $said in
            /org/*)
                got=$((got + 1))
                assert_eq 2 "$(loops_over "$mine" | wc -l)" "loop devices over the caller's own"
                as_user alice "$client" unmount "$said"
                ;;
            'AccessDenied: '* | 'NotFound: '*) ;;
            *) fail "said ${said@Q}" ;;
        esac
        assert_eq '' "$(loops_over "$WORK/open/secret.img")" "loop devices over another's file"
    done
    as_user alice touch "$WORK/alice/race/stop"
    wait "$swapper"
    (( got )) || fail "the caller's own image was never met"
}

# A path alternates between a regular file, a FIFO and a device: no call waits, and only the file is opened.
test_a_path_that_becomes_a_fifo_makes_no_call_wait() {
    local image swapper said
    image=$(pi_image alice)
    mkfifo -m 666 "$WORK/alice/fifo"
    install -d -o alice "$WORK/alice/race"
    as_user alice true # opens her session: two processes that open it at once would wait for each other
    # shellcheck disable=SC2016  # for that shell to expand
    as_user alice sh -c 'cd "$1"; while [ ! -e stop ]; do ln -sfT "$2" image; ln -sfT "$3" image; ln -sfT /dev/zero image; done' \
        sh "$WORK/alice/race" "$image" "$WORK/alice/fifo" &
    swapper=$!
    for _ in $(seq 20); do
        said=$(as_user alice timeout 20 "$client" mount "$WORK/alice/race/image" read-only 2>&1) || true
        case $said in
            /org/*) as_user alice "$client" unmount "$said" ;;
            'InvalidImage: '* | 'NotFound: '*) ;;
            *) fail "said ${said@Q}" ;;
        esac
    done
    as_user alice touch "$WORK/alice/race/stop"
    wait "$swapper"
}

# The daemon does not see what a user mounts over a path in their own mount namespace, and reports this.
test_a_caller_in_another_mount_namespace_is_told_to_pass_the_file() {
    local image
    image=$(pi_image alice)
    assert_fails_with 1 'AccessDenied: your mount namespace differs.*MountImageFd' -- \
        as_user alice unshare --user --map-current-user --mount "$client" mount "$image"
    # Passed as a descriptor, it is the file that the user sees.
    as_user alice unshare --user --map-current-user --mount "$client" mount-fd rdwr "$image" theirs.img
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
}

test_paths_through_descriptors_of_the_daemon_are_refused() {
    local number path
    ensure_user alice
    for path in /proc/self/fd /proc/thread-self/fd "/proc/$(daemon_pid)/fd" "/proc/$(daemon_pid)/root/etc"; do
        for number in 0 3 9 shadow; do
            assert_fails_with 1 '(AccessDenied|NotFound|InvalidArgument|InvalidImage)' -- \
                as_user alice "$client" mount "$path/$number"
        done
    done
}
