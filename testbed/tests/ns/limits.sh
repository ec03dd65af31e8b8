# A user who reaches a limit gets an error, and no other user is affected. (Limits on calls and bytes are tested in rings 2 and 1:
# CallLimitsTest.)
# shellcheck shell=bash
time_limit=120

test_a_65th_image_of_a_user_is_refused_and_other_users_are_not_affected() {
    local image number objects
    image=$(pi_image alice)
    for number in $(seq 64); do cp --sparse=always "$image" "$WORK/alice/$number.img"; done
    chown alice: "$WORK/alice"/*.img
    # shellcheck disable=SC2016  # for that shell to expand
    as_user alice sh -c 'for n in $(seq 64); do "$1" mount "$2/$n.img" no-boot || exit 1; done' sh "$client" "$WORK/alice" >"$WORK/objects"
    assert_refused LimitExceeded 'images mounted.*\(64\)' -- as_user alice "$client" mount "$image"
    # An image that is already mounted does not count again.
    as_user alice "$client" mount "$WORK/alice/1.img" >/dev/null
    umount_image bob "$(mount_for bob)"
    "$client" unmount "$("$client" mount "$image")"
    # The limit also applies after a restart, until an image is unmounted.
    systemctl restart piimagesd
    assert_refused LimitExceeded 'images mounted' -- as_user alice "$client" mount "$image"
    as_user alice "$client" unmount "$(head -n 1 "$WORK/objects")"
    as_user alice "$client" mount "$image" >>"$WORK/objects"
    mapfile -t objects < <(sed 1d "$WORK/objects")
    for number in "${objects[@]}"; do "$client" unmount "$number"; done
}

mount_for() {
    local image
    image=$(pi_image "$1")
    mount_image "$1" "$image" >/dev/null
    echo "$image"
}

test_options_and_names_that_are_too_long_are_refused() {
    local image long
    image=$(pi_image alice)
    long=$(head -c 5000 /dev/zero | tr '\0' x)
    assert_refused InvalidArgument 'longer than' -- as_user alice "$client" mount-fd rdwr "$image" "$long"
    assert_refused InvalidArgument '' -- as_user alice "$client" run "$image" name="$long" -- true
    # shellcheck disable=SC2046  # words
    assert_refused InvalidArgument 'too long' -- as_user alice "$client" run "$image" -- echo $(seq 5000)
    assert_refused InvalidArgument 'too many' -- as_user alice "$client" run "$image" environment,="$(seq --separator=, 5000)" -- true
}
