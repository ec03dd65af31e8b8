# Booting an image's own init as a machine: how machinectl, systemctl and journalctl work with it, and how it ends.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=120

# boot_real [OPTION]...: boots a fresh copy of the real image as alice's machine "pi".
boot_real() {
    image=$(user_image alice real --boot-fs ext4)
    assert_eq pi "$(as_user alice piimagesctl boot --name=pi "$@" "$image")"
}

machine_property() { busctl get-property org.example.PiImages "/org/example/PiImages/machine/$1" org.example.PiImages.Machine "$2"; }

gone() { ! machinectl show "$1" && ! systemctl is-active --quiet "piimages-$1" && ! losetup --list | grep -q "$WORK"; }

# on_terminal USER SEEN KEYS COMMAND...: runs the command on a terminal as USER, types KEYS when SEEN appears, and prints the exit status.
# Keys that are typed earlier are lost: the machine's systemd flushes a terminal before it starts a command on it.
on_terminal() {
    local seen=$2 keys=$3 status=0 as=()
    [[ $1 == root ]] || as=(as_user "$1")
    shift 3
    : >screen
    chmod 666 screen
    { wait_until 30 grep --quiet --fixed-strings "$seen" screen; printf '%b' "$keys"; wait_until 30 test -e closed; } |
        { "${as[@]}" script --quiet --return --flush --command "$*" "$PWD/screen" >/dev/null || status=$?; touch closed; echo "$status"; }
    rm closed
}

# Many checks share one boot of the real image, because each boot takes seconds.
test_a_booted_image_starts_completely_and_systemds_tools_manage_it() {
    boot_real
    assert_eq running "$(state_of_machine pi)" "the state of the machine's systemd"
    assert_eq '' "$(systemctl --machine=pi --failed --plain --no-legend)" "failed units"
    assert_eq 's "running"' "$(machine_property pi State)"
    assert_eq "u $(machinectl show pi --property Leader --value)" "$(machine_property pi Leader)"
    assert_eq 's "private"' "$(machine_property pi Network)"
    assert_contains "$(machinectl list --no-legend)" pi
    assert_contains "$(machinectl status pi --no-pager)" "Unit: piimages-pi.service"
    assert_contains "$(journalctl --machine=pi --no-pager)" "Reached target"
    assert_contains "$(journalctl --unit piimages-pi --no-pager)" "Welcome to Debian"

    assert_contains "$(machinectl --quiet shell pi /bin/uname -m)" armv7l
    echo to the machine >there
    on_terminal root login: '\035\035\035' machinectl login pi >/dev/null
    machinectl copy-to pi "$WORK/there" /root/there
    machinectl copy-from pi /root/there "$WORK/back"
    assert_eq "to the machine" "$(cat back)"

    # The shutdown is orderly: the machine's systemd stops its services. The console output is in the journal.
    machinectl poweroff pi
    wait_until 30 gone pi
    assert_contains "$(journalctl --unit piimages-pi --no-pager)" "Powering off."
}

