# Images and bind mounts that try to make systemd-nspawn, which runs as root, access files of the host.
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the suite: some tests start twenty machines
time_limit=180

# Creates the file "secret" and the directory "private", which only root may access.
make_secrets() {
    install -d -m 700 "$WORK/private"
    install -m 600 /dev/null "$WORK/secret"
    echo "root's own" >"$WORK/secret"
}

assert_secrets_untouched() {
    assert_eq "root's own" "$(cat "$WORK/secret")"
    assert_eq '' "$(ls -A "$WORK/private")"
}

test_a_run_directory_that_is_a_link_out_of_the_image_is_refused() {
    local image
    make_secrets
    image=$(pi_image alice)
    put_into_image "$image" "rmdir /run" "symlink /run /var/run/piimages/machines/evil/root/evil" "mkdir /evil" "mkdir /evil/host" \
        "symlink /evil/host/container-manager $WORK/secret" "symlink /evil/host/container-uuid $WORK/private/made"
    mv "$image" "${image%/*}/evil.img"
    assert_fails_with 125 'its /run is not a directory, but a symbolic link' -- run_in alice "${image%/*}/evil.img" true
    assert_secrets_untouched
}

test_the_mount_points_of_nspawn_must_be_directories() {
    local image name
    make_secrets
    for name in dev proc sys tmp; do
        image=$(pi_image alice)
        put_into_image "$image" "rmdir /$name" "symlink /$name $WORK/private"
        assert_fails_with 125 "its /$name is not a directory" -- run_in alice "$image" true
    done
    assert_secrets_untouched
}

# The user's mount and the machine's are the same filesystem: what has been checked may be replaced a moment later.
test_renaming_directories_during_a_start_does_not_change_the_host() {
    local image where i
    make_secrets
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    as_user alice sh -c 'mkdir -p "$1/evil/host" && ln -s "$2/secret" "$1/evil/host/container-manager" && ln -s "$2/private/made" \
        "$1/evil/host/container-uuid" && ln -s evil "$1/run.link"; ln -s "$2/private" "$1/dev.link"' sh "$where" "$WORK"
    # In a separate mount namespace, in which the machine's mounts do not get in the way of the renames.
    as_user alice unshare --user --map-root-user --mount --propagation private sh -c 'cd "$1"
        while [ ! -e "$2" ]; do
            for name in run dev; do mv -T $name $name.real && mv -T $name.link $name && mv -T $name $name.link && mv -T $name.real $name
            done
        done 2>/dev/null' sh "$where" "$WORK/enough" &
    for (( i = 0; i < 6; i++ )); do
        run_in alice "$image" true >"$WORK/said" 2>&1 || true
        assert_secrets_untouched
    done
    touch "$WORK/enough"
    wait
    umount_image alice "$image"
}

test_a_bind_over_a_mount_of_the_machine_or_another_bind_is_refused() {
    local image place
    make_secrets
    image=$(pi_image alice)
    ensure_user alice
    install -d -o alice -g alice "$WORK/h"
    as_user alice ln -sf "$WORK/secret" "$WORK/h/container-manager"
    for place in /run /tmp /dev /dev/x /proc /sys /sys/fs /run/host /run/host/x /run/systemd /run/systemd/x /run/piimages /boot /boot/firmware; do
        assert_fails_with 125 'cannot be used as a mount point: the machine has its own' -- \
            as_user alice piimagesctl run --bind="$WORK/h:$place" "$image" -- true
    done
    install -o alice -g alice /dev/null "$WORK/f"
    for place in /run/a/nologin /run/a/systemd/system/cron.service; do
        assert_fails_with 125 'cannot be used as a mount point: the machine has its own /run/a' -- \
            as_user alice piimagesctl run --bind-ro=/etc:/run/a --bind="$WORK/f:$place" "$image" -- true
    done
    [[ ! -e /etc/nologin ]] || fail "/etc/nologin was made"
    assert_eq container-manager "$(ls -A "$WORK/h")"
    assert_secrets_untouched
}

