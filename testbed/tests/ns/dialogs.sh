# Calls during polkit's authentication dialogs, with a real polkitd and an agent in a real session.
# shellcheck shell=bash

# start_agent USER KIND MODE: starts an agent in a session of that kind until the test ends; a session can have only one agent.
start_agent() {
    ensure_user "$1"
    mkfifo -m 666 "$WORK/word"
    (trap - ERR; as_user_in "$2" "$1" "$programs/agent" "$3" "$WORK/word" >"$WORK/dialogs" 2>"$WORK/agent.err") &
    wait_until 20 grep -q '^registered ' "$WORK/dialogs"
    agent=$(sed -n 's/^registered //p' "$WORK/dialogs")
    trap 'kill "$agent"; wait_until 10 eval "[[ ! -e /proc/$agent ]]"' EXIT
}

dialog_is_open() { [[ -n $(sed -n 3p "$WORK/dialogs") ]]; }

# administrator_agrees USER: tells polkit what its helper reports after a correct password.
administrator_agrees() {
    busctl call org.freedesktop.PolicyKit1 /org/freedesktop/PolicyKit1/Authority org.freedesktop.PolicyKit1.Authority \
        AuthenticationAgentResponse2 'us(sa{sv})' "$(id -u "$1")" "$(sed -n 3p "$WORK/dialogs")" unix-user 1 uid u 0
    echo go >"$WORK/word"
}

test_the_dialog_names_the_operation_and_the_file_and_dismissing_it_has_its_own_error() {
    local image object
    image=$(pi_image alice)
    start_agent alice remote dismiss
    assert_refused AuthorizationDismissed 'dismissed' -- as_user_in remote alice "$client" --interactive mount "$image"
    assert_eq "Authentication is required to mount the disk image $image" "$(sed -n 2p "$WORK/dialogs")"
    assert_refused AuthorizationDismissed 'dismissed' -- as_user_in remote alice "$client" --interactive run "$image" -- true
    assert_eq "Authentication is required to run a command in the disk image $image" "$(sed -n 4p "$WORK/dialogs")"
    object=$(pi_image bob)
    object=$(as_user bob "$client" mount "$object")
    assert_refused AuthorizationDismissed 'dismissed' -- as_user_in remote alice "$client" --interactive unmount "$object"
    assert_matches "$(sed -n 6p "$WORK/dialogs")" 'act on the disk image .*, which another user has mounted or runs'
    assert_eq '' "$(loops_over "$image")"
    "$client" unmount "$object"
}

test_a_file_name_cannot_add_lines_to_a_dialog() {
    local image name=$'x.img\n\nAll is well. Your password, please:\e[8m.img'
    image=$(pi_image alice)
    mv "$image" "$WORK/alice/$name"
    start_agent alice remote dismiss
    assert_refused AuthorizationDismissed '' -- as_user_in remote alice "$client" --interactive mount "$WORK/alice/$name"
    assert_contains "$(sed -n 2p "$WORK/dialogs")" 'x.img\u{a}\u{a}All is well'
    assert_lacks "$(cat "$WORK/dialogs")" $'\e'
}

test_an_operation_is_performed_after_authentication() {
    local image caller
    image=$(pi_image alice)
    start_agent alice remote answer
    as_user_in remote alice "$client" --interactive mount "$image" >"$WORK/object" 2>&1 &
    caller=$!
    wait_until 10 dialog_is_open
    administrator_agrees alice
    wait "$caller"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
}

test_a_dialog_delays_no_other_call_and_is_closed_when_its_caller_exits() {
    local image other caller
    image=$(pi_image alice)
    other=$(pi_image bob)
    start_agent alice remote hold
    # shellcheck disable=SC2016  # for that shell to expand
    as_user_in remote alice sh -c 'echo $$; exec "$@"' sh "$client" --interactive mount "$image" >"$WORK/said" 2>&1 &
    wait_until 10 dialog_is_open
    caller=$(head -n 1 "$WORK/said")
    as_user bob timeout 20 "$client" run "$other" -- true
    as_user_in remote alice timeout 20 busctl call "${manager[@]}" ListImages >/dev/null
    assert_fails_with 1 InteractiveAuthorizationRequired -- as_user_in remote alice timeout 20 "$client" mount "$image"
    kill -0 "$caller"
    kill "$caller"
    wait_until 10 grep -q cancelled "$WORK/dialogs"
    as_user alice timeout 20 "$client" mount "$image" >/dev/null
    umount_image alice "$image"
}
