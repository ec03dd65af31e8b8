# The test bed itself: it is the system that the other tests expect.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

test_systemd_is_up_and_nothing_failed() {
    assert_eq systemd "$(cat /proc/1/comm)"
    assert_eq running "$(systemctl is-system-running)"
}

test_the_bus_has_machined_logind_and_polkit() {
    local name
    for name in org.freedesktop.machine1 org.freedesktop.login1 org.freedesktop.PolicyKit1; do
        busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus StartServiceByName su "$name" 0
        busctl status "$name" >/dev/null
    done
}

test_a_user_at_the_seat_is_active_and_local() {
    local session
    session=$(as_user alice sh -c 'loginctl show-session "$(sed -n "s,.*session-\(.*\).scope,\1,p" /proc/self/cgroup)"')
    assert_contains "$session" Name=alice
    assert_contains "$session" Active=yes
    assert_contains "$session" Seat=seat0
    assert_contains "$session" Remote=no
}

test_users_take_turns_at_the_seat() {
    assert_eq alice "$(as_user alice whoami)"
    assert_eq bob "$(as_user bob whoami)"
    assert_eq bob "$(loginctl show-seat seat0 --property ActiveSession --value | xargs loginctl show-session \
        --property Name --value)"
    assert_eq alice "$(as_user alice whoami)"
}

# polkit_action ID ANY INACTIVE ACTIVE
polkit_action() {
    cat >"/usr/share/polkit-1/actions/$1.policy" <<END
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig><action id="$1">
  <description>A test</description><message>A test</message>
  <defaults><allow_any>$2</allow_any><allow_inactive>$3</allow_inactive><allow_active>$4</allow_active></defaults>
</action></policyconfig>
END
    wait_until 10 pkaction --action-id "$1"
}

# allowed KIND ACTION: succeeds if polkit allows the action to a process in a session of that kind.
allowed() { as_user_in "$1" alice sh -c 'pkcheck --action-id "$1" --process $$' sh "$2"; }

test_polkit_distinguishes_active_inactive_and_other_callers() {
    local kind action expected status
    polkit_action org.example.testbed.active no no yes
    polkit_action org.example.testbed.inactive no yes no
    polkit_action org.example.testbed.any yes no no
    for kind in active inactive remote none; do
        for action in active inactive any; do
            expected=1 status=0
            case $kind-$action in active-active | inactive-inactive | remote-any | none-any) expected=0 ;; esac
            allowed "$kind" "org.example.testbed.$action" 2>/dev/null || status=$?
            assert_eq "$expected" "$status" "$kind caller, action for $action"
        done
    done
    rm /usr/share/polkit-1/actions/org.example.testbed.*
}

test_as_user_returns_the_exit_status_and_both_outputs() {
    assert_eq "to stdout" "$(as_user alice sh -c 'echo to stdout; echo to stderr >&2' 2>"$WORK/err")"
    assert_eq "to stderr" "$(cat "$WORK/err")"
    assert_fails_with 7 gone -- as_user alice sh -c 'echo gone >&2; exit 7'
}

test_an_arm_program_runs_through_binfmt_misc() {
    local loop
    # --partscan, even if this kernel reads no partition tables: with it, the partitions are removed together with the loop device.
    loop=$(losetup --find --show --partscan "$(image armhf --boot-fs ext4)")
    partx --add "$loop" 2>/dev/null || true
    mkdir root
    mount "${loop}p2" root
    assert_eq armv7l "$(chroot root /bin/busybox uname -m)"
    assert_contains "$(cat root/etc/fstab)" PARTUUID=7069696d-01
    mount "${loop}p1" root/boot/firmware
    assert_contains "$(cat root/boot/firmware/cmdline.txt)" root=PARTUUID=7069696d-02
    umount --recursive root
    losetup --detach "$loop"
}

test_machinectl_lists_a_machine_with_private_users() {
    local loop
    loop=$(losetup --find --show --partscan "$(image arm64)")
    partx --add "$loop" 2>/dev/null || true
    mkdir root
    mount "${loop}p2" root
    systemd-run --quiet --unit piimages-trial --slice machine.slice --property Delegate=yes --collect \
        systemd-nspawn --quiet --keep-unit --machine trial --directory "$WORK/root" --private-users=pick \
        --private-users-ownership=map sleep infinity
    wait_until 10 machinectl show trial
    assert_contains "$(machinectl list)" trial
    machinectl terminate trial
    wait_until 10 eval '! machinectl show trial'
    wait_until 10 umount root
    losetup --detach "$loop"
}

test_large_files_fit_into_the_work_directory() {
    assert_matches "$(stat --file-system --format %T "$WORK")" '^(ext2/ext3|xfs|btrfs)$'
    (( $(stat --file-system --format '%a*%S' "$WORK") > 4 << 30 )) || fail "less than 4 GiB free"
}

# There is one unit for each session: of two callers that opened it at the same time, the second waited for a report that was never written.
test_the_first_session_of_a_user_can_be_opened_concurrently() {
    local number
    may_change "${accounts[@]}"
    for number in 1 2 3 4; do
        (trap - ERR; as_user twice grep ^0:: /proc/self/cgroup >"$WORK/$number") &
    done
    wait
    assert_eq 1 "$(sort --unique "$WORK"/[1-4] | wc -l)" "sessions"
    assert_contains "$(cat "$WORK/4")" session-
}
