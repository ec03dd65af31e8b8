# Concurrent calls: for one image, for many images, and of conflicting verbs.
# shellcheck shell=bash

time_limit=180

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

# in_background FILE COMMAND...: runs the command in the background, and writes its output and its exit status to FILE.
in_background() {
    ( status=0; "${@:2}" >"$1" 2>&1 </dev/null || status=$?; echo "status $status" >>"$1" ) &
}

# assert_mounted_completely_or_not IMAGE: one of these is required, whatever the order of the calls was. Unmounts a mounted image.
assert_mounted_completely_or_not() {
    local image=$1 mounts
    mounts=$(mounts_below "/run/piimages/mnt/$(id -u alice)" | wc -l)
    [[ $mounts == 0 || $mounts == 2 ]] || fail "$mounts mounts"
    assert_eq "$mounts" "$(loops_over "$image" | wc -l)" "loop devices"
    (( mounts == 0 )) || as_user alice "$client" unmount "$image"
}

test_two_callers_who_mount_one_image_get_the_same_object() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3; do
        in_background "$WORK/one" as_user alice "$client" mount "$image"
        in_background "$WORK/two" as_user alice "$client" mount "$image"
        wait
        assert_eq "$(cat "$WORK/one")" "$(cat "$WORK/two")" "round $round"
        assert_contains "$(cat "$WORK/one")" "status 0"
        assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
        as_user alice "$client" unmount "$image"
    done
}

test_only_one_of_two_users_can_mount_an_image() {
    local image owner
    image=$(pi_image alice)
    chmod 711 "$WORK/alice"
    chmod 666 "$image"
    ensure_user bob
    # Only one user can be active at the seat at a time, so the other one is root.
    in_background "$WORK/one" as_user alice "$client" mount "$image"
    in_background "$WORK/two" "$client" mount "$image"
    wait
    assert_eq 1 "$(cat "$WORK/one" "$WORK/two" | grep -c 'status 0')"
    assert_eq 1 "$(cat "$WORK/one" "$WORK/two" | grep -c '^Busy: ')"
    owner=root
    ! grep -q 'status 0' "$WORK/one" || owner=alice
    as_user "$owner" "$client" unmount "$image"
}

test_a_concurrent_mount_and_unmount_leave_a_consistent_state() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3 4; do
        in_background "$WORK/one.$round" as_user alice "$client" mount "$image"
        in_background "$WORK/two.$round" as_user alice "$client" unmount "$image"
        wait
        assert_mounted_completely_or_not "$image"
    done
}

test_a_concurrent_run_and_unmount_leave_a_consistent_state() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3; do
        as_user alice "$client" mount "$image"
        in_background "$WORK/one" as_user alice "$client" run "$image" -- true
        in_background "$WORK/two" as_user alice "$client" unmount "$image"
        wait
        assert_matches "$(cat "$WORK/one")" 'status 0|^(Busy|NotMounted)'
        assert_matches "$(cat "$WORK/two")" 'status 0|^Busy'
        assert_mounted_completely_or_not "$image"
    done
}

test_a_concurrent_run_and_mount_leave_a_consistent_state() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3; do
        in_background "$WORK/one" as_user alice "$client" run "$image" -- true
        in_background "$WORK/two" as_user alice "$client" mount "$image"
        wait
        assert_matches "$(cat "$WORK/one")" 'status 0|^Busy'
        assert_matches "$(cat "$WORK/two")" 'status 0|^Busy'
        assert_mounted_completely_or_not "$image"
    done
}

test_two_concurrent_runs_in_an_unmounted_image_succeed_or_are_refused() {
    local image
    image=$(pi_image alice)
    in_background "$WORK/one" as_user alice "$client" run "$image" -- sleep 1
    in_background "$WORK/two" as_user alice "$client" run "$image" -- sleep 1
    wait
    assert_contains "$(cat "$WORK/one" "$WORK/two")" "status 0"
    assert_matches "$(cat "$WORK/one" "$WORK/two")" '^(status 0|Busy)'
    assert_eq '' "$(loops_over "$image")"
}

test_a_user_can_mount_64_images_and_no_more() {
    local image copy number
    image=$(pi_image alice)
    for number in {1..65}; do
        copy=$WORK/alice/$number.img
        cp --sparse=always "$image" "$copy"
        chown alice: "$copy"
    done
    # busctl, because it starts faster than a program in Python.
    as_user alice sh -c 'for number in $(seq 64); do
        busctl --quiet call org.example.PiImages /org/example/PiImages org.example.PiImages.Manager \
            MountImage "sa{sv}" "$1/$number.img" 0 || exit 1; done' sh "$WORK/alice"
    assert_eq 128 "$(mounts_below "/run/piimages/mnt/$(id -u alice)" | wc -l)" "mounts"
    assert_refused LimitExceeded '64' -- as_user alice "$client" mount "$WORK/alice/65.img"
    mount_image bob "$(pi_image bob)" >/dev/null
    as_user alice sh -c 'for number in $(seq 64); do
        object=$(busctl call org.example.PiImages /org/example/PiImages org.example.PiImages.Manager \
            GetImage s "$1/$number.img" | cut -d\" -f2)
        busctl call org.example.PiImages "$object" org.example.PiImages.Image Unmount "a{sv}" 0 || exit 1
        done' sh "$WORK/alice"
    as_user bob "$client" unmount "$(echo "$WORK"/bob/*.img)"
}

# All 20 pairs of four verbs, mounted or not, with random delays between the two calls. tests/pairs specifies the valid outcomes.
test_concurrent_pairs_of_verbs_have_the_outcome_of_one_order() {
    local image
    image=$(pi_image alice)
    as_user alice "$programs/pairs" 10 "$image" >"$WORK/pairs" 2>&1 || fail "$(cat "$WORK/pairs")"
    sed 's/^/figures: /' "$WORK/pairs"
}

# The daemon and another program got the same free number from the kernel, and the other program attached the device first.
test_a_loop_device_that_another_program_attaches_is_not_marked() {
    local image device mounting taken=yes
    image=$(pi_image alice)
    truncate --size=1M other
    as_user alice true
    start_daemon_with_faults
    echo "1 PAUSE LoopDevice.attach:ioctl 1" >"$fault_directory/plan"
    as_user alice "$client" mount "$image" >mounted &
    mounting=$!
    wait_until 20 test -e "$fault_directory/fired"
    device=$(ls /run/piimages/loops)
    # The daemon of another bed, which does not know this one's markers, may have attached it even earlier.
    losetup "/dev/$device" other || taken=
    wait "$mounting"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    [[ ! -e /run/piimages/loops/$device ]] || fail "automounters would not see $device"
    [[ -z $taken ]] || losetup --detach "/dev/$device"
    as_user alice "$client" unmount "$image"
    start_daemon_without_faults
}

# When the next daemon starts, another program may use the number of the device.
test_a_marker_of_a_killed_daemon_is_removed() {
    local device
    truncate --size=1M other
    device=$(losetup --find --show other)
    as_user alice true
    mkdir -p /run/piimages/loops
    : >"/run/piimages/loops/${device##*/}"
    kill_daemon
    as_user alice piimagesctl list >/dev/null
    wait_until 10 test ! -e "/run/piimages/loops/${device##*/}"
    losetup --detach "$device"
}
