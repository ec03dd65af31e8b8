# Shrinking images: to what their files need, and that nothing is lost at whatever instant the work stops.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=400

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# large_image USER ARCH [OPTION]...: one with much room in it.
large_image() {
    local image directory
    image=$(user_image "$@")
    as_user "$1" truncate --size 300M "$image"
    echo ', +' | sfdisk --quiet --no-reread -N 2 "$image"
    resize2fs_at_root "$image"
    echo "$image"
}

resize2fs_at_root() {
    local loop
    loop=$(losetup --find --show --offset "$root_offset" "$1")
    e2fsck -f -p "$loop" >/dev/null || true
    resize2fs "$loop" >/dev/null 2>&1
    losetup --detach "$loop"
}

test_shrink_gives_back_what_the_files_do_not_need() {
    local image content before after
    image=$(large_image alice armhf --boot-fs ext4)
    content=$(content_of "$image")
    sfdisk --dump "$image" >before
    run_job alice ShrinkImage sa{sv} "$image" 1 margin t 16777216
    (( $(stat --format %s "$image") < 100 << 20 )) || fail "it still has $(stat --format %s "$image") bytes"
    assert_eq "alice:alice 600" "$(stat --format '%U:%G %a' "$image")"
    assert_sound_image "$image" "$content"
    assert_root_fills_its_partition "$image"
    sfdisk --dump "$image" >after
    assert_eq "$(sed 's/\(start= *40960, size=\) *[0-9]*/\1/' before)" "$(sed 's/\(start= *40960, size=\) *[0-9]*/\1/' after)"
    # Nothing to gain any more: the file stays the same one.
    before=$(stat --format %i "$image")
    run_job alice ShrinkImage sa{sv} "$image" 1 margin t 67108864
    after=$(stat --format %i "$image")
    assert_eq "$before" "$after" "inode"
}

test_shrink_stopped_at_every_step_leaves_the_image_as_it_was() {
    local image content sum at
    image=$(large_image alice armhf --boot-fs ext4)
    content=$(content_of "$image")
    sum=$(sum_of "$image")
    for ((at = 1; at < 99; at++)); do
        kill_at "$at" "$changing_calls" run_job alice ShrinkImage sa{sv} "$image" 0 || break
        assert_as_it_was
    done
    (( $(grep -c daemon killed) >= 10 )) || fail "too few instants: $(cat killed)"
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_image "$image" "$content"
    assert_root_fills_its_partition "$image"
}

# The image is the old one, and beside it is nothing: what the killed daemon could not remove is gone when the next one answers.
assert_as_it_was() {
    daemon_pid >/dev/null
    assert_eq "$sum" "$(sum_of "$image")" "the image"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_shrink_stopped_while_the_file_gets_its_name_leaves_the_old_image_or_the_new() {
    local image content sum call
    image=$(large_image alice armhf --boot-fs ext4)
    chmod 640 "$image"
    content=$(content_of "$image")
    sum=$(sum_of "$image")
    for call in "${naming_calls[@]}"; do
        kill_at 1 "$call" run_job alice ShrinkImage sa{sv} "$image" 0 || fail "not killed at $call: $(cat said)"
        assert_contains "$(tail -n 1 killed)" "daemon $call"
        assert_as_it_was
    done
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_image "$image" "$content"
    assert_eq 640 "$(stat --format %a "$image")"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_a_killed_tool_leaves_the_image_as_it_was() {
    local image sum at tracing=()
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    for at in 1 3 9 27; do
        kill_at "$at" pwrite64 run_job alice ShrinkImage sa{sv} "$image" 0 || fail "not killed: $(cat said)"
        assert_contains "$(tail -n 1 killed)" tool
        assert_contains "$(cat said)" "it was killed"
        assert_as_it_was
    done
}

test_a_cancelled_shrink_leaves_the_image_as_it_was() {
    local image sum job
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    job=$(start_job alice ShrinkImage sa{sv} "$image" 0)
    as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 cancelled -- await_job alice "$job"
    assert_eq "$sum" "$(sum_of "$image")"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_shrink_refuses_a_mounted_image() {
    local image answer
    image=$(user_image alice armhf --boot-fs ext4)
    answer=$(as_user alice busctl call "${manager[@]}" MountImage sa{sv} "$image" 0)
    assert_fails_with 1 "is mounted" -- run_job alice ShrinkImage sa{sv} "$image" 0
    as_user alice busctl call org.example.PiImages "${answer:3:-1}" org.example.PiImages.Image Unmount a{sv} 0
}

test_two_jobs_do_not_work_on_one_image() {
    local image job
    image=$(user_image alice armhf --boot-fs ext4)
    truncate --size 8G "$image"
    job=$(start_job alice PackImage ssa{sv} "$image" "$image.xz" 0)
    wait_until 10 pgrep --exact --uid alice xz
    assert_fails_with 1 "is locked" -- run_job alice ShrinkImage sa{sv} "$image" 0
    assert_fails_with 1 "is locked" -- as_user alice busctl call "${manager[@]}" MountImage sa{sv} "$image" 0
    # Who only reads does not mind.
    run_job alice CopyImage ssa{sv} "$image" "$image.copy" 0
    as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 cancelled -- await_job alice "$job"
}

# What fills the card on the first boot: a program on the kernel's command line, a service that runs once.
test_shrink_leaves_the_first_boot_as_the_image_had_it() {
    local image root boot
    image=$(large_image alice armhf --boot-fs ext4)
    echo "console=serial0 root=PARTUUID=7069696d-02 init=/usr/lib/raspberrypi-sys-mods/firstboot" >cmdline.txt
    printf '%s\n' '#!/bin/sh' 'resize2fs /dev/mmcblk0p2' >once
    debugfs -w -R "rm cmdline.txt" "$image?offset=$boot_offset" 2>/dev/null
    debugfs -w -R "write $PWD/cmdline.txt cmdline.txt" "$image?offset=$boot_offset" 2>/dev/null
    debugfs -w -R "write $PWD/once resize2fs_once" "$image?offset=$root_offset" 2>/dev/null
    root=$(content_of "$image") boot=$(content_of "$image" "$boot_offset")
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_image "$image" "$root"
    assert_eq "$boot" "$(content_of "$image" "$boot_offset")" "the boot partition's files"
    assert_contains "$(debugfs -R 'cat cmdline.txt' "$image?offset=$boot_offset" 2>/dev/null)" firstboot
    assert_contains "$(debugfs -R 'cat resize2fs_once' "$image?offset=$root_offset" 2>/dev/null)" mmcblk0p2
}

test_a_disk_that_fills_up_at_any_step_leaves_the_image_as_it_was() {
    local image sum call at fault=error=ENOSPC
    local -A last=([fsync]=1)
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    cp --sparse=always --preserve=ownership "$image" original
    for call in ftruncate copy_file_range pwrite64 fsync; do
        at=1
        # The last fsync is the directory's: the new image is there by then.
        while (( at <= ${last[$call]:-3} )) && kill_at "$at" "$call" run_job alice ShrinkImage sa{sv} "$image" 0; do
            assert_contains "$(cat said)" "No space left"
            assert_eq "$sum" "$(sum_of "$image")" "the image, after $call $at"
            assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
            at=$((at + 1))
        done
        (( at > 1 )) || fail "$call was never reached: $(cat said)"
        mv original "$image"
        cp --sparse=always --preserve=ownership "$image" original
    done
}
