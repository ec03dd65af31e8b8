# Growing images: what changes and what does not, and that nothing is lost if the work is interrupted at any instant.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=400

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

test_grow_enlarges_file_partition_and_filesystem() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
    assert_eq "$((2 << 30))" "$(stat --format %s "$image")"
    assert_sound_image "$image"
    assert_root_fills_its_partition "$image"
    (( $(du --block-size=1M "$image" | cut -f1) < 64 )) || fail "the growth is not sparse"
}

# If a resize changed the PARTUUID or flags, the Pi would not boot.
test_grow_changes_only_the_size_of_one_partition_in_the_table() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    sfdisk --quiet --activate "$image" 2
    # A table made by sfdisk begins with a zero byte, which makes parted create a new disk ID; this one begins with boot code.
    printf 'boot code' | dd of="$image" conv=notrunc status=none
    sfdisk --dump "$image" >before
    head --bytes=512 "$image" >before.sector
    run_job alice GrowImage sta{sv} "$image" "$((3 << 30))" 0
    sfdisk --dump "$image" >after
    assert_eq "$(sed 's/\(start= *40960, size=\) *[0-9]*/\1/' before)" "$(sed 's/\(start= *40960, size=\) *[0-9]*/\1/' after)"
    head --bytes=512 "$image" >after.sector
    assert_matches "$(cmp --verbose before.sector after.sector | awk '$1 < 475 || $1 > 478')" '^$'
}

test_grow_by_a_relative_size() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    run_job alice GrowImage sta{sv} "$image" "$((1 << 30))" 1 relative b true
    assert_eq "$((1024 + 32 + 20))" "$(($(stat --format %s "$image") >> 20))" "MiB"
    assert_sound_image "$image"
    assert_root_fills_its_partition "$image"
}

test_grow_keeps_both_headers_of_a_gpt_valid() {
    local image
    image=$(user_image alice arm64 --boot-fs ext4 --gpt)
    sfdisk --dump "$image" | sed 's/size=.*, type/type/; /last-lba/d' >before
    run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
    sfdisk --verify "$image" >said 2>&1 || fail "sfdisk --verify: $(cat said)"
    assert_lacks "$(cat said)" backup
    assert_eq "$(sed 's/size=.*, type/type/' before)" "$(sfdisk --dump "$image" | sed 's/size=.*, type/type/; /last-lba/d')"
    assert_sound_image "$image"
    assert_root_fills_its_partition "$image"
}

test_a_grow_that_is_killed_at_any_step_loses_nothing_and_can_be_repeated() {
    local image content at size=$((512 << 20))
    image=$(user_image alice armhf --boot-fs ext4)
    content=$(content_of "$image")
    cp "$image" original
    for ((at = 1; at < 99; at++)); do
        cp --sparse=always original "$image.new" && chown alice: "$image.new" && mv "$image.new" "$image"
        kill_at "$at" "$changing_calls" run_job alice GrowImage sta{sv} "$image" "$size" 0 || break
        assert_sound_image "$image" "$content"
        run_job alice GrowImage sta{sv} "$image" "$size" 0
        assert_eq "$size" "$(stat --format %s "$image")"
        assert_sound_image "$image" "$content"
        assert_root_fills_its_partition "$image"
        assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
    done
    (( $(grep -c daemon killed) >= 10 )) || fail "too few instants: $(cat killed)"
}

# The incomplete copy is removed.
test_a_full_disk_leaves_the_image_unchanged() {
    local image sum directory=$WORK/small
    image=$(user_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    mkdir "$directory"
    mount -t tmpfs -o "size=$(($(du --block-size=1K "$image" | cut -f1) + 600))K,mode=777" small "$directory"
    cp --sparse=always --preserve=ownership "$image" "$directory/pi.img"
    assert_fails_with 1 "[Nn]o space|bytes left" -- run_job alice GrowImage sta{sv} "$directory/pi.img" "$((2 << 30))" 0
    assert_fails_with 1 "[Nn]o space|bytes left" -- run_job alice ShrinkImage sa{sv} "$directory/pi.img" 0
    assert_eq "$sum" "$(sum_of "$directory/pi.img")"
    assert_eq pi.img "$(ls -A "$directory")"
    umount "$directory"
}

test_grow_neither_shrinks_an_image_nor_moves_a_partition() {
    local image sum
    image=$(user_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    assert_fails_with 1 "already has .* bytes" -- run_job alice GrowImage sta{sv} "$image" "$((1 << 20))" 0
    assert_eq "$sum" "$(sum_of "$image")"
    as_user alice truncate --size 100M "$image"
    echo 'start=80MiB, size=8MiB, type=83' | sfdisk --quiet --no-reread --append "$image"
    assert_fails_with 1 "partition 3 is the last one and has no known filesystem" -- run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
}
