# Growing by the kernel, which asks for a capability that the fast bed may not have; and images with a FAT boot partition.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=160

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

test_a_mounted_image_grows_under_its_owner() {
    local image answer object before
    image=$(user_image alice armhf)
    answer=$(as_user alice busctl call --timeout=100 "${manager[@]}" MountImage sa{sv} "$image" 0)
    object=${answer:3:-1}
    answer=$(as_user alice busctl get-property org.example.PiImages "$object" org.example.PiImages.Image MountPoint)
    before=$(as_user alice df --output=size --block-size=1M "${answer:3:-1}" | tail -n 1)
    run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0
    (( $(as_user alice df --output=size --block-size=1M "${answer:3:-1}" | tail -n 1) > before + 100 )) || fail "df says the same as before"
    as_user alice busctl call --timeout=100 org.example.PiImages "$object" org.example.PiImages.Image Unmount a{sv} 0
    assert_sound_image "$image"
    assert_root_fills_its_partition "$image"
}

test_an_image_that_is_not_mounted_grows_in_place() {
    local image inode
    image=$(user_image alice armhf)
    inode=$(stat --format %i "$image")
    run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0
    assert_eq "$inode" "$(stat --format %i "$image")" "inode"
    assert_sound_image "$image"
    assert_root_fills_its_partition "$image"
}

# Step by step: the file is extended, the table written, the filesystem mounted and grown.
test_growing_in_place_stopped_at_every_step_goes_on() {
    local image call at calls=(ftruncate pwrite64 fsync syncfs)
    image=$(user_image alice armhf)
    cp --sparse=always "$image" original
    for call in "${calls[@]}"; do
        for at in 1 2 3; do
            cat original >"$image"
            kill_at "$at" "$call" run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0 || break
            assert_sound_image "$image"
            run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0
            assert_sound_image "$image"
            assert_root_fills_its_partition "$image"
        done
    done
    cat killed
    for call in "${calls[@]}"; do
        grep -q "daemon $call" killed || fail "the daemon was never killed at $call: $(cat killed)"
    done
}

# The disk is full at each step: the job fails, the image is sound, and the same command finishes it when there is room.
test_a_full_disk_while_growing_in_place_loses_nothing() {
    local image content call at fault=error=ENOSPC
    image=$(user_image alice armhf)
    content=$(content_of "$image")
    cp --sparse=always "$image" original
    for call in ftruncate pwrite64 fsync; do
        cat original >"$image"
        kill_at 1 "$call" run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0 || fail "$call was never reached"
        assert_contains "$(cat said)" "No space left"
        assert_sound_image "$image" "$content"
        run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0
        assert_sound_image "$image" "$content"
        assert_root_fills_its_partition "$image"
    done
}

test_f2fs_keeps_its_files_when_it_grows() {
    local image inode
    image=$(user_image alice armhf --root-size 100)
    mkdir tree mnt
    debugfs -R "rdump /etc $PWD/tree" "$image?offset=$root_offset" 2>/dev/null
    truncate --size 100M fs
    mkfs.f2fs -q fs
    modprobe f2fs
    mount -o loop fs mnt
    cp --archive tree/. mnt
    umount mnt
    dd if=fs of="$image" bs=1M seek=20 conv=notrunc status=none
    run_job alice GrowImage sta{sv} "$image" "$((256 << 20))" 0
    mount -o "loop,ro,offset=$root_offset" "$image" mnt
    diff --recursive --no-dereference tree mnt
    (( $(df --output=size --block-size=1M mnt | tail -n 1) > 200 )) || fail "$(df mnt)"
    umount mnt
}
