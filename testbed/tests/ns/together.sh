# Concurrent calls: for one image, for many images, and of conflicting verbs.
# shellcheck shell=bash

time_limit=180

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

# at_once FILE COMMAND...: in the background; its words and its status go to FILE.
at_once() {
    ( status=0; "${@:2}" >"$1" 2>&1 </dev/null || status=$?; echo "status $status" >>"$1" ) &
}

# Whatever the order was: mounted whole or not at all, and the next mount and unmount work.
assert_sane() {
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
        at_once "$WORK/one" as_user alice "$client" mount "$image"
        at_once "$WORK/two" as_user alice "$client" mount "$image"
        wait
        assert_eq "$(cat "$WORK/one")" "$(cat "$WORK/two")" "round $round"
        assert_contains "$(cat "$WORK/one")" "status 0"
        assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
        as_user alice "$client" unmount "$image"
    done
}

test_two_users_who_mount_one_image_one_gets_it() {
    local image owner
    image=$(pi_image alice)
    chmod 711 "$WORK/alice"
    chmod 666 "$image"
    ensure_user bob
    # Two at the seat at once there cannot be: root is the other one.
    at_once "$WORK/one" as_user alice "$client" mount "$image"
    at_once "$WORK/two" "$client" mount "$image"
    wait
    assert_eq 1 "$(cat "$WORK/one" "$WORK/two" | grep -c 'status 0')"
    assert_eq 1 "$(cat "$WORK/one" "$WORK/two" | grep -c '^Busy: ')"
    owner=root
    ! grep -q 'status 0' "$WORK/one" || owner=alice
    as_user "$owner" "$client" unmount "$image"
}

test_mounting_and_unmounting_at_once_ends_well() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3 4; do
        at_once "$WORK/one.$round" as_user alice "$client" mount "$image"
        at_once "$WORK/two.$round" as_user alice "$client" unmount "$image"
        wait
        assert_sane "$image"
    done
}

test_running_and_unmounting_at_once_ends_well() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3; do
        as_user alice "$client" mount "$image"
        at_once "$WORK/one" as_user alice "$client" run "$image" -- true
        at_once "$WORK/two" as_user alice "$client" unmount "$image"
        wait
        assert_matches "$(cat "$WORK/one")" 'status 0|^(Busy|NotMounted)'
        assert_matches "$(cat "$WORK/two")" 'status 0|^Busy'
        assert_sane "$image"
    done
}

test_running_and_mounting_at_once_ends_well() {
    local image round
    image=$(pi_image alice)
    for round in 1 2 3; do
        at_once "$WORK/one" as_user alice "$client" run "$image" -- true
        at_once "$WORK/two" as_user alice "$client" mount "$image"
        wait
        assert_matches "$(cat "$WORK/one")" 'status 0|^Busy'
        assert_matches "$(cat "$WORK/two")" 'status 0|^Busy'
        assert_sane "$image"
    done
}

test_two_commands_in_one_image_that_is_not_mounted() {
    local image
    image=$(pi_image alice)
    at_once "$WORK/one" as_user alice "$client" run "$image" -- sleep 1
    at_once "$WORK/two" as_user alice "$client" run "$image" -- sleep 1
    wait
    assert_contains "$(cat "$WORK/one" "$WORK/two")" "status 0"
    assert_matches "$(cat "$WORK/one" "$WORK/two")" '^(status 0|Busy)'
    assert_eq '' "$(loops_over "$image")"
}

test_64_images_are_mounted_at_once_and_not_one_more() {
    local image copy number
    image=$(pi_image alice)
    for number in {1..65}; do
        copy=$WORK/alice/$number.img
        cp --sparse=always "$image" "$copy"
        chown alice: "$copy"
    done
    # One connection each, without an interpreter's start for each.
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

# Four verbs, mounted or not: 20 pairs, at moments of all kinds. What is right stands in the program.
test_every_pair_of_verbs_at_once_ends_as_one_after_the_other() {
    local image
    image=$(pi_image alice)
    as_user alice "$programs/pairs" 10 "$image" >"$WORK/pairs" 2>&1 || fail "$(cat "$WORK/pairs")"
    sed 's/^/figures: /' "$WORK/pairs"
}

# Both got the same free number from the kernel, and the daemon is the slower one.
test_a_loop_device_that_another_program_took_is_not_marked_as_ours() {
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
    # A bed beside this one, whose daemon has another list of its own devices, may have been faster still.
    losetup "/dev/$device" other || taken=
    wait "$mounting"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    [[ ! -e /run/piimages/loops/$device ]] || fail "automounters would not see $device"
    [[ -z $taken ]] || losetup --detach "/dev/$device"
    as_user alice "$client" unmount "$image"
    start_daemon_without_faults
}

# Its number is somebody else's by the time the next daemon looks.
test_a_marker_of_a_daemon_that_was_killed_marks_nobody_elses_device() {
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
