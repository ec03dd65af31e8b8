# Each step of the daemon fails once, in every possible way: system calls and files fail with EIO, ENOSPC, EBUSY, ENOMEM and EINTR; tools
# exit with status 1 or take too long; other services on the bus do not answer. The caller gets an error with its cause, or the requested
# result; everything that was begun is undone, and the next call succeeds. With PIIMAGES_FAULTS=., each step of each verb is tried, not each
# step once.
# shellcheck shell=bash
time_limit=400

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

test_a_failure_of_any_step_of_mounting_and_unmounting_leaves_nothing() { faults fail mount unmount; }

test_a_failure_of_any_step_of_running_and_booting_leaves_nothing() { faults fail run boot terminate; }

test_a_failure_of_any_step_of_growing_and_shrinking_leaves_nothing() { faults fail grow shrink; }

test_a_failure_of_any_step_of_copying_and_packing_leaves_nothing() { faults fail copy pack publish; }

# A single failure shows what is visibly left behind; 200 failures of one daemon show what leaks gradually. A device cannot be attached, a
# device cannot be mounted, or a record cannot be written.
test_steps_that_fail_200_times_leave_nothing() {
    export PIIMAGES_FAULT_TIMES=200 PIIMAGES_FAULT_WAYS='^EIO$'
    export PIIMAGES_FAULTS='^(LoopDevice\.attach:ioctl|Mount\.attach:move_mount#2|RunDirectory\.writeText:writeString) 1$'
    faults fail mount >"$WORK/figures"
    cat "$WORK/figures"
    # A call immediately after the previous one may find the image still locked, and fails with that reason.
    assert_matches "$(cat "$WORK/figures")" ' 600 instants, 0 leaks, 0 problems, [0-9] steps not reached'
}

# systemd starts the machine, but its answer is lost.
test_a_machine_whose_start_was_not_answered_is_terminated() {
    local image
    image=$(pi_image alice)
    as_user alice true
    start_daemon_with_faults
    system_state >"$WORK/before"
    echo "1 TIMEOUT Systemd.startTransient:call 1" >"$fault_directory/plan"
    # Without streams: nspawn reports on the command's standard error that it was told to exit, before or after the answer.
    assert_refused Failed 'Did not receive a reply' -- as_user alice "$client" --no-streams run "$image" name=unanswered -- sleep 300
    wait_until 20 machine_is_gone unanswered
    assert_nothing_left "$WORK/before"
    assert_eq '' "$(ls /run/piimages/machines)"
    start_daemon_without_faults
}
