# What a machine can access of the host and of the image: bind mounts, networks, copies; several machines at once.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

tiny() { user_image alice armhf --boot-fs ext4; }

run() { as_user alice piimagesctl run "$@"; }

test_the_callers_files_belong_to_root_in_the_machine() {
    local image
    image=$(tiny)
    as_user alice mkdir "$WORK/alice/mine"
    as_user alice sh -c "echo from outside >$WORK/alice/mine/file"
    assert_eq "from outside 0" "$(run --bind "$WORK/alice/mine:/mnt" "$image" -- sh -c 'echo $(cat /mnt/file) $(stat -c %u /mnt/file);
        echo from inside >/mnt/new')"
    assert_eq "from inside" "$(cat "$WORK/alice/mine/new")"
    assert_eq alice "$(stat --format %U "$WORK/alice/mine/new")"
    assert_fails_with 1 'Read-only file system' -- run --bind-ro "$WORK/alice/mine:/mnt" "$image" -- touch /mnt/other
    # A file can be bound to a path that exists only in the machine; the image is not changed for this.
    assert_eq "from outside" "$(run --bind-ro "$WORK/alice/mine/file:/run/file" "$image" -- cat /run/file)"
}

test_a_bind_mount_grants_no_access_that_the_caller_lacks() {
    local image
    image=$(tiny)
    install -d -m 700 secret
    echo secret >secret/file
    assert_fails_with 125 'Permission denied' -- run --bind "$WORK/secret/file:/mnt" "$image" -- true
    assert_fails_with 125 'cannot bind' -- run --bind "/proc/self/fd/0:/run/fd" "$image" -- true
    # Files of the host's root belong to nobody in the machine, and the machine's root can access them only like any other user.
    install -d -m 755 roots
    install -m 600 /dev/null roots/private
    assert_eq 65534 "$(run --bind "$WORK/roots:/mnt" "$image" -- stat -c %u /mnt)"
    assert_fails_with 1 'Permission denied' -- run --bind "$WORK/roots:/mnt" "$image" -- cat /mnt/private
    assert_fails_with 1 'Permission denied' -- run --bind "$WORK/roots:/mnt" "$image" -- touch /mnt/new
    assert_fails_with 125 'no such directory' -- run --bind "$WORK/roots:/not/there" "$image" -- true
}

test_a_machine_has_the_hosts_network_or_none_and_cannot_configure_it() {
    local image
    image=$(tiny)
    assert_eq "$(find /sys/class/net -mindepth 1 -printf '%f\n' | sort)" "$(run "$image" -- sh -c 'sed -n "s/^ *\([^:]*\):.*/\1/p" /proc/net/dev' | sort)"
    assert_eq lo "$(run --network=private "$image" -- sh -c 'sed -n "s/^ *\([^:]*\):.*/\1/p" /proc/net/dev')"
    assert_fails_with 2 'not permitted' -- run "$image" -- ip link set lo down
    assert_fails_with 125 'host or private' -- run --network=moon "$image" -- true
}

test_an_ephemeral_run_does_not_change_the_image() {
    local image before
    image=$(tiny)
    before=$(sum_of "$image")
    assert_eq 'changed' "$(run --ephemeral "$image" -- sh -c 'echo changed >/etc/hostname; echo new >/boot/firmware/new; cat /etc/hostname')"
    assert_eq "$before" "$(sum_of "$image")"
    # Two at the same time, each with its own copy.
    as_user alice piimagesctl run --ephemeral --name=first "$image" -- sleep 20 &
    wait_until 10 systemctl is-active piimages-first
    assert_eq tiny "$(run --ephemeral "$image" -- cat /etc/hostname)"
    machinectl terminate first
    wait "$!" || true
    assert_eq "$before" "$(sum_of "$image")"
}

