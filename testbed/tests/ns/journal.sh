# The journal explains what the daemon did and found: one line for each event, with the correct priority, and fields for programs.
# shellcheck shell=bash

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

start_listening() { since=@$(date +%s.%6N); }

# events NAME [FIELD=VALUE]...: prints the events since start_listening, as JSON, one per line.
events() { journalctl --quiet --output json --since "$since" --unit piimagesd.service "PIIMAGES_EVENT=$1" "${@:2}"; }

event_exists() { [[ -n $(events "$@") ]]; }

# assert_event NAME PRIORITY FIELD=VALUE...: the event was recorded once, in one line.
assert_event() {
    wait_until 10 event_exists "$1" "PRIORITY=$2" "${@:3}"
    assert_eq 1 "$(events "$1" "${@:3}" | wc -l)" "entries of $1"
    assert_lacks "$(journalctl --quiet --output cat --since "$since" "PIIMAGES_EVENT=$1" "${@:3}")" $'\n'
}

test_the_journal_records_what_the_daemon_did() {
    local image uid
    image=$(pi_image alice)
    uid=$(id -u alice)
    start_listening
    mount_image alice "$image"
    assert_event mounted 6 "PIIMAGES_IMAGE=$image" "PIIMAGES_OWNER_UID=$uid"
    as_user alice "$client" run "$image" name=told -- true
    assert_event started 6 PIIMAGES_MACHINE=told "PIIMAGES_IMAGE=$image" PIIMAGES_UNIT=piimages-told.service
    assert_event ended 6 PIIMAGES_MACHINE=told PIIMAGES_STATUS=0
    umount_image alice "$image"
    assert_event unmounted 6 "PIIMAGES_IMAGE=$image"
    as_user alice piimagesctl --quiet check "$image"
    assert_event job-ended 6 "PIIMAGES_IMAGE=$image" PIIMAGES_OPERATION=check PIIMAGES_RESULT=done
}

test_the_journal_records_what_the_next_daemon_found() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    start_machine root "$(image armhf --boot-fs ext4)" stays sleep 300
    start_listening
    kill_daemon
    "$client" get "$image" >/dev/null
    assert_event found 6 "PIIMAGES_IMAGE=$image"
    assert_event found 6 PIIMAGES_MACHINE=stays
    umount_image alice "$image"
    machinectl terminate stays
    wait "$runner" || true
    wait_until 15 machine_is_gone stays
}

test_the_journal_records_what_the_next_daemon_undid() {
    local image
    image=$(pi_image alice)
    as_user alice true
    start_daemon_with_faults
    start_listening
    echo "1 KILL Mount.attach:move_mount#2 1" >"$fault_directory/plan"
    assert_fails_with 200 NoReply -- as_user alice "$client" mount "$image"
    assert_refused NotMounted '' -- as_user alice "$client" get "$image"
    assert_event undone 4 "PIIMAGES_IMAGE=$image"
    start_daemon_without_faults
}
