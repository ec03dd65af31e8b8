# A command's exit status and its three streams are as in a shell.
# shellcheck shell=bash

test_the_exit_status_is_that_of_the_command() {
    local image status
    image=$(pi_image alice)
    for wanted in 0 1 7 126 127 200 255; do
        status=0
        run_in alice "$image" sh -c "exit $wanted" || status=$?
        assert_eq "$wanted" "$status" "exit status"
    done
}

# systemd-nspawn returns 1 instead, because 133 requests a restart of the machine. The manual page documents this.
test_133_is_the_only_exit_status_that_is_not_passed_on() {
    local image status
    image=$(pi_image alice)
    for wanted in 132 134; do
        status=0
        run_in alice "$image" sh -c "exit $wanted" || status=$?
        assert_eq "$wanted" "$status" "exit status"
    done
    assert_fails_with 1 '' -- run_in alice "$image" sh -c 'exit 133'
}

test_a_command_that_a_signal_kills_has_status_128_plus_its_number() {
    local image status signal
    image=$(pi_image alice)
    for signal in 2 9 11 15; do
        status=0
        run_in alice "$image" sh -c "kill -$signal \$\$" || status=$?
        assert_eq $((128 + signal)) "$status" "exit status"
    done
}

test_a_missing_command_has_status_127_and_a_message() {
    assert_fails_with 127 'nonesuch.* was not found in the image' -- run_in alice "$(pi_image alice)" nonesuch
}

test_a_command_that_cannot_be_executed_has_status_126_and_a_reason() {
    local image
    image=$(pi_image alice)
    assert_fails_with 126 'not executable' -- run_in alice "$image" /etc/fstab
    assert_fails_with 126 'directory' -- run_in alice "$image" /etc
}

test_standard_output_and_standard_error_are_separate() {
    assert_eq out "$(run_in alice "$(pi_image alice)" sh -c 'echo out; echo err >&2' 2>"$WORK/err")"
    assert_eq err "$(cat "$WORK/err")"
}

test_only_the_output_of_the_command_is_printed() {
    run_in alice "$(pi_image alice)" true >"$WORK/out" 2>"$WORK/err"
    assert_eq '' "$(cat "$WORK/out" "$WORK/err")"
}

test_binary_input_is_passed_unchanged() {
    head -c 1000000 /dev/urandom >"$WORK/random"
    run_in alice "$(pi_image alice)" cat <"$WORK/random" >"$WORK/out"
    cmp "$WORK/random" "$WORK/out"
}

test_100_megabytes_are_passed_through_both_pipes() {
    head -c 100M /dev/urandom >"$WORK/random"
    # shellcheck disable=SC2002  # a pipe is what is tested
    assert_eq "$(sha256sum <"$WORK/random")" \
        "$(cat "$WORK/random" | run_in alice "$(pi_image alice)" cat | sha256sum)"
}

# Files that Java opens before it starts the client must not be used as streams.
test_a_closed_stream_is_empty_in_the_machine() {
    local image
    image=$(pi_image alice)
    assert_eq 0 "$(run_in alice "$image" wc -c <&-)"
    run_in alice "$image" sh -c 'cat; echo said; echo said >&2' <&- >&- 2>&-
    as_user alice piimagesctl shell "$image" <&- >shell-said 2>&1 || true
    assert_eq '' "$(cat shell-said)"
}

# A pipe belongs to the user whose shell created it, who has no UID in the machine.
test_scripts_can_open_their_streams_by_name() {
    local image
    image=$(pi_image alice)
    # shellcheck disable=SC2016  # alice's shell expands it
    as_user alice bash -c '
        echo in | piimagesctl run "$1" -- sh -ec "echo out >/dev/stdout; echo err >/dev/stderr; echo again" 2>&1 | cat
        echo in | piimagesctl run "$1" -- cat /dev/stdin | cat
        echo x | piimagesctl run "$1" -- tee /dev/stderr 2>&1 >/dev/null | cat' - "$image" >said
    assert_eq $'out\nerr\nagain\nin\nx' "$(cat said)"
}

# Decoded and encoded again, it would name another file.
test_an_argument_that_is_not_utf_8_is_refused() {
    local image
    image=$(pi_image alice)
    assert_fails_with 125 'not valid UTF-8' -- run_in alice "$image" rm -f $'/caf\xe9'
    assert_fails_with 125 'not valid UTF-8' -- as_user alice piimagesctl run -E $'A=caf\xe9' "$image" true
    assert_fails_with 125 'not valid UTF-8' -- as_user alice piimagesctl run --directory=$'/caf\xe9' "$image" true
    assert_fails_with 125 'not valid UTF-8' -- as_user alice piimagesctl shell --user $'caf\xe9' "$image" true
    assert_fails_with 2 'not valid UTF-8' -- as_user alice piimagesctl boot --bind=$'/caf\xe9:/mnt' "$image"
    assert_fails_with 125 'not valid UTF-8' -- as_user alice piimagesctl run --bind=$'/caf\xe9:/mnt' "$image" true
}

test_the_command_sees_the_end_of_its_input() {
    assert_eq 3 "$(printf '1\n2\n3\n' | run_in alice "$(pi_image alice)" sh -c 'wc -l')"
}

test_a_closed_output_ends_the_command() {
    local image
    image=$(pi_image alice)
    # head exits after the first line: the pipe breaks, as with a local command.
    assert_eq y "$(run_in alice "$image" yes 2>/dev/null | head -n1)"
}

test_a_command_on_a_terminal_has_a_terminal() {
    local image
    image=$(pi_image alice)
    # script(1) provides the terminal; the lines of its output end as on a terminal.
    as_user alice script --quiet --return --command "piimagesctl run '$image' -- sh -c 'tty; exit 5'" /dev/null \
        </dev/null >"$WORK/out" || echo "status $?" >>"$WORK/out"
    assert_contains "$(cat "$WORK/out")" /dev/
    assert_contains "$(cat "$WORK/out")" "status 5"
}

test_a_command_without_a_terminal_has_none() {
    assert_fails_with 1 '' -- run_in alice "$(pi_image alice)" sh -c 'test -t 0 || test -t 1'
}
