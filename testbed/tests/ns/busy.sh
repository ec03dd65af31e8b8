# Images that are in use: they remain mounted, or are not mounted a second time, and the error names what uses them.
# shellcheck shell=bash
time_limit=180

# Keeps a file below the mount open, as alice.
hold() { # PATH
    as_user alice tail --follow "$1" >/dev/null 2>&1 &
    holder=$!
    wait_until 10 pgrep --uid "$(id -u alice)" tail
}

let_go() {
    kill "$(pgrep --uid "$(id -u alice)" tail)"
    wait "$holder" || true
}

test_unmounting_a_busy_root_names_the_process_and_unmounts_nothing() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    hold "$where/etc/fstab"
    assert_fails_with 5 "in use by tail \(pid [0-9]+, $where/etc/fstab\)" -- umount_image alice "$image"
    assert_eq "$where"$'\n'"$where/boot/firmware" "$(mounts_below "$where")"
    let_go
    umount_image alice "$image"
}

test_unmounting_a_busy_boot_partition_names_the_process_and_unmounts_nothing() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    hold "$where/boot/firmware/config.txt"
    assert_refused Busy 'tail' -- as_user alice "$client" unmount "$image"
    assert_eq "$where"$'\n'"$where/boot/firmware" "$(mounts_below "$where")"
    let_go
    umount_image alice "$image"
}

test_a_process_whose_working_directory_is_in_the_image_is_named() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    # tail is the program that let_go kills; what matters is its working directory.
    as_user alice sh -c "cd '$where/etc' && exec tail --follow /dev/null" &
    holder=$!
    wait_until 10 pgrep --uid "$(id -u alice)" tail
    assert_refused Busy "tail .*$where/etc" -- as_user alice "$client" unmount "$image"
    let_go
    umount_image alice "$image"
}

test_a_lazy_unmount_of_a_busy_image_detaches_its_loop_devices_after_the_last_use() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    hold "$where/etc/fstab"
    assert_fails_with 5 '; terminate it, or unmount the image with --lazy$' -- umount_image alice "$image"
    as_user alice piimagesctl umount --lazy "$image"
    assert_eq '' "$(mounts_below "$where")" "mounts"
    test ! -e "$where"
    assert_eq '' "$(as_user alice piimagesctl list --no-legend)"
    # No process used the boot partition.
    wait_until 10 eval '[[ $(loops_over "$image" | wc -l) == 1 ]]'
    assert_refused Busy 'unmounted lazily.*fuser --verbose --mount /dev/loop' -- as_user alice "$client" mount "$image"
    assert_contains "$(fuser --mount "$(loops_over "$image")" 2>/dev/null)" "$(pgrep --uid "$(id -u alice)" tail)"
    let_go
    wait_until 10 eval '[[ -z $(loops_over "$image") ]]'
    mount_image alice "$image"
    umount_image alice "$image"
    assert_eq '' "$(ls /run/piimages/lingering)"
}

test_the_next_daemon_knows_which_images_were_unmounted_lazily() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    hold "$where/etc/fstab"
    as_user alice "$client" unmount "$image" lazy
    kill_daemon
    assert_refused Busy 'unmounted lazily' -- as_user alice "$client" run "$image" -- true
    let_go
    wait_until 10 eval '[[ -z $(loops_over "$image") ]]'
    run_in alice "$image" true
}

test_a_lazy_unmount_of_an_idle_image_is_immediate() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    as_user alice piimagesctl umount --lazy "$image"
    wait_until 10 eval '[[ -z $(loops_over "$image") ]]'
    mount_image alice "$image"
    umount_image alice "$image"
}

test_a_lazy_unmount_is_refused_while_a_machine_runs() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    start_machine alice "$image" staying sleep 300
    assert_refused Busy 'machine staying; to terminate it: piimagesctl terminate' -- as_user alice "$client" unmount "$image" lazy
    as_user alice piimagesctl terminate staying
    wait "$runner" || true
    umount_image alice "$image"
}

