# Ways of mounting an image: read-only, without its boot partition, repeatedly, and by other names of the file.
# shellcheck shell=bash
# A test waits for the threads of calls to exit, which takes half a minute.
time_limit=120

# dirty_image USER: makes an image whose journal is not empty, as after a power failure, and prints its path.
dirty_image() {
    local image loop
    image=$(pi_image "$1")
    mkdir "$WORK/dirty"
    loop=$(losetup --find --show --offset "$root_offset" --sizelimit 32M "$image")
    mount "$loop" "$WORK/dirty"
    touch "$WORK/dirty/written-before-the-cut"
    sync --file-system "$WORK/dirty"
    cp "$image" "$image.cut"
    umount "$WORK/dirty"
    losetup --detach "$loop"
    mv "$image.cut" "$image"
    chown "$1:" "$image"
    assert_contains "$(superblock "$image")" needs_recovery
    echo "$image"
}

test_a_read_only_mount_does_not_change_the_file() {
    local image where before
    image=$(dirty_image alice)
    before=$(sum_of "$image")
    where=$(mount_image alice "$image" --read-only)
    as_user alice cat "$where/etc/fstab" >/dev/null
    assert_fails_with 1 'Read-only file system' -- as_user alice touch "$where/root/new"
    assert_fails_with 1 'Read-only file system' -- as_user alice touch "$where/boot/firmware/new"
    umount_image alice "$image"
    assert_eq "$before" "$(sum_of "$image")" "checksum"
}

test_a_read_only_run_does_not_change_the_image() {
    local image before
    image=$(dirty_image alice)
    before=$(sum_of "$image")
    assert_fails_with 1 'Read-only file system' -- as_user alice piimagesctl run --read-only "$image" -- touch /etc/new
    assert_eq "$before" "$(sum_of "$image")" "checksum"
}

test_a_dirty_journal_is_replayed_by_a_writable_mount() {
    local image where
    image=$(dirty_image alice)
    where=$(mount_image alice "$image")
    test -e "$where/written-before-the-cut"
    umount_image alice "$image"
    assert_lacks "$(superblock "$image")" needs_recovery
}

test_a_file_without_write_permission_is_mounted_read_only() {
    local image where object
    image=$(pi_image alice)
    chown root "$image"
    chmod 644 "$image"
    where=$(mount_image alice "$image")
    assert_fails_with 1 'Read-only file system' -- as_user alice touch "$where/root/new"
    object=$(as_user alice "$client" get "$image")
    assert_eq "b true" "$(busctl get-property org.example.PiImages "$object" org.example.PiImages.Image ReadOnly)"
    assert_eq "1 1" "$(losetup --noheadings --output RO --associated "$image" | xargs)"
    umount_image alice "$image"
}

test_no_boot_mounts_only_the_root() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image" --no-boot)
    assert_eq "$where" "$(mounts_below "$where")"
    assert_eq '' "$(as_user alice ls "$where/boot/firmware")"
    assert_eq 1 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
}

test_mounting_a_mounted_image_returns_the_same_object() {
    local image object
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    ln "$image" "$image.hard"
    ln -s "$image" "$WORK/alice/soft.img"
    assert_eq "$object" "$(as_user alice "$client" mount "$image")"
    assert_eq "$object" "$(as_user alice "$client" mount "$image.hard")"
    assert_eq "$object" "$(as_user alice "$client" mount "$WORK/alice/soft.img")"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    umount_image alice "$image"
}

test_an_image_mounted_for_writing_cannot_be_mounted_read_only_as_well() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    assert_refused Busy 'mounted for writing' -- as_user alice "$client" mount "$image" read-only
    umount_image alice "$image"
}

test_a_mounted_image_is_refused_to_other_users() {
    local image
    image=$(pi_image alice)
    chmod 711 "$WORK/alice"
    chmod 666 "$image"
    mount_image alice "$image"
    assert_refused Busy 'mounted by another user' -- as_user bob "$client" mount "$image"
    assert_refused Busy 'mounted by another user' -- as_user bob "$client" run "$image" -- true
    umount_image alice "$image"
    umount_image bob "$image" 2>/dev/null && fail "unmounted what is not mounted"
    mount_image bob "$image"
    umount_image bob "$image"
}

test_unmounting_an_image_that_is_not_mounted_fails() {
    assert_fails_with 3 'is not mounted' -- umount_image alice "$(pi_image alice)"
}

test_images_with_the_same_name_get_different_mount_points() {
    local image one two
    image=$(pi_image alice)
    install -d -o alice "$WORK/alice/other"
    cp "$image" "$WORK/alice/other"
    chown alice: "$WORK/alice/other/${image##*/}"
    one=$(mount_image alice "$image")
    two=$(mount_image alice "$WORK/alice/other/${image##*/}")
    [[ $one != "$two" ]] || fail "both are at $one"
    umount_image alice "$image"
    assert_contains "$(as_user alice cat "$two/etc/fstab")" PARTUUID
    umount_image alice "$WORK/alice/other/${image##*/}"
}

test_setuid_and_devices_are_ignored_in_a_mounted_image() {
    local image where flags
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    for path in "$where" "$where/boot/firmware"; do
        flags=$(findmnt --noheadings --output VFS-OPTIONS "$path")
        assert_contains "$flags" nosuid
        assert_contains "$flags" nodev
    done
    umount_image alice "$image"
}

# For each mount, the loop devices of the image are polled until they are free; a single thread does this for all mounts.
test_the_daemon_has_no_additional_threads_after_many_mounts() {
    local image turn
    image=$(pi_image alice)
    for turn in {1..30}; do
        as_user alice "$client" mount "$image" >/dev/null
        as_user alice "$client" unmount "$image"
        turn=$(cat "/proc/$(daemon_pid)"/task/*/comm | grep --count --line-regexp loop-markers || true)
        (( turn <= 1 )) || fail "$turn threads look at loop devices"
    done
    await_idle_threads
}
