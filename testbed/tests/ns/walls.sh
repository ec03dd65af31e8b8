# Images and binds that would lead systemd-nspawn, which is root, to files of the host.
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the suite: some start twenty machines
time_limit=180

# secret: a file and a folder of root's that nobody may change or enter.
make_secrets() {
    install -d -m 700 "$WORK/private"
    install -m 600 /dev/null "$WORK/secret"
    echo "root's own" >"$WORK/secret"
}

assert_secrets_untouched() {
    assert_eq "root's own" "$(cat "$WORK/secret")"
    assert_eq '' "$(ls -A "$WORK/private")"
}

test_a_run_folder_that_leads_out_of_the_image_is_refused() {
    local image
    make_secrets
    image=$(pi_image alice)
    put_into_image "$image" "rmdir /run" "symlink /run /var/run/piimages/machines/evil/root/evil" "mkdir /evil" "mkdir /evil/host" \
        "symlink /evil/host/container-manager $WORK/secret" "symlink /evil/host/container-uuid $WORK/private/made"
    mv "$image" "${image%/*}/evil.img"
    assert_fails_with 125 'its /run is not a folder, but a link' -- run_in alice "${image%/*}/evil.img" true
    assert_secrets_untouched
}

test_folders_that_nspawn_mounts_over_have_to_be_folders() {
    local image name
    make_secrets
    for name in dev proc sys tmp; do
        image=$(pi_image alice)
        put_into_image "$image" "rmdir /$name" "symlink /$name $WORK/private"
        assert_fails_with 125 "its /$name is not a folder" -- run_in alice "$image" true
    done
    assert_secrets_untouched
}

# The owner's view and the machine's mount are one filesystem: what is checked may be another thing a moment later.
test_renaming_folders_while_machines_start_leads_nowhere() {
    local image where i
    make_secrets
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    as_user alice sh -c 'mkdir -p "$1/evil/host" && ln -s "$2/secret" "$1/evil/host/container-manager" && ln -s "$2/private/made" \
        "$1/evil/host/container-uuid" && ln -s evil "$1/run.link"; ln -s "$2/private" "$1/dev.link"' sh "$where" "$WORK"
    # In namespaces of its own, where the machine's mounts can be taken off and are in nobody's way.
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

test_binds_are_at_no_place_of_the_machines_own_or_of_another_bind() {
    local image place
    make_secrets
    image=$(pi_image alice)
    ensure_user alice
    install -d -o alice -g alice "$WORK/h"
    as_user alice ln -sf "$WORK/secret" "$WORK/h/container-manager"
    for place in /run /tmp /dev /dev/x /proc /sys /sys/fs /run/host /run/host/x /run/systemd /run/systemd/x /run/piimages /boot /boot/firmware; do
        assert_fails_with 125 'cannot be bound to: the machine has its own' -- \
            as_user alice piimagesctl run --bind="$WORK/h:$place" "$image" -- true
    done
    install -o alice -g alice /dev/null "$WORK/f"
    for place in /run/a/nologin /run/a/systemd/system/cron.service; do
        assert_fails_with 125 'cannot be bound to: the machine has its own /run/a' -- \
            as_user alice piimagesctl run --bind-ro=/etc:/run/a --bind="$WORK/f:$place" "$image" -- true
    done
    [[ ! -e /etc/nologin ]] || fail "/etc/nologin was made"
    assert_eq container-manager "$(ls -A "$WORK/h")"
    assert_secrets_untouched
}

# The machine's unit can be led where it will: there is nothing to write to.
test_the_unit_of_a_machine_can_change_nothing_of_the_host() {
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