test_an_image_on_a_foreign_loop_device_is_busy() {
    local image loop
    image=$(pi_image alice)
    loop=$(losetup --find --show "$image")
    assert_refused Busy "$loop" -- as_user alice "$client" mount "$image"
    assert_refused Busy "$loop" -- as_user alice "$client" run "$image" -- true
    losetup --detach "$loop"
    mount_image alice "$image"
    umount_image alice "$image"
}

test_a_locked_image_is_busy() {
    local image
    image=$(pi_image alice)
    flock "$image" sleep 300 &
    wait_until 10 eval '! flock --nonblock "$image" true'
    assert_refused Busy 'lock' -- as_user alice "$client" mount "$image"
    kill "$(pgrep --parent $!)"
    wait || true
    mount_image alice "$image"
    umount_image alice "$image"
}

test_an_image_is_not_locked_after_it_was_unmounted() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    if flock --nonblock "$image" true; then echo "not locked: loop devices do not lock" >"$WORK/note"; fi
    umount_image alice "$image"
    flock --nonblock "$image" true
}

test_unmounting_an_image_in_which_a_machine_runs_is_refused() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    start_machine alice "$image" inside sleep 300
    assert_fails_with 5 'in use by machine inside' -- umount_image alice "$image"
    machinectl terminate inside
    wait "$runner" || true
    wait_until 10 machine_is_gone inside
    umount_image alice "$image"
}

test_a_command_in_a_full_image_fails_with_its_own_message() {
    assert_fails_with 1 'No space left on device' -- \
        run_in alice "$(pi_image alice)" dd if=/dev/zero of=/root/big bs=1M count=100
}

test_a_command_that_fills_the_disk_of_its_image_leaves_no_loop_device() {
    local image full=$WORK/full
    image=$(pi_image alice)
    mkdir "$full"
    mount -t tmpfs -o size=12M,mode=1777 tmpfs "$full"
    cp --sparse=always "$image" "$full/a.img"
    chown alice: "$full/a.img"
    head -c 12M /dev/zero >"$full/filler" 2>/dev/null || true
    run_in alice "$full/a.img" sh -c 'cat /dev/urandom | head -c 8000000 >/root/big; sync' >/dev/null 2>&1 || true
    assert_eq '' "$(losetup --noheadings --associated "$full/a.img")"
    umount "$full"
}

# Renames the directory that contains the boot partition's mount point, and creates a new one in its place.
replace_boot_directory() { # WHERE NUMBER
    as_user alice sh -c 'mv "$1/boot" "$1/old.$2" && mkdir -p "$1/boot/firmware"' sh "$1" "$2"
}

test_a_refused_unmount_restores_the_mount_in_a_renamed_directory_and_adds_none() {
    local image where round
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    hold "$where/boot/firmware/config.txt"
    for (( round = 1; round <= 30; round++ )); do
        replace_boot_directory "$where" "$round"
        assert_refused Busy 'tail' -- as_user alice "$client" unmount "$image"
        assert_eq 2 "$(mounts_below "$where" | wc -l)" "mounts after $round renames"
    done
    assert_eq "$where"$'\n'"$where/old.1/firmware" "$(mounts_below "$where")"
    let_go
    hold "$where/etc/fstab"
    assert_refused Busy 'tail' -- as_user alice "$client" unmount "$image"
    assert_eq "$where"$'\n'"$where/old.1/firmware" "$(mounts_below "$where")" "mounts of a busy root"
    let_go
    umount_image alice "$image"
    assert_eq '' "$(mounts_below "$where")" "mounts"
    assert_eq '' "$(loops_over "$image")" "loop devices"
}

# The names contain bytes that are not valid text, and the path is too long for a single system call.
test_a_mount_point_below_renamed_and_deep_directories_is_unmounted() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    as_user alice bash -c 'cd "$1" && mv boot "$2" && for i in {1..20}; do
        name=$(printf "%0250d" "$i") && mkdir "$name" && mv -- "$2" "$name/$2" && cd -- "$name" || exit; done' \
        bash "$where" $'b\xff\n\\ \xc3'
    umount_image alice "$image"
    assert_eq '' "$(mounts_below "$where")" "mounts"
    assert_eq '' "$(loops_over "$image")" "loop devices"
}
