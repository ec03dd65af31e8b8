# Permissions: the table of org.example.PiImages.policy, with a real polkitd and real sessions.
# shellcheck shell=bash

# The error for a caller who is not authorized: nobody can be asked for a password here.
need=InteractiveAuthorizationRequired

# assert_judged yes|no COMMAND...
assert_judged() {
    if [[ $1 == yes ]]; then "${@:2}"; else assert_fails_with 1 "$need" -- "${@:2}"; fi
}

test_mounting_and_running_ones_own_is_for_the_user_at_the_seat() {
    local image kind verdict
    image=$(pi_image alice)
    for kind in active inactive remote none; do
        verdict=no
        [[ $kind != active ]] || verdict=yes
        assert_judged "$verdict" as_user_in "$kind" alice "$client" mount "$image"
        [[ $verdict == no ]] || umount_image alice "$image"
        assert_judged "$verdict" as_user_in "$kind" alice "$client" run "$image" -- true
    done
}

test_what_one_has_mounted_one_can_unmount_from_everywhere() {
    local image kind
    image=$(pi_image alice)
    for kind in active inactive remote none; do
        mount_image alice "$image"
        as_user_in "$kind" alice "$client" unmount "$image"
    done
}

test_running_in_ones_own_mounted_image_is_for_the_user_at_the_seat() {
    local image object kind verdict
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    for kind in active inactive remote none; do
        verdict=no
        [[ $kind != active ]] || verdict=yes
        assert_judged "$verdict" as_user_in "$kind" alice "$client" run "$object" -- true
    done
    umount_image alice "$image"
}

test_unmounting_and_running_others_images_takes_an_administrator() {
    local image object kind
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    for kind in active inactive remote none; do
        assert_judged no as_user_in "$kind" bob "$client" unmount "$object"
        assert_judged no as_user_in "$kind" bob "$client" run "$object" -- true
    done
    "$client" unmount "$object"
}

test_ending_others_machines_takes_an_administrator() {
    local machine=/org/example/PiImages/machine/watched kind method
    start_machine alice "$(pi_image alice)" watched sleep 300
    for kind in active inactive remote none; do
        for method in Terminate "Kill i 15"; do
            # shellcheck disable=SC2086  # a method and its arguments
            assert_fails_with 1 'authentication' -- \
                as_user_in "$kind" bob busctl call org.example.PiImages "$machine" org.example.PiImages.Machine $method
        done
    done
    as_user_in none alice busctl call org.example.PiImages "$machine" org.example.PiImages.Machine Terminate
    wait "$runner" || true
    machine_is_gone watched
}

test_root_is_not_asked_about() {
    local image
    image=$(pi_image alice)
    "$client" mount "$image"
    "$client" run "$image" -- true
    "$client" unmount "$image"
}

test_a_caller_who_could_be_asked_but_has_no_agent_is_not_authorised() {
    local image
    image=$(pi_image alice)
    assert_refused NotAuthorized 'no authentication agent' -- \
        as_user_in remote alice "$client" --interactive mount "$image"
}

test_the_administrators_own_rules_hold() {
    local image rule=/etc/polkit-1/rules.d/10-test.rules
    image=$(pi_image alice)
    cat >"$rule" <<'END_OF_RULE'
polkit.addRule(function(action, subject) {
    if (action.id == "org.example.PiImages.mount" && subject.user == "alice") { return polkit.Result.NO; }
});
END_OF_RULE
    trap 'rm -f /etc/polkit-1/rules.d/10-test.rules' EXIT
    wait_until 10 refused_by_rule "$image"
    rm "$rule"
    wait_until 10 as_user alice "$client" mount "$image"
    umount_image alice "$image"
}

refused_by_rule() {
    as_user alice "$client" mount "$1" 2>"$WORK/err" && umount_image alice "$1"
    grep -q '^NotAuthorized: ' "$WORK/err"
}

test_the_dialog_names_the_verb_and_the_file() {
    local action
    for action in mount run release manage-others; do
        assert_matches "$(pkaction --verbose --action-id "org.example.PiImages.$action")" 'message:.*\$\(file\)'
    done
}
