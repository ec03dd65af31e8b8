# piimagesctl -H: runs the command on another machine. A stub for ssh does what sshd does: it runs the words in a shell of the user.
# shellcheck shell=bash

# The stub records the host name of each call.
make_ssh_stub() {
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

test_a_remote_command_has_its_streams_and_its_status() {
    local image status=0
    image=$(pi_image alice)
    make_ssh_stub
    assert_eq 'it is "here"; $HOME' "$(echo 'it is "here"; $HOME' | remotely run "$image" -- cat)"
    remotely run "$image" -- sh -c 'exit 42' || status=$?
    assert_eq 42 "$status"
    assert_eq $'pi@bench\npi@bench' "$(cat "$WORK/hosts")"
}

test_without_ssh_the_error_names_the_package() {
    mkdir -m 755 "$WORK/empty"
    assert_fails_with 6 'openssh-client' -- as_user alice env PATH="$WORK/empty" /usr/bin/piimagesctl -H pi@bench list
}

# Without a terminal, sshd(8) sends no signal to the command: it closes its ends of the command's streams, which are sockets.
test_a_signal_ends_the_remote_command() {
    local image status=0
    image=$(pi_image alice)
    make_ssh_stub
    cat >"$WORK/bin/ssh" <<'END'
#!/usr/bin/python3
import os, socket, subprocess, sys
ends = [socket.socketpair() for _ in range(2)]
subprocess.Popen(["sh", "-c", sys.argv[3]], stdin=ends[0][1], stdout=ends[0][1], stderr=ends[1][1], start_new_session=True)
for ours, theirs in ends:
    theirs.close()
while data := ends[0][0].recv(4096):
    os.write(1, data)
END
    remotely run --name far "$image" -- sleep 300 </dev/null >out 2>&1 &
    wait_until 60 machine_runs far
    kill -TERM "$(pgrep -of 'piimages-cli.jar -H pi@bench run --name far')"
    wait $! || status=$?
    assert_eq 143 "$status"
    wait_until 20 machine_is_gone far
}
