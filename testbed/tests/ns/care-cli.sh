# Image care from the command line: results, exit statuses, Ctrl-C.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=60

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

test_grow_check_and_shrink_from_the_command_line() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    assert_eq "$image: 2 GiB" "$(as_user alice piimagesctl --quiet grow "$image" 2G)"
    assert_contains "$(as_user alice piimagesctl check "$image")" "No errors were found."
    assert_contains "$(as_user alice piimagesctl --json=short check "$image")" '"sound":true'
    as_user alice piimagesctl --quiet shrink --margin 16M "$image"
    (( $(stat --format %s "$image") < 100 << 20 )) || fail "it was not shrunk"
    assert_fails_with 2 "is not a valid size" -- as_user alice piimagesctl grow "$image" much
    assert_fails_with 2 "already has .* bytes" -- as_user alice piimagesctl --quiet grow "$image" 1M
}

test_check_exits_with_1_if_the_image_has_errors() {
    local image
    image=$(user_image alice armhf)
    debugfs -w -R 'set_inode_field /etc/hostname links_count 7' "$image?offset=$root_offset" 2>/dev/null
    assert_fails_with 1 "" -- as_user alice piimagesctl check "$image"
    assert_contains "$(as_user alice piimagesctl check --repair "$image")" "All errors were repaired."
    as_user alice piimagesctl check "$image"
}

test_pack_and_unpack_from_the_command_line() {
    local image directory
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    as_user alice piimagesctl pack "$image" "$directory/pi.img.zst" 2>steps
    # A small image is packed so quickly that the first observed step may be the last one.
    assert_matches "$(cat steps)" '^(pack|sync)'
    assert_contains "$(as_user alice piimagesctl unpack "$directory/pi.img.zst" "$directory/pi.img")" "SHA-256"
    cmp "$image" "$directory/pi.img"
    rm "$directory/pi.img"
    as_user alice piimagesctl --quiet unpack "$directory/pi.img.zst"
    cmp "$image" "$directory/pi.img"
    assert_fails_with 2 "already exists" -- as_user alice piimagesctl copy "$image" "$directory/pi.img"
}

test_ctrl_c_cancels_the_job() {
    local image directory
    image=$(user_image alice armhf)
    truncate --size 8G "$image"
    directory=$(dirname "$image")
    assert_fails_with 124 "" -- as_user alice timeout --signal INT 5 piimagesctl pack "$image" "$directory/pi.xz"
    assert_eq "${image##*/}" "$(ls -A "$directory")"
    assert_lacks "$(as_user alice piimagesctl --json=short jobs)" running
}

# The tool that takes the longest is replaced by one that never exits, so that Ctrl-C interrupts it.
test_ctrl_c_while_shrinking_leaves_the_image_unchanged() {
    local image sum client status=0
    image=$(user_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    printf '%s\n' '#!/bin/sh' 'exec sleep 4711' >resize2fs
    chmod 755 resize2fs
    trap 'umount "$(command -v resize2fs)" 2>/dev/null || true' EXIT
    mount --bind resize2fs "$(command -v resize2fs)"
    # A process that a shell starts in the background would ignore SIGINT.
    as_user alice env --default-signal=INT piimagesctl shrink "$image" >said 2>&1 &
    client=$!
    wait_until 30 pgrep --uid alice --full "sleep 4711"
    pkill --signal INT --uid alice --full "shrink $image"
    wait "$client" || status=$?
    umount "$(command -v resize2fs)"
    assert_eq 130 "$status" "exit status of piimagesctl, which said: $(cat said)"
    assert_eq "$sum" "$(sum_of "$image")"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
    assert_fails_with 1 "" -- pgrep --uid alice --full "sleep 4711"
}

test_progress_of_a_job_is_signalled_at_most_four_times_a_second() {
    local image monitor first last count
    image=$(user_image alice armhf)
    truncate --size 4G "$image"
    stdbuf --output=L dbus-monitor --system --profile "type=signal,member=PropertiesChanged,path_namespace=/org/example/PiImages/job" >news &
    monitor=$!
    wait_until 10 grep --quiet NameAcquired news
    run_job alice PackImage ssa{sv} "$image" "$image.zst" 0
    wait_until 10 grep --quiet PropertiesChanged news
    kill "$monitor"
    wait "$monitor" || true
    read -r first last count < <(awk '/PropertiesChanged/ { last = $2; count++ } count == 1 { first = $2 } END { print first, last, count }' news)
    # Two signals more: one at the beginning, and one at the end, which is not delayed.
    awk "BEGIN { exit !($count >= 3 && $count <= 4 * ($last - $first) + 2) }" || fail "$count in $first to $last"
}
