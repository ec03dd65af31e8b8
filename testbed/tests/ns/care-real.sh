# An image of a real system, of the size of a card, is grown, checked, packed, unpacked, written to a card and shrunk.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=600

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

timed() { # WHAT COMMAND...
    local began=$EPOCHREALTIME
    "${@:2}" >said || return
    awk "BEGIN { printf \"%-7s %6.1f s\\n\", \"$1\", $EPOCHREALTIME - $began }"
}

test_all_operations_work_on_a_real_image_of_8_gib() {
    local image content directory card
    image=$(user_image alice real --boot-fs ext4 --dangling-resolv-conf)
    directory=$(dirname "$image")
    # Its boot partition has 256 MiB.
    root_offset=$((260 << 20))
    content=$(content_of "$image")
    timed grow run_job alice GrowImage sta{sv} "$image" "$((8 << 30))" 0
    assert_eq "$((8 << 30))" "$(stat --format %s "$image")"
    assert_sound_image "$image" "$content"
    timed check run_job alice CheckImage sa{sv} "$image" 0
    assert_contains "$(cat said)" '"sound" b true'
    timed pack run_job alice PackImage ssa{sv} "$image" "$directory/pi.img.zst" 0
    timed unpack run_job alice UnpackImage ssa{sv} "$directory/pi.img.zst" "$directory/again.img" 0
    same_content "$image" "$directory/again.img"
    (( $(du --block-size=1M "$directory/again.img" | cut -f1) < 1500 )) || fail "it is not sparse"
    rm "$directory/again.img" "$directory/pi.img.zst"
    truncate --size 9G card.file
    card=$(losetup --find --show card.file)
    timed write run_job root WriteImage ssa{sv} "$image" "$card" 1 not-removable b true || { losetup --detach "$card"; fail "$(cat said)"; }
    cat said
    losetup --detach "$card"
    assert_sound_image card.file "$content"
    timed shrink run_job alice ShrinkImage sa{sv} "$image" 0
    (( $(stat --format %s "$image") < 1 << 30 )) || fail "it still has $(stat --format %s "$image") bytes"
    assert_sound_image "$image" "$content"
}