test_commands_in_a_booted_machine_run_as_services_of_it() {
    local status=0
    boot_real
    assert_eq "in the machine" "$(as_user alice piimagesctl shell pi /bin/sh -c 'echo in the machine')"
    # The image's file identifies the machine as well; the command runs as a user of the image and reads binary data from standard input.
    head --bytes 100000 /dev/urandom >bytes
    assert_eq "1000 $(md5sum <bytes | cut -d' ' -f1)" \
        "$(as_user alice piimagesctl shell --user=pi "$image" sh -c 'echo $(id -u) $(md5sum | cut -d" " -f1)' <bytes)"
    as_user alice piimagesctl shell pi sh -c 'exit 42' || status=$?
    assert_eq 42 "$status"
    status=0
    as_user alice piimagesctl shell pi sh -c 'kill -TERM $$' || status=$?
    assert_eq 143 "$status"
    assert_fails_with 127 'nowhere' -- as_user alice piimagesctl shell pi nowhere
    # Options for a new machine cannot apply to a running one.
    assert_fails_with 125 "options for a new machine cannot be used" -- as_user alice piimagesctl shell --root=2 pi true
    assert_fails_with 125 "options for a new machine cannot be used" -- as_user alice piimagesctl shell --passphrase-file=/dev/null pi true
    assert_eq '$HOME "%n" '\''' "$(as_user alice piimagesctl shell pi printf %s '$HOME "%n" '\''')"

    # A client that exits ends its own command only.
    as_user alice timeout --signal INT 3 piimagesctl shell pi sleep 3000 || true
    wait_until 10 sh -c '! pgrep --full "sleep 30[0]0"'
    assert_eq running "$(state_of_machine pi)"

    # While an image is booted, no other machine can use it.
    assert_fails_with 125 'booted as machine pi' -- as_user alice piimagesctl run "$image" -- true
    assert_fails_with 5 'already booted' -- as_user alice piimagesctl boot "$image"
    as_user alice piimagesctl terminate pi
    gone pi
}

test_a_command_in_a_booted_machine_survives_the_daemon() {
    local client_job
    boot_real
    mkfifo "$WORK/late"
    (status=0; as_user alice piimagesctl shell pi sh -c 'read -r word; echo "got $word"; exit 6' >"$WORK/out" 2>"$WORK/err" \
        <"$WORK/late" || status=$?; echo "$status" >"$WORK/status") &
    client_job=$!
    exec 7>"$WORK/late"
    wait_until 20 sh -c 'systemctl list-units "piimages-pi.command-*" | grep -q running'
    kill_daemon
    echo late >&7
    exec 7>&-
    wait "$client_job"
    assert_eq "6 got late" "$(cat "$WORK/status" "$WORK/out" "$WORK/err" | xargs)"
    as_user alice piimagesctl terminate pi
}

test_a_machine_reboots_and_survives_the_daemon() {
    local before
    boot_real
    before=$(machine_property pi Since)
    machinectl reboot pi
    wait_until 20 sh -c '! systemctl is-active --quiet piimages-pi'
    wait_until 40 systemctl is-active --quiet piimages-pi
    assert_eq running "$(state_of_machine pi)" "the state after a reboot"

    kill_daemon
    assert_eq "u $(id -u alice)" "$(machine_property pi Owner)"
    assert_eq "$before" "$(machine_property pi Since)"
    assert_eq 's "running"' "$(machine_property pi State)"
    assert_eq "still here" "$(as_user alice piimagesctl shell pi echo still here)"
    # Powered off from within, while the daemon is not running.
    systemctl stop piimagesd.service
    systemctl --machine=pi poweroff
    wait_until 30 gone pi
}

test_first_boot_services_do_not_run_and_the_image_gets_no_machine_id() {
    local unit
    boot_real --read-only
    for unit in resize2fs_once regenerate_ssh_host_keys systemd-firstboot systemd-machine-id-commit; do
        assert_eq masked "$(systemctl --machine=pi show --property LoadState --value "$unit.service")" "$unit"
    done
    assert_matches "$(as_user alice piimagesctl shell pi cat /etc/machine-id)" '^[0-9a-f]{32}$'
    as_user alice piimagesctl terminate pi
    assert_eq '' "$(as_user alice piimagesctl run "$image" -- cat /etc/machine-id)"
}

test_a_systemd_that_is_too_new_for_this_qemu_is_not_booted() {
    local modern
    mkdir -p modern/usr/lib/systemd modern/sbin
    touch modern/usr/lib/systemd/libsystemd-shared-257.so
    tar --create --file modern.tar --directory modern .
    modern=$(user_image alice armhf --boot-fs ext4 --extra-root "$WORK/modern.tar")
    # With qemu 10 and later it is not refused; but this image contains no real systemd, so it would never report that it has booted.
    if (( $("$(emulator arm)" --version | sed -n '1s/.*version \([0-9]*\).*/\1/p') < 10 )); then
        assert_fails_with 1 'systemd 257 does not boot under this host.s qemu' -- as_user alice piimagesctl boot "$modern"
    fi
    assert_eq armv7l "$(as_user alice piimagesctl run "$modern" -- uname -m)"
}

test_a_shell_has_a_terminal_of_the_callers_size() {
    local status=0
    boot_real
    as_user alice script --quiet --return --command "stty rows 33 cols 99; piimagesctl shell pi sh -c 'tty; stty size; exit 5'" \
        /dev/null >said </dev/null || status=$?
    assert_eq 5 "$status"
    assert_contains "$(cat said)" /dev/pts/
    assert_contains "$(cat said)" "33 99"
    # A login shell is a session of that user, and exits with the status of its last command.
    assert_eq 7 "$(on_terminal alice pi@ 'exit 7\r' piimagesctl shell --user=pi pi)"
    # Ctrl-C goes to the command, whose status is returned. Neither shells nor files are left in the machine.
    assert_eq 9 "$(on_terminal alice ready '\003' piimagesctl shell pi sh -c "'trap \"exit 9\" INT; echo ready; while :; do sleep 1; done'")"
    assert_eq '' "$(systemctl --machine=pi list-units --plain --no-legend 'container-shell*')" "shells left in the machine"
    assert_eq '' "$(systemd-run --machine=pi --pipe --wait --quiet find /tmp -name '.piimages*')" "files left in the machine"
    # Ctrl-] three times ends a command that would otherwise continue.
    assert_eq 129 "$(on_terminal alice ready '\035\035\035' piimagesctl shell pi sh -c "'echo ready; sleep 5000'")"
    wait_until 10 sh -c '! pgrep --full "sleep 50[0]0"'
    as_user alice piimagesctl terminate pi
}
