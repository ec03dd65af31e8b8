# A command on a terminal, as a job of its user's shell: the client owns the terminal, the command has one of its own.
# shellcheck shell=bash

time_limit=120

at_terminal() { as_user alice "$programs/on-terminal" "$@"; }

test_a_command_on_a_terminal_is_a_job_of_the_shell() {
    local image
    image=$(pi_image alice)
    at_terminal "type=piimagesctl run '$image' -- sh -c 'tty; stty size; cat; exit 7'\n" 'see=/dev/(pts/[0-9]+|console)' 'type=hello\n' 'see=hello\r\n' \
        'see=hello\r\n' 'type=\x04' 'see=ready> ' settings 'type=echo status $?\n' 'see=status 7'
    # Ctrl-C goes to the command.
    at_terminal "type=piimagesctl run '$image' -- sh -c 'trap \"echo caught; exit 3\" INT; echo up; while :; do sleep 1; done'\n" 'see=up\r+\n' \
        'type=\x03' 'see=caught' 'see=ready> ' settings 'type=echo status $?\n' 'see=status 3'
}

test_a_background_command_leaves_the_terminal_to_the_shell() {
    local image
    image=$(pi_image alice)
    at_terminal "type=piimagesctl run --name quiet '$image' -- sh -c 'echo from-behind; sleep 3; echo done-behind' &\n" 'see=from-behind' \
        settings 'type=echo typed-$((1+1))\n' 'see=typed-2' 'see=done-behind' 'type=wait; echo status $?\n' 'see=status 0' settings
    # In the foreground, it reads the keyboard; afterwards, the shell does.
    at_terminal "type=piimagesctl run --name quiet '$image' -- sh -c 'echo up; read -r word; echo \"got \$word\"' &\n" 'see=up\r+\n' \
        'type=echo shell-$((2+2))\n' 'see=shell-4' 'type=fg\n' 'see=piimagesctl run[^\n]*\n' 'type=banana\n' 'see=got banana' 'see=ready> ' settings
}

test_a_command_with_piped_output_reads_the_keyboard_and_has_no_terminal() {
    local image
    image=$(pi_image alice)
    at_terminal "type=piimagesctl run '$image' -- sh -c 'test -t 0 || echo none; cat' | tr a-z A-Z\n" 'see=NONE' 'type=hello\n' \
        'see=hello\r\n' 'type=\x04' 'see=HELLO' 'see=ready> ' settings
    # In the background, it leaves the keyboard to the shell; in the foreground, it reads it.
    at_terminal "type=piimagesctl run '$image' -- sh -c 'echo up; read -r word; echo \"got \$word\"' | cat &\n" 'see=up\r?\n' \
        'type=echo shell-$((2+2))\n' 'see=shell-4' 'type=fg\n' 'see=piimagesctl run[^\n]*\n' 'type=cherry\n' 'see=got cherry' \
        'see=ready> ' settings
    # Ctrl-C is not typed earlier: until the shell has given the terminal to the pipeline, Ctrl-C goes to the shell.
    at_terminal "type=piimagesctl run --name piped '$image' -- sh -c 'echo up; sleep 300' | cat\n" 'see=up\r?\n' 'type=\x03' 'see=ready> ' \
        settings
    wait_until 15 machine_is_gone piped
}

test_a_stopped_client_returns_the_terminal_and_can_be_continued() {
    local image
    image=$(pi_image alice)
    at_terminal "type=piimagesctl run '$image' -- sh -c 'echo up; read -r word; echo \"got \$word\"'\n" 'see=up\r+\n' \
        'signal=TSTP:piimages-cli.jar run' 'see=Stopped' 'see=ready> ' settings 'type=echo shell-$((2+2))\n' 'see=shell-4' \
        'type=bg\n' 'see=ready> ' 'type=echo shell-$((3+3))\n' 'see=shell-6' 'type=jobs\n' 'see=Running' \
        'type=fg\n' 'see=piimagesctl run[^\n]*\n' 'type=cherry\n' 'see=got cherry' 'see=ready> ' settings
}

# The key goes to the command, but its parent in the machine is not a shell that would continue it. This requires a real image: the
# machine's first process blocks SIGTSTP in its child; dash unblocks it, busybox does not.
test_ctrl_z_stops_the_job() {
    local image
    # An image with the host's release uses the host's tools. Without them, SIGTSTP is blocked in a command that no shell has started.
    image=$(user_image alice real --boot-fs ext4 --suite "$(host_release)")
    at_terminal "type=piimagesctl run '$image' -- sh -c 'echo up; read -r word; echo \"got \$word\"'\n" 'see=up\r+\n' \
        'type=\x1a' 'see=Stopped' 'see=ready> ' settings 'type=echo shell-$((2+2))\n' 'see=shell-4' \
        'type=fg\n' 'see=piimagesctl run[^\n]*\n' 'type=cherry\n' 'see=got cherry' 'see=ready> ' settings 'type=echo status $?\n' 'see=status 0'
    # Several processes, stopped twice, and continued in the background and the foreground. There is a pause before the key: the kernel may
    # lose a stop signal during an execve, and the shell gives the terminal to the job only after it has printed the command.
    at_terminal "type=piimagesctl run '$image' -- sh -c 'echo up; sleep 3; echo slept; read -r word; echo \"got \$word\"'\n" 'see=up\r+\n' \
        'pause=1' 'type=\x1a' 'see=Stopped' 'see=ready> ' 'type=bg\n' 'see=slept\r' 'type=fg\n' 'see=piimagesctl run[^\n]*\n' \
        'pause=1' 'type=\x1a' 'see=Stopped' 'see=ready> ' 'type=fg\n' 'see=piimagesctl run[^\n]*\n' 'type=plum\n' 'see=got plum' 'see=ready> ' settings
    # A shell in the image stops its own job.
    at_terminal "type=piimagesctl shell '$image'\n" 'see=# ' 'type=sh -c \"echo in-2; sleep 300\"\n' 'see=in-2\r' 'pause=1' 'type=\x1a' 'see=Stopped' 'see=# ' \
        'type=echo inner-$((3+3))\n' 'see=inner-6' 'type=kill -KILL %1; disown -a; exit 4\n' 'see=ready> ' 'type=echo status $?\n' 'see=status 4'
    # If there is no shell that would continue it, it is not stopped, as on any terminal.
    at_terminal "type=script -qec \"piimagesctl run '$image' -- sh -c 'echo up; read -r word; echo got-\\\$word'\" /dev/null\n" 'see=up\r+\n' \
        'type=\x1a' 'type=banana\n' 'see=got-banana' 'see=ready> ' settings
}