test_several_commands_run_in_one_image_and_see_each_others_files() {
    local image
    image=$(tiny)
    as_user alice piimagesctl run --name=first "$image" -- sh -c 'echo mine >/etc/first; sleep 30' &
    wait_until 10 systemctl is-active piimages-first
    wait_until 10 run "$image" -- test -s /etc/first
    assert_eq mine "$(run "$image" -- cat /etc/first)"
    assert_fails_with 125 'in use for writing' -- run --ephemeral "$image" -- true
    chmod 666 "$image"
    chmod 711 "$WORK/alice"
    assert_fails_with 125 "another user's machine first" -- as_user bob piimagesctl run "$image" -- true
    assert_fails_with 5 'machine first runs a command in it' -- as_user alice piimagesctl boot "$image"
    machinectl terminate first
    wait "$!" || true
    # Only the file remains.
    assert_eq mine "$(run "$image" -- cat /etc/first)"
}

# Loop devices outlive their machine while anything holds them: a program that examines them, or a file of the image that was passed on.
test_a_user_cannot_use_the_loop_devices_of_another_users_machine_that_has_ended() {
    local image device devices held holder
    image=$(tiny)
    chmod 644 "$image"
    chmod 711 "$WORK/alice"
    as_user alice piimagesctl run --name=first "$image" -- sleep 300 &
    wait_until 10 systemctl is-active piimages-first
    mapfile -t devices < <(losetup --noheadings --raw --output NAME --associated "$image")
    (for device in "${devices[@]}"; do exec {held}<"$device"; done; exec sleep 300) &
    holder=$!
    wait_until 10 eval '[[ $(find /proc/$holder/fd -lname "/dev/loop*" | wc -l) == "${#devices[@]}" ]]'
    machinectl terminate first
    wait %1 || true
    # Alice's devices are writable; bob may only read the file.
    assert_fails_with 125 "/dev/loop.* is attached" -- as_user bob piimagesctl run "$image" -- touch /etc/written
    assert_fails_with 125 "/dev/loop.* is attached" -- as_user bob piimagesctl run --read-only "$image" -- true
    run "$image" -- sh -c '! test -e /etc/written'
    kill "$holder"
    wait "$holder" || true
}

test_files_created_by_the_machines_root_belong_to_root_in_the_image() {
    local image where
    image=$(tiny)
    run "$image" -- sh -c 'touch /etc/made /boot/firmware/made; chown pi /etc/made'
    where=$(piimagesctl mount "$image")
    assert_eq "1000 0" "$(stat --format %u "$where/etc/made" "$where/boot/firmware/made" | xargs)"
    piimagesctl umount "$image"
}

test_a_machine_cannot_access_devices_or_kernel_settings() {
    local image
    image=$(tiny)
    assert_fails_with 1 'not permitted' -- run "$image" -- mknod /tmp/disk b 8 0
    assert_fails_with 1 '.' -- run "$image" -- sh -c 'echo 1 >/proc/sys/kernel/panic'
    assert_fails_with 1 '.' -- run "$image" -- mount -t ext4 /dev/loop0 /mnt
    # Root in the machine is an unprivileged user on the host.
    as_user alice piimagesctl run --name=nobody "$image" -- sleep 1234 &
    wait_until 10 systemctl is-active piimages-nobody
    assert_matches "$(ps -o uid= -p "$(machinectl show nobody --property Leader --value)")" '[0-9]{6,}'
    machinectl terminate nobody
    wait "$!" || true
}

test_shell_without_a_command_starts_the_users_login_shell() {
    local image
    image=$(tiny)
    assert_eq '/ -sh 0' "$(echo 'echo / -sh $(id -u)' | as_user alice piimagesctl shell "$image")"
    assert_eq 1000 "$(echo 'id -u' | as_user alice piimagesctl shell --user=pi "$(user_image alice real --boot-fs ext4)")"
    assert_fails_with 125 'No such file or directory' -- as_user alice piimagesctl shell nothing-of-that-name
}

test_a_program_in_a_bind_mount_runs() {
    local image
    image=$(pi_image alice)
    install -d -o alice "$WORK/alice/tools"
    printf '%s\n' '#!/bin/sh' 'echo "$(uname -m) ran it"' >"$WORK/alice/tools/test"
    chmod 755 "$WORK/alice/tools/test"
    assert_eq 'armv7l ran it' "$(as_user alice piimagesctl run --bind-ro="$WORK/alice/tools:/mnt" "$image" -- /mnt/test)"
    assert_fails_with 127 'not found in the image' -- as_user alice piimagesctl run --bind-ro="$WORK/alice/tools:/mnt" "$image" -- /mnt/../nonesuch
}
