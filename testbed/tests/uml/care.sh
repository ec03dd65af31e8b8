# Growing a mounted filesystem, which requires a capability that an ns bed may lack; and images with a FAT boot partition.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=160

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

test_a_mounted_image_can_be_grown() {
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

# The steps: the file is extended, the partition table is written, the filesystem is mounted and grown.
test_growing_in_place_can_be_resumed_after_a_kill_at_each_step() {
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

# The disk is full at each step: the job fails, the image is consistent, and the same command succeeds when there is space.
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

test_growing_f2fs_preserves_its_files() {
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

test_a_backup_of_f2fs_contains_its_files_and_not_its_free_space() {
    local said number
    head --bytes=100M /dev/zero | tr '\0' X >fs
    mkfs.f2fs -q -f -t 0 fs >/dev/null
    modprobe f2fs
    mkdir mnt before
    mount -o loop,nodiscard fs mnt
    for number in {1..8}; do
        head --bytes=1M /dev/urandom >"mnt/kept.$number"
        head --bytes=1M /dev/zero | tr '\0' G >"mnt/gone.$number"
        echo "$number" >"mnt/small.$number"
    done
    sync --file-system mnt
    rm mnt/gone.*
    cp --archive mnt/. before
    umount mnt
    card_of 108
    echo 'start=8192, size=204800, type=83' | sfdisk --quiet "$card"
    dd if=fs of="$card" bs=1M seek=4 conv=notrunc,fsync status=none
    grep --quiet --text GGGGGGGGGGGGGGGG "$card" || fail "the card has nothing of the files that are gone"
    said=$(run_job root ReadDevice "ssa{sv}" "$card" "$WORK/backup.img" 1 not-removable b true)
    assert_contains "$said" '"note" s ""'
    ! grep --quiet --text GGGGGGGGGGGGGGGG backup.img || fail "a file that is gone is in the backup"
    (( $(stat --format %b backup.img) * 512 < 60 << 20 )) || fail "the file takes $(stat --format %b backup.img) blocks"
    dd if=backup.img of=fs bs=1M skip=4 count=100 status=none
    fsck.f2fs --dry-run fs >said 2>&1 || fail "$(cat said)"
    mount -o loop,ro fs mnt
    diff --recursive --no-dereference before mnt
    umount mnt
    free_card
}