test_a_new_size_of_the_terminal_reaches_the_command() {
    local image
    image=$(pi_image alice)
    at_terminal size=20x60 "type=piimagesctl run '$image' -- sh -c 'trap \"stty size\" WINCH; stty size; while :; do sleep 0.2; done'\n" \
        'see=20 60' size=33x99 'see=33 99' 'type=\x03' 'see=ready> ' settings
}

test_a_hangup_of_the_terminal_ends_the_command() {
    local image
    image=$(pi_image alice)
    at_terminal "type=piimagesctl run --name dropped '$image' -- sh -c 'trap \"\" HUP; echo up; sleep 300'\n" 'see=up\r+\n' hangup
    wait_until 15 machine_is_gone dropped
}

test_script_can_record_a_run() {
    local image
    image=$(pi_image alice)
    at_terminal "type=script -qec \"piimagesctl run '$image' -- sh -c 'echo up; read -r word; echo got-\\\$word; exit 7'\" $WORK/alice/typescript\n" \
        'see=up\r+\n' 'type=banana\n' 'see=got-banana' 'see=ready> ' settings 'type=echo status $?\n' 'see=status 7'
    assert_contains "$(cat "$WORK/alice/typescript")" got-banana
}

tmux_of_alice() { as_user alice tmux -L piimages -f /dev/null "$@"; }
pane_shows() { tmux_of_alice capture-pane -p | grep --quiet "$1"; }

test_a_command_in_tmux_is_typed_to_resized_and_closed() {
    local image
    image=$(pi_image alice)
    tmux_of_alice new-session -d -x 90 -y 20 "piimagesctl run --name in-tmux '$image' -- sh -c 'trap \"stty size\" WINCH; stty size
        while :; do read -r word && echo \"got \$word\"; done'"
    wait_until 30 pane_shows '^20 90$'
    tmux_of_alice send-keys banana Enter
    wait_until 10 pane_shows '^got banana$'
    tmux_of_alice resize-window -x 70 -y 18
    wait_until 10 pane_shows '^18 70$'
    tmux_of_alice kill-server
    wait_until 15 machine_is_gone in-tmux
}

test_a_command_on_a_terminal_survives_the_daemon() {
    local image
    image=$(pi_image alice)
    (wait_until 20 machine_runs kept; kill_daemon) &
    at_terminal "type=piimagesctl run --name kept '$image' -- sh -c 'echo up; read -r word; echo \"got \$word\"; exit 5'\n" 'see=up\r+\n' \
        'type=date\n' 'see=got date' 'see=ready> ' settings 'type=echo status $?\n' 'see=status 5'
    wait
}

test_the_client_returns_the_status_after_restarts_of_the_daemon() {
    local image status=0
    image=$(pi_image alice)
    as_user alice piimagesctl run --name kept "$image" -- sh -c 'read -r word; echo "got $word"; exit 6' >out 2>err < <(
        wait_until 20 machine_runs kept; systemctl restart piimagesd.service; sleep 1; kill_daemon; sleep 1; echo late) || status=$?
    assert_eq "6 got late" "$status $(cat out)"
    assert_eq '' "$(cat err)"
}

test_the_client_returns_the_status_of_a_command_that_ends_without_daemon() {
    local image status=0
    image=$(pi_image alice)
    as_user alice piimagesctl run --name kept "$image" -- sh -c 'read -r word; exit 9' < <(
        wait_until 20 machine_runs kept; systemctl mask --runtime --quiet piimagesd.service; kill_daemon; echo end
        wait_until 20 machine_is_gone kept; systemctl unmask --runtime --quiet piimagesd.service) || status=$?
    assert_eq 9 "$status"
}

test_a_signal_to_the_client_ends_the_command_after_a_restart() {
    local image status=0 client_pid
    image=$(pi_image alice)
    as_user alice piimagesctl run --name kept "$image" -- sleep 300 >out 2>err &
    wait_until 20 machine_runs kept
    kill_daemon
    client_pid=$(pgrep -nf 'piimages-cli.jar run --name kept')
    kill -TERM "$client_pid"
    wait $! || status=$?
    assert_eq 143 "$status"
    wait_until 15 machine_is_gone kept
}

test_sigquit_ends_the_command_and_prints_no_stack_traces() {
    local image status=0
    image=$(pi_image alice)
    as_user alice piimagesctl run --name quitted "$image" -- sleep 300 >out 2>&1 &
    wait_until 20 machine_runs quitted
    kill -QUIT "$(pgrep -nf 'piimages-cli.jar run --name quitted')"
    wait $! || status=$?
    assert_eq 131 "$status"
    assert_lacks "$(cat out)" 'thread dump'
    wait_until 15 machine_is_gone quitted
}
