# Images that run as machines, and jobs: one writer at a time, concurrent readers.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=120

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# start_sleeper IMAGE [OPTION]...: starts a machine "sleeper" of alice's in the background; sets "runner" to the PID of the caller.
start_sleeper() {
    (trap - ERR; as_user alice "$client" run "$1" name=sleeper "${@:2}" -- sleep 600 </dev/null >"$WORK/sleeper.said" 2>&1) &
    runner=$!
    wait_until 30 machine_runs sleeper
}

end_sleeper() {
    as_user alice piimagesctl terminate sleeper
    wait "$runner" || true
    wait_until 10 machine_is_gone sleeper
}

test_jobs_refuse_an_image_that_a_machine_can_write() {
    local image sum runner
    image=$(pi_image alice)
    start_sleeper "$image"
    sum=$(sfdisk --dump "$image")
    assert_fails_with 1 "is running as a machine; terminate it first" -- run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    assert_fails_with 1 "is running as a machine" -- run_job alice ShrinkImage sa{sv} "$image" 0
    assert_fails_with 1 "is running as a machine" -- run_job alice CheckImage sa{sv} "$image" 0
    assert_fails_with 1 "is running as a machine" -- run_job alice CopyImage ssa{sv} "$image" "$image.copy" 0
    assert_eq "$sum" "$(sfdisk --dump "$image")" "the table"
    end_sleeper
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    assert_sound_image "$image"
    # The earlier machine's mounts are not reused: this machine sees the new size.
    (( $(run_in alice "$image" df -m / | awk 'END { print $2 }') > 800 )) || fail "the machine sees the old size"
}

test_jobs_that_read_run_together_with_a_read_only_machine() {
    local image runner
    image=$(pi_image alice)
    start_sleeper "$image" read-only
    run_job alice CopyImage ssa{sv} "$image" "$image.copy" 0
    cmp "$image" "$image.copy"
    assert_contains "$(run_job alice CheckImage sa{sv} "$image" 0)" '"sound" b true'
    assert_fails_with 1 "is running as a machine" -- run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    end_sleeper
}

test_an_ephemeral_machine_does_not_block_jobs() {
    local image runner
    image=$(pi_image alice)
    start_sleeper "$image" ephemeral
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0
    assert_sound_image "$image"
    end_sleeper
    assert_eq "$((1 << 30))" "$(stat --format %s "$image")"
}

test_only_read_only_machines_start_in_an_image_that_a_job_reads() {
    local image job mode
    image=$(pi_image alice)
    truncate --size 8G "$image"
    job=$(start_job alice PackImage ssa{sv} "$image" "$image.xz" 0)
    wait_until 20 pgrep --exact --uid alice xz
    assert_fails_with 1 "locked" -- as_user alice "$client" run "$image" -- true
    # Read-only machines are permitted.
    as_user alice "$client" run "$image" read-only -- true
    as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 cancelled -- await_job alice "$job"
    run_in alice "$image" true
}

# A machine of the owner runs in the image that they have mounted. The filesystem is grown while it is mounted if the kernel can; otherwise
# the job fails.
test_a_mounted_image_with_a_machine_is_grown_or_remains_unchanged() {
    local image runner status=0
    image=$(pi_image alice)
    mount_image alice "$image"
    start_sleeper "$image"
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 0 >said 2>&1 || status=$?
    if (( status )); then
        assert_contains "$(cat said)" "it can be grown only while it is not mounted; unmount it first"
        assert_eq "$((53 << 20))" "$(stat --format %s "$image")"
    fi
    end_sleeper
    umount_image alice "$image"
    assert_sound_image "$image"
}
