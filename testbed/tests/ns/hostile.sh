# Malicious images: their links are resolved within them, and no call waits for input that never arrives.
# shellcheck shell=bash
# shellcheck disable=SC2034  # for the suite: a loop of many calls, on a machine that may be busy
time_limit=180


# All mounts except those of the bed itself and of the product.
mounts_elsewhere() { awk '$5 !~ "^/run/" { print $5, $9, $10 }' /proc/1/mountinfo; }

# assert_harmless IMAGE: mounting it, or refusing to, touches no directory of the host, and takes only seconds.
assert_harmless() {
    local before status=0
    before=$(mounts_elsewhere)
    as_user alice timeout 20 "$client" mount "$1" >"$WORK/said" 2>&1 || status=$?
    assert_eq "$before" "$(mounts_elsewhere)" "mounts of the host"
    (( status == 0 || status == 1 )) || fail "status $status: $(cat "$WORK/said")"
    (( status )) || umount_image alice "$1"
    assert_eq '' "$(mounts_below "/run/piimages/mnt/$(id -u alice)")"
}

with_fstab() { # USER TEXT
    printf '%b\n' "$2" >"$WORK/fstab"
    pi_image "$1" armhf --fstab "$WORK/fstab"
}

test_a_boot_directory_that_is_a_link_to_the_host_is_resolved_in_the_image() {
    local image target
    for target in /etc ../../../../etc /proc/1/root/etc; do
        image=$(pi_image alice armhf --boot-mountpoint /boot)
        put_into_image "$image" "rmdir /boot" "symlink /boot $target"
        assert_harmless "$image"
    done
}

test_an_fstab_with_dots_stays_in_the_image() {
    local target
    for target in /../../../etc /boot/../../../../etc ../../etc .. / //etc// '/etc/\0057..'; do
        assert_harmless "$(with_fstab alice "PARTUUID=7069696d-01 $target ext4 defaults 0 0")"
    done
}

test_an_fstab_cannot_name_devices_or_options_of_the_host() {
    assert_harmless "$(with_fstab alice '/dev/sda1 /boot ext4 defaults 0 0\n/etc/shadow /mnt none bind 0 0\nLABEL=x /mnt nfs suid,dev 0 0')"
}

test_an_fstab_of_10000_lines_or_random_bytes_is_harmless() {
    seq -f 'PARTUUID=7069696d-01 /mnt/%g ext4 defaults 0 0' 10000 >"$WORK/long"
    assert_harmless "$(pi_image alice armhf --fstab "$WORK/long")"
    head -c 60000 /dev/urandom >"$WORK/noise"
    assert_harmless "$(pi_image alice armhf --fstab "$WORK/noise")"
}

test_an_os_release_that_is_not_a_regular_file_makes_no_call_wait() {
    local image
    image=$(pi_image alice)
    put_into_image "$image" "rm /etc/fstab" "rm /etc/os-release" "mknod /etc/os-release p"
    assert_harmless "$image"
}