test_a_bind_by_a_link_over_a_mount_of_the_machine_is_refused() {
    local image place
    image=$(pi_image alice)
    put_into_image "$image" "symlink /x /dev" "symlink /y /boot/firmware" "symlink /z /run"
    install -d -o alice -g alice "$WORK/own"
    for place in /x /y /z/piimages; do
        assert_fails_with 125 'cannot be used as a mount point: the machine has its own' -- \
            as_user alice piimagesctl run --bind="$WORK/own:$place" "$image" -- true
    done
    assert_eq '' "$(ls -A "$WORK/own")"
}

# The kernel refuses to change a file whose owner or group is not mapped.
test_a_writable_bind_can_be_written_whatever_its_group() {
    may_change "${accounts[@]}"
    local image
    image=$(pi_image alice)
    getent group team >/dev/null || groupadd team
    install -d -o alice -g team "$WORK/own"
    as_user alice piimagesctl run --bind="$WORK/own:/mnt" "$image" -- touch /mnt/made
    assert_eq "alice" "$(stat -c %U "$WORK/own/made")"
}

test_a_user_whose_gid_differs_from_the_uid_can_write_to_binds() {
    may_change "${accounts[@]}"
    local image
    getent group ldapish >/dev/null || groupadd --gid 4321 ldapish
    getent passwd dora >/dev/null || useradd --uid 3333 --gid 4321 --create-home dora
    image=$(pi_image dora)
    install -d -o dora -g ldapish "$WORK/own"
    install -m 600 -o dora -g ldapish /dev/null "$WORK/own/file"
    as_user dora piimagesctl run --bind="$WORK/own:/mnt" --bind="$WORK/own/file:/run/file" "$image" -- \
        sh -c 'touch /mnt/made && mkdir /mnt/directory && echo x >/run/file && ls -ln /mnt/made' >"$WORK/seen"
    assert_matches "$(cat "$WORK/seen")" ' 0 +0 '
    assert_eq "dora:ldapish dora:ldapish x" "$(stat -c %U:%G "$WORK/own/made" "$WORK/own/directory" | paste -sd' ') $(cat "$WORK/own/file")"
}

test_a_bind_that_belongs_to_a_group_of_the_caller_can_be_written() {
    may_change "${accounts[@]}"
    local image
    getent group team >/dev/null || groupadd team
    ensure_user carol
    usermod --append --groups team carol
    image=$(pi_image carol)
    install -d -m 2770 -o root -g team "$WORK/shared"
    ensure_user bob
    install -m 660 -o bob -g team /dev/null "$WORK/shared/of-bob"
    install -m 640 -o root -g team /dev/null "$WORK/shared/of-root"
    as_user carol piimagesctl run --bind="$WORK/shared:/mnt" "$image" -- sh -c 'touch /mnt/made && echo x >>/mnt/of-bob'
    assert_eq carol:team "$(stat -c %U:%G "$WORK/shared/made")"
    assert_eq x "$(cat "$WORK/shared/of-bob")"
    assert_fails_with 1 'Permission denied' -- as_user carol piimagesctl run --bind="$WORK/shared:/mnt" "$image" -- \
        sh -c 'echo x >/mnt/of-root'
}

test_read_only_binds_and_images_cannot_be_changed() {
    local image
    image=$(pi_image alice)
    install -d -o alice -g alice "$WORK/own"
    assert_fails_with 1 'Read-only file system' -- as_user alice piimagesctl run --bind-ro="$WORK/own:/mnt" "$image" -- touch /mnt/made
    assert_fails_with 1 'Read-only file system' -- as_user alice piimagesctl run "$image" -- sh -c 'echo >/etc/resolv.conf'
    assert_fails_with 1 'Read-only file system' -- as_user alice piimagesctl run --read-only --bind="$WORK/own:/mnt" "$image" -- touch /made
    as_user alice piimagesctl run --read-only --bind="$WORK/own:/mnt" "$image" -- touch /mnt/made
}

