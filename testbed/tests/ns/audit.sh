# Audit entries in the journal: who did what to which file, in fields for programs; no user can forge an entry.
# shellcheck shell=bash

decided=9b6b1c0d8a2f4c0e9f0f4f7c63a1d5e2
ended=4e5a7d0be1c94a6fb6a2c8f1d3970b84

# entries MESSAGE_ID [FIELD=VALUE]...: prints the entries since start_listening, as JSON, one per line.
entries() { journalctl --quiet --output json --since "$since" --unit piimagesd.service "MESSAGE_ID=$1" "${@:2}"; }

written() { [[ -n $(entries "$@") ]]; }

# Not a cursor: journalctl mistakes the first matching entry after it for the cursor's own entry, and omits it.
start_listening() { since=@$(date +%s.%6N); }

# assert_entry MESSAGE_ID UID OPERATION FILE FIELD VALUE: exactly one such entry exists, and the daemon itself wrote it.
assert_entry() {
    wait_until 10 written "$1" "PIIMAGES_OPERATION=$3" "$5=$6"
    entries "$1" "PIIMAGES_OPERATION=$3" "$5=$6" >"$WORK/entry"
    python3 - "$WORK/entry" "$2" "$4" "$(daemon_pid)" <<'END'
import json, sys
path, uid, file, pid = sys.argv[1:]
lines = [json.loads(line) for line in open(path)]
assert len(lines) == 1, lines
entry = lines[0]
for name, value in (('PIIMAGES_CALLER_UID', uid), ('PIIMAGES_IMAGE', file), ('_PID', pid), ('PRIORITY', '6'),
                    ('SYSLOG_IDENTIFIER', 'piimagesd')):
    assert entry[name] == value, (name, entry)
assert int(entry['PIIMAGES_CALLER_PID']) > 1 and entry['PIIMAGES_CALLER'].startswith(':1.'), entry
assert file in entry['MESSAGE'] and uid in entry['MESSAGE'], entry
END
}

test_the_journal_records_who_mounted_ran_and_unmounted_what() {
    local image uid
    image=$(pi_image alice)
    uid=$(id -u alice)
    start_listening
    mount_image alice "$image"
    run_in alice "$image" true
    umount_image alice "$image"
    for verb in Manager.MountImage Image.Unmount; do
        assert_entry "$decided" "$uid" "$verb" "$image" PIIMAGES_DECISION allowed
        assert_entry "$ended" "$uid" "$verb" "$image" PIIMAGES_RESULT "done"
        journalctl --output=json MESSAGE_ID="$ended" PIIMAGES_OPERATION="$verb" | grep --quiet '"PIIMAGES_MICROSECONDS":"[1-9][0-9]*"' \
            || fail "how long it took is not there"
    done
    assert_entry "$ended" "$uid" Manager.RunImage "$image" PIIMAGES_ACTION org.example.PiImages.run
}

test_the_journal_records_refused_and_failed_operations() {
    local image object
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    start_listening
    assert_fails_with 1 InteractiveAuthorizationRequired -- as_user bob "$client" unmount "$object"
    assert_entry "$decided" "$(id -u bob)" Image.Unmount "$image" PIIMAGES_DECISION \
        org.freedesktop.DBus.Error.InteractiveAuthorizationRequired
    umount_image alice "$image"
    : >"$image"
    assert_fails_with 1 '' -- as_user alice "$client" mount "$image"
    assert_entry "$ended" "$(id -u alice)" Manager.MountImage "$image" PIIMAGES_RESULT InvalidImage
}

test_the_journal_records_operations_of_root_too() {
    local image
    image=$(pi_image alice)
    start_listening
    "$client" unmount "$("$client" mount "$image")"
    assert_entry "$decided" 0 Manager.MountImage "$image" PIIMAGES_DECISION allowed
}

# A file name in the form of lines and fields of the journal adds no fields, and its escape sequences are not printed.
test_a_file_name_cannot_forge_an_entry_or_control_a_terminal() {
    local image name=$'x\nMESSAGE_ID=00000000000000000000000000000000\nPIIMAGES_CALLER_UID=0\n<0>piimagesd: \e[2Jgone.img'
    image=$(pi_image alice)
    mv "$image" "$WORK/alice/$name"
    image=$WORK/alice/$name
    start_listening
    as_user alice "$client" unmount "$(as_user alice "$client" mount "$image")"
    : >"$image"
    assert_fails_with 1 '' -- as_user alice "$client" mount "$image"
    wait_until 10 written "$ended" PIIMAGES_RESULT=InvalidImage
    assert_eq '' "$(entries 00000000000000000000000000000000)"
    journalctl --quiet --all --no-pager --output cat --since "$since" --unit piimagesd >"$WORK/shown"
    journalctl --quiet --all --no-pager --output verbose --since "$since" --unit piimagesd >>"$WORK/shown"
    assert_lacks "$(cat "$WORK/shown")" $'\e'
    assert_eq '' "$(grep -E '^(<0>|MESSAGE_ID=0|PIIMAGES_CALLER_UID=0)' "$WORK/shown")"
    grep -qF 'x\u{a}MESSAGE_ID' "$WORK/shown"
}

test_the_catalog_explains_the_entries() {
    local id
    test -s /usr/lib/systemd/catalog/piimages.catalog
    for id in "$decided" "$ended"; do
        assert_contains "$(journalctl --list-catalog "$id")" "PiImages"
    done
}

unreadable_record_is_reported() {
    [[ $(journalctl --quiet --output cat --priority err --since "$since" --unit piimagesd) == *"cannot read the record"* ]]
}

test_other_messages_of_the_daemon_have_their_priority() {
    start_listening
    systemctl stop piimagesd
    install -d /run/piimages/images
    echo nonsense >/run/piimages/images/7_0_1
    busctl call "${manager[@]}" ListImages >/dev/null
    wait_until 10 unreadable_record_is_reported
    rm -r /run/piimages/unreadable
}