# A sparse file of a gigabyte takes no space in the image, but reading all of it would exhaust the daemon's memory.
test_an_os_release_of_a_gigabyte_is_not_read_completely() {
    local image before pid
    image=$(pi_image alice)
    put_into_image "$image" "rm /etc/fstab" "rm /etc/os-release"
    printf 'VERSION_CODENAME=bookworm\n' >"$WORK/release"
    put_into_image "$image" "write $WORK/release /etc/os-release" "sif /etc/os-release size 1073741824"
    "$client" get "$image" 2>/dev/null || true
    pid=$(daemon_pid)
    before=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
    assert_harmless "$image"
    assert_eq "$pid" "$(daemon_pid)" "the daemon's process"
    (( $(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status") < before + 100000 )) || fail "the daemon has grown by 100 MB"
}

test_an_fstab_that_is_not_a_regular_file_makes_no_call_wait() {
    local image kind
    for kind in "mknod /etc/fstab p" "mknod /etc/fstab c 1 5" "symlink /etc/fstab /etc/fstab" "mkdir /etc/fstab"; do
        image=$(pi_image alice)
        put_into_image "$image" "rm /etc/fstab" "$kind"
        assert_harmless "$image"
    done
}

test_a_shell_that_is_not_a_program_makes_no_call_wait() {
    local image kind status
    for kind in "mknod /bin/sh p" "mknod /bin/sh c 1 5" "symlink /bin/sh /bin/sh" "mkdir /bin/sh" \
        "symlink /bin/sh /proc/1/root/bin/sh"; do
        image=$(pi_image alice)
        put_into_image "$image" "rm /bin/sh" "$kind"
        assert_harmless "$image"
        status=0
        as_user alice timeout 20 "$client" run "$image" -- /bin/sh -c true >"$WORK/said" 2>&1 || status=$?
        assert_eq 1 "$status" "status with $kind ($(cat "$WORK/said"))"
        assert_matches "$(cat "$WORK/said")" '^(CommandNotExecutable|CommandNotFound|Unsupported): '
    done
}

test_a_program_with_a_truncated_header_is_refused() {
    local image size
    for size in 0 3 20 51; do
        image=$(pi_image alice)
        in_image "$image" "dump /bin/busybox $WORK/program"
        truncate --size "$size" "$WORK/program"
        put_into_image "$image" "rm /bin/busybox" "write $WORK/program /bin/busybox" "sif /bin/busybox mode 0100755"
        assert_fails_with 1 '^[A-Za-z]+: ' -- as_user alice timeout 20 "$client" run "$image" -- /bin/busybox true
    done
}

test_setuid_programs_and_devices_in_the_image_have_no_effect_on_the_host() {
    local image where
    image=$(pi_image alice)
    put_into_image "$image" "sif /bin/busybox mode 0104755" "mknod /etc/null c 1 3" "sif /etc/null mode 020666"
    where=$(mount_image alice "$image")
    assert_eq "$(id -u alice)" "$(as_user alice "$where/bin/busybox" id -u)"
    assert_fails_with 2 'Permission denied' -- as_user alice sh -c 'echo >"$1/etc/null"' sh "$where"
    umount_image alice "$image"
}

test_a_missing_preloaded_library_causes_no_message() {
    local image before
    image=$(user_image alice real --boot-fs ext4 --dangling-resolv-conf)
    before=$(sum_of "$image")
    assert_eq '' "$(run_in alice "$image" true 2>&1)"
    run_in alice "$image" cat /etc/ld.so.preload >"$WORK/seen"
    assert_eq '' "$(cat "$WORK/seen")"
    assert_contains "$(debugfs -R 'cat /etc/ld.so.preload' "$image?offset=$((260 << 20))" 2>/dev/null)" libarmmem
}

# piimagesctl and the journal show the names that an image contains, such as labels of filesystems.
test_control_characters_in_labels_do_not_reach_the_terminal() {
    local image since said
    image=$(pi_image alice)
    # The label of ext4 has 16 bytes; debugfs would not write these. The fstab also contains such names.
    printf 'a\e[2J\n\r\233x\a\0' | dd of="$image" bs=1 seek=$((root_offset + 1024 + 120)) conv=notrunc status=none
    printf '\e]0;x\a /\e[2J ext4 \e[1m 0 0\nLABEL=a\e[2J\\012 /boot/\e[2J\233 ext4 defaults 0 0\n' >"$WORK/fstab"
    put_into_image "$image" "rm /etc/fstab" "write $WORK/fstab /etc/fstab"
    since=@$(date +%s.%6N)
    mount_image alice "$image" >"$WORK/shown" 2>&1 || true
    {
        as_user alice piimagesctl list
        as_user alice piimagesctl status "$image"
        as_user alice piimagesctl --json=pretty list
        as_user alice piimagesctl run "$image" -- nonesuch
        journalctl --quiet --all --no-pager --since "$since" --unit piimagesd
    } >>"$WORK/shown" 2>&1 || true
    umount_image alice "$image" || true
    # Also for an image that is refused because its filesystem is larger than its partition.
    printf '\xff\xff\xff' | dd of="$image" bs=1 seek=$((root_offset + 1024 + 4)) conv=notrunc status=none
    mount_image alice "$image" >>"$WORK/shown" 2>&1 && fail "it was mounted"
    said=$(cat "$WORK/shown")
    assert_contains "$said" "${image##*/}"
    assert_eq '' "$(LC_ALL=C grep -naP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' <<<"$said")" "control characters shown"
}

# Attributes of files in an image have no effect on the host: neither capabilities nor trusted attributes.
test_extended_attributes_of_the_image_give_no_rights_on_the_host() {
    local image where
    image=$(pi_image alice)
    # The capability CAP_DAC_OVERRIDE, effective: struct vfs_cap_data of linux/capability.h.
    printf '\1\0\0\2\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$WORK/capability"
    put_into_image "$image" "ea_set -f $WORK/capability /bin/busybox security.capability" "ea_set /etc/passwd trusted.x y"
    where=$(mount_image alice "$image")
    assert_fails_with 1 'Permission denied' -- as_user alice "$where/bin/busybox" cat /etc/shadow
    assert_eq '' "$(as_user alice grep -h '^CapEff:' /proc/self/status | grep -v '0000000000000000')"
    umount_image alice "$image"
}

# systemd-nspawn copies the output on a terminal as root, and some files of the kernel check who writes to them, not who opened them.
test_root_does_not_write_to_files_of_the_kernel_for_a_caller() {
    local image slack
    image=$(pi_image alice)
    slack=$(cat /proc/1/timerslack_ns)
    assert_refused InvalidArgument 'is not a terminal' -- as_user alice sh -c \
        "'$client' run '$image' terminal -- sh -c 'printf 7000000000; sleep 1' </dev/null >/proc/1/timerslack_ns"
    assert_refused InvalidArgument "stdout is a kernel file" -- as_user alice sh -c \
        "'$client' run '$image' -- echo -1000 </dev/null >/proc/self/oom_score_adj"
    assert_eq "$slack" "$(cat /proc/1/timerslack_ns)"
}

# take_lease FILE TAKEN: a process of alice's takes a write lease on FILE, writes its PID to TAKEN, and does not release the lease when
# somebody opens the file; see fcntl(2), F_SETLEASE.
take_lease() {
    (trap - ERR; as_user alice python3 -c 'import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = open(sys.argv[1], "r+b")
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
with open(sys.argv[2], "w") as taken:
    taken.write(str(os.getpid()))
signal.pause()' "$1" "$2") &
    wait_until 10 test -s "$2"
}

test_a_lease_on_a_file_in_an_image_does_not_delay_other_users() {
    local image others where since
    image=$(pi_image alice)
    others=$(pi_image bob)
    run_in root "$others" true
    where=$(mount_image alice "$image")
    as_user alice mkdir "$WORK/alice/leases"
    take_lease "$where/bin/busybox" "$WORK/alice/leases/taken"
    since=$SECONDS
    (trap - ERR; as_user alice piimagesctl run "$image" -- true >"$WORK/alice.out" 2>&1 || true) &
    sleep 1
    run_in root "$others" true
    as_user bob busctl --timeout=15 call "${manager[@]:0:2}" org.freedesktop.DBus.ObjectManager GetManagedObjects >"$WORK/objects"
    (( SECONDS - since < 20 )) || fail "they waited for $((SECONDS - since)) s"
    kill "$(cat "$WORK/alice/leases/taken")"
    wait || true
    umount_image alice "$image"
}

test_a_directory_that_does_not_answer_does_not_delay_the_start_of_the_daemon() {
    local pid since draft=/run/piimages/drafts/piimages-left
    ensure_user alice
    mkdir "$WORK/below" "$WORK/stuck"
    bindfs -f -o allow_other "$WORK/below" "$WORK/stuck" &
    pid=$!
    wait_until 10 mountpoint --quiet "$WORK/stuck"
    run_in root "$(pi_image root)" true
    mkdir -p "${draft%/*}"
    printf '%s\n' "directory=$WORK/stuck" name=.piimages-left identity=any "uid=$(id -u alice)" "groups=$(id -g alice)" >"$draft"
    chmod 600 "$draft"
    kill -STOP "$pid"
    systemctl kill --signal=KILL piimagesd.service
    since=$SECONDS
    run_in root "$(pi_image root)" true
    (( SECONDS - since < 30 )) || fail "the start took $((SECONDS - since)) s"
    kill -CONT "$pid"
    wait_until 10 test ! -e "$draft"
    umount "$WORK/stuck"
    wait "$pid" || true
}

# dbus-daemon stops reading from a client with 127 MB of undelivered messages (max_incoming_bytes): the daemon could answer nobody.
test_a_client_that_does_not_read_gets_no_more_replies_and_delays_nobody() {
    local owner waiting bus=(org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus)
    ensure_user alice
    ensure_user bob
    mkfifo end
    as_user alice "$programs/not-reading" <end >said &
    exec 9>end
    wait_until 60 grep --quiet sent said
    owner=$(busctl --json=short call "${bus[@]}" GetNameOwner s org.example.PiImages | jq --raw-output '.data[0]')
    waiting=$(busctl --json=short call "${bus[@]:0:2}" org.freedesktop.DBus.Debug.Stats GetConnectionStats s "$owner" \
        | jq '.data[0].IncomingBytes.data')
    (( waiting > 10000000 && waiting < 25000000 )) || fail "$waiting bytes of the daemon's wait in the bus"
    as_user alice busctl --timeout=5 call "${manager[@]}" ListImages >/dev/null
    as_user bob busctl --timeout=5 call "${manager[@]}" ListImages >/dev/null
    assert_contains "$(journalctl --boot --unit piimagesd.service)" 'does not read its replies'
    exec 9>&-
    wait "$!"
}
