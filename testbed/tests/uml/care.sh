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
