# Permissions: the table of org.example.PiImages.policy, with a real polkitd and real sessions.
# shellcheck shell=bash

# The error for a caller who is not authorized: no authentication agent can ask for a password here.
need=InteractiveAuthorizationRequired

# assert_authorization yes|no COMMAND...: the command succeeds (yes), or is refused because the caller is not authorized (no).
assert_authorization() {
    if [[ $1 == yes ]]; then "${@:2}"; else assert_fails_with 1 "$need" -- "${@:2}"; fi
}

test_only_the_user_at_the_seat_can_mount_and_run_their_own_image() {
    local image kind verdict
    image=$(pi_image alice)
    for kind in active inactive remote none; do
        verdict=no
        [[ $kind != active ]] || verdict=yes
        assert_authorization "$verdict" as_user_in "$kind" alice "$client" mount "$image"
        [[ $verdict == no ]] || umount_image alice "$image"
        assert_authorization "$verdict" as_user_in "$kind" alice "$client" run "$image" -- true
    done
}

test_users_can_unmount_their_own_images_from_any_session() {
    local image kind
    image=$(pi_image alice)
    for kind in active inactive remote none; do
        mount_image alice "$image"
        as_user_in "$kind" alice "$client" unmount "$image"
    done
}

test_only_the_user_at_the_seat_can_run_commands_in_their_mounted_image() {
    local image object kind verdict
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    for kind in active inactive remote none; do
        verdict=no
        [[ $kind != active ]] || verdict=yes
        assert_authorization "$verdict" as_user_in "$kind" alice "$client" run "$object" -- true
    done
    umount_image alice "$image"
}

test_unmounting_and_running_images_of_others_requires_an_administrator() {
    local image object kind
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    for kind in active inactive remote none; do
        assert_authorization no as_user_in "$kind" bob "$client" unmount "$object"
        assert_authorization no as_user_in "$kind" bob "$client" run "$object" -- true
    done
    "$client" unmount "$object"
}

test_terminating_machines_of_others_requires_an_administrator() {
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

test_root_requires_no_authorization() {
    local image
    image=$(pi_image alice)
    "$client" mount "$image"
    "$client" run "$image" -- true
    "$client" unmount "$image"
}

test_an_interactive_call_without_an_agent_is_not_authorized() {
    local image
    image=$(pi_image alice)
    assert_refused NotAuthorized 'no authentication agent' -- \
        as_user_in remote alice "$client" --interactive mount "$image"
}

test_polkit_rules_of_the_administrator_apply() {
    local image rule=/etc/polkit-1/rules.d/10-test.rules
    image=$(pi_image alice)
    install_polkit_rule "${rule##*/}" <<'END_OF_RULE'
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

test_the_messages_of_the_dialogs_contain_the_file() {
    local action
    for action in mount run release manage-others; do
        assert_matches "$(pkaction --verbose --action-id "org.example.PiImages.$action")" 'message:.*\$\(file\)'
    done
}