# nspawn need not create mount points: the daemon passes it a tree in which everything is mounted.
test_a_machine_leaves_no_mount_points_in_the_image() {
    local image where
    image=$(pi_image alice)
    install -d -o alice -g alice "$WORK/own"
    as_user alice piimagesctl run --bind="$WORK/own:/run/a/b/c" --bind-ro="$WORK/own:/tmp/d" "$image" -- sh -c 'ls -d /run/a/b/c /tmp/d'
    where=$(mount_image alice "$image")
    assert_eq '' "$(as_user alice find "$where/run" "$where/tmp" -mindepth 1)"
    umount_image alice "$image"
}

# This does not apply to the arguments of piimagesctl and of the command's own process, which their users must hide.
test_other_users_cannot_read_the_settings_of_a_machine() {
    local image seen word
    image=$(pi_image alice)
    ensure_user bob
    install -d -o alice -g alice "$WORK/own"
    (trap - ERR; as_user alice piimagesctl run --name=quiet -E TOKEN=s3cret --bind="$WORK/own:/run/hushed" "$image" -- sleep 60 \
        </dev/null >"$WORK/out" 2>&1) &
    wait_until 20 machine_runs quiet
    seen=$(as_user bob sh -c 'systemctl show piimages-quiet; cat /run/systemd/transient/piimages-quiet.service
        ps -ww -o args= -C systemd-nspawn; cat /run/piimages/machines/quiet/* 2>/dev/null || true')
    assert_contains "$seen" systemd-nspawn
    for word in s3cret sleep hushed; do assert_lacks "$seen" "$word"; done
    machinectl terminate quiet
    wait
    wait_until 10 machine_is_gone quiet
}

test_arguments_of_a_command_arrive_unchanged() {
    local image
    image=$(pi_image alice)
    assert_eq "[a\\b \"q][][x'y%n\\][\$HOME #;][é][v1  \\n'\"]" "$(as_user alice piimagesctl run -E "V=v1  \\n'\"" "$image" -- \
        sh -c 'printf "[%s]" "$@" "$V"' sh 'a\b "q' '' "x'y%n\\" "\$HOME #;" é)"
    assert_eq "$(printf '[a\nb][c\n\nd]')" "$(as_user alice piimagesctl run -E "V=c"$'\n\n'"d" "$image" -- \
        sh -c 'printf "[%s]" "$1" "$V"' sh $'a\nb')"
}

# An administrator's settings for a container with the machine's name apply to another container.
test_nspawn_files_of_the_administrator_are_ignored() {
    local image
    image=$(pi_image alice)
    may_change '/etc/systemd/nspawn*'
    install -d /etc/systemd/nspawn
    printf '[Exec]\nEnvironment=FOREIGN=1\n' >/etc/systemd/nspawn/quiet.nspawn
    assert_eq none "$(as_user alice piimagesctl run --name=quiet "$image" -- sh -c 'echo "${FOREIGN:-none}"')"
    rm -r /etc/systemd/nspawn
}

test_a_link_in_a_bind_source_is_followed_before_dot_dot() {
    local image
    image=$(pi_image alice)
    install -d -o alice -g alice "$WORK/there" "$WORK/there/inner" "$WORK/here"
    as_user alice sh -c 'touch "$1/there/right"; ln -s "$1/there/inner" "$1/here/link"' sh "$WORK"
    assert_eq right "$(cd "$WORK/here" && as_user alice piimagesctl run --bind=link/..:/run/seen "$image" -- ls /run/seen | grep -v inner)"
}

# Even if an image misleads the programs in the machine's unit, these cannot write to the host.
test_the_unit_of_a_machine_cannot_change_the_host() {
    local image pid place
    image=$(pi_image alice)
    start_machine alice "$image" walled sleep 60
    pid=$(systemctl show piimages-walled --property MainPID --value)
    for place in /etc /usr /var/lib /dev /run /run/piimages /run/systemd /root /home/alice /sys /proc/sys; do
        if nsenter --mount --target "$pid" sh -c 'mkdir "$1/made-by-a-machine"' sh "$place" 2>/dev/null; then fail "$place"; fi
    done
    if nsenter --mount --target "$pid" sh -c 'echo h >/proc/sysrq-trigger' 2>/dev/null; then fail sysrq; fi
    machinectl terminate walled
    wait "$runner" || true
    wait_until 10 machine_is_gone walled
}
