# piimagesctl -H: the command on another machine. ssh is stood in for by what sshd does: a login shell of the user's gets the words.
# shellcheck shell=bash

# With a file of the host's name for each call, so that a test sees whom it was for.
stand_in_for_ssh() {
    mkdir -m 755 "$WORK/bin"
    cat >"$WORK/bin/ssh" <<'END'
#!/bin/sh
[ "$1" = -- ] || exit 255
echo "$2" >>"${0%/*}/../hosts"
cd "$HOME" || exit 255
exec sh -c "$3"
END
    chmod 755 "$WORK/bin/ssh"
    install -m 666 /dev/null "$WORK/hosts"
}

remotely() { as_user alice env PATH="$WORK/bin:$PATH" piimagesctl -H pi@bench "$@"; }

test_a_command_on_another_machine_has_its_streams_and_its_status() {
    local image status=0
    image=$(pi_image alice)
    stand_in_for_ssh
    assert_eq 'it is "here"; $HOME' "$(echo 'it is "here"; $HOME' | remotely run "$image" -- cat)"
    remotely run "$image" -- sh -c 'exit 42' || status=$?
    assert_eq 42 "$status"
    assert_eq $'pi@bench\npi@bench' "$(cat "$WORK/hosts")"
}

test_without_ssh_the_package_is_named() {
    mkdir -m 755 "$WORK/empty"
    assert_fails_with 6 'openssh-client' -- as_user alice env PATH="$WORK/empty" /usr/bin/piimagesctl -H pi@bench list
}
