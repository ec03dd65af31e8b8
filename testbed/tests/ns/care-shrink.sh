# Shrinking images: to the size that their files require, and that nothing is lost if the work is interrupted at any instant.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=400

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# large_image USER ARCH [OPTION]...: creates an image with much free space; prints its path.
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

test_shrink_removes_the_space_that_files_do_not_need() {
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
    # It cannot be shrunk further, so the file is not replaced.
    before=$(stat --format %i "$image")
    run_job alice ShrinkImage sa{sv} "$image" 1 margin t 67108864
    after=$(stat --format %i "$image")
    assert_eq "$before" "$after" "inode"
}

test_a_shrink_that_is_killed_at_any_step_leaves_the_image_unchanged() {
    local image content sum at
    image=$(large_image alice armhf --boot-fs ext4)
    content=$(content_of "$image")
    sum=$(sum_of "$image")
    for ((at = 1; at < 99; at++)); do
        kill_at "$at" "$changing_calls" run_job alice ShrinkImage sa{sv} "$image" 0 || break
        assert_unchanged
    done
    (( $(grep -c daemon killed) >= 10 )) || fail "too few instants: $(cat killed)"
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_image "$image" "$content"
    assert_root_fills_its_partition "$image"
}

# The image is unchanged, and the only file in its directory: when the next daemon answers, it has removed what the killed one left.
assert_unchanged() {
    daemon_pid >/dev/null
    assert_eq "$sum" "$(sum_of "$image")" "the image"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_a_shrink_that_is_killed_before_the_new_file_has_its_name_leaves_the_image_unchanged() {
    local image content sum call
    image=$(large_image alice armhf --boot-fs ext4)
    chmod 640 "$image"
    content=$(content_of "$image")
    sum=$(sum_of "$image")
    for call in "${naming_calls[@]}"; do
        kill_at 1 "$call" run_job alice ShrinkImage sa{sv} "$image" 0 || fail "not killed at $call: $(cat said)"
        assert_contains "$(tail -n 1 killed)" "daemon $call"
        assert_unchanged
    done
    run_job alice ShrinkImage sa{sv} "$image" 0
    assert_sound_image "$image" "$content"
    assert_eq 640 "$(stat --format %a "$image")"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

test_a_killed_tool_leaves_the_image_unchanged() {
    local image sum at tracing=()
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    for at in 1 3 9 27; do
        kill_at "$at" pwrite64 run_job alice ShrinkImage sa{sv} "$image" 0 || fail "not killed: $(cat said)"
        assert_contains "$(tail -n 1 killed)" tool
        assert_contains "$(cat said)" "it was killed"
        assert_unchanged
    done
}

test_a_cancelled_shrink_leaves_the_image_unchanged() {
    local image sum job
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    cp --sparse=always "$image" original
    # On a busy computer, the job may end before it is cancelled.
    for _ in {1..5}; do
        cp --sparse=always original "$image"
        job=$(start_job alice ShrinkImage sa{sv} "$image" 0)
        as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
        await_job alice "$job" >said 2>&1 || break
    done
    assert_contains "$(cat said)" cancelled
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

test_an_image_that_a_job_reads_can_only_be_read() {
    local image job
    image=$(user_image alice armhf --boot-fs ext4)
    truncate --size 8G "$image"
    job=$(start_job alice PackImage ssa{sv} "$image" "$image.xz" 0)
    wait_until 10 pgrep --exact --uid alice xz
    assert_fails_with 1 "is locked" -- run_job alice ShrinkImage sa{sv} "$image" 0
    assert_fails_with 1 "is locked" -- as_user alice busctl call "${manager[@]}" MountImage sa{sv} "$image" 0
    # A job that only reads is permitted.
    run_job alice CopyImage ssa{sv} "$image" "$image.copy" 0
    as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 cancelled -- await_job alice "$job"
}

# What enlarges the root to the size of the card on the first boot: a program on the kernel's command line, or a service that runs once.
test_shrink_preserves_what_enlarges_the_root_on_the_first_boot() {
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

test_a_disk_that_is_full_at_any_step_leaves_the_image_unchanged() {
    local image sum call at fault=error=ENOSPC
    local -A last=([fsync]=1)
    image=$(large_image alice armhf --boot-fs ext4)
    sum=$(sum_of "$image")
    cp --sparse=always --preserve=ownership "$image" original
    for call in ftruncate copy_file_range pwrite64 fsync; do
        at=1
        # The last fsync is that of the directory: by then, the new image has replaced the old one.
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
