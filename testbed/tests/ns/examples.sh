# The examples in docs/examples, unchanged.
# shellcheck shell=bash
time_limit=120

# The checkout may be in a place that only root can access.
examples() {
    cp --recursive "$testbed/../docs/examples" "$WORK"
    chmod --recursive a+rX "$WORK/examples"
    echo "$WORK/examples"
}

# install_rule USER: installs the polkit rule of the examples, and adds the user to its group.
install_rule() {
    install_polkit_rule 50-piimages.rules <"$testbed/../docs/examples/50-piimages.rules"
    groupadd --force pi-images
    usermod --append --groups pi-images "$1"
    await_rule "$1"
}

# polkitd reads new rules by itself, after a moment.
await_rule() {
    # shellcheck disable=SC2016  # for that shell to expand
    wait_until 30 as_user_in none "$1" sh -c 'pkcheck --action-id org.example.PiImages.mount --process $$'
}

remove_rule() { rm -f /etc/polkit-1/rules.d/50-piimages.rules; }

test_examples_of_command_line_clients_do_the_main_job() {
    local examples image said
    examples=$(examples)
    image=$(pi_image alice)
    said=$(as_user alice "$examples/with-busctl" "$image")
    assert_contains "$said" 's "/run/piimages/mnt/'
    assert_contains "$said" 'i 0'
    said=$(as_user alice "$examples/with-gdbus" "$image")
    assert_contains "$said" "(<'/run/piimages/mnt/"
    assert_contains "$said" '(0,)'
}

test_the_example_in_python_passes_output_status_and_errors_on() {
    local examples image
    examples=$(examples)
    image=$(pi_image alice)
    assert_eq armv7l "$(as_user alice "$examples/with-python" "$image" uname -m)"
    assert_fails_with 42 '' -- as_user alice "$examples/with-python" "$image" sh -c 'exit 42'
    assert_fails_with 127 '' -- as_user alice "$examples/with-python" "$image" nonesuch
    assert_fails_with 1 'no such image' -- as_user alice "$examples/with-python" "$WORK/nonesuch" true
}

# gio stands in for the desktop: it reads the desktop entry, and opens directories with the default application.
test_the_example_for_desktops_mounts_and_opens_the_directory() {
    local examples image data=$WORK/data
    examples=$(examples)
    image=$(pi_image alice)
    install -d "$data/applications" "$WORK/home"
    printf '%s\n' '[Desktop Entry]' Type=Application Name=Files "Exec=sh -c 'echo \"\$1\" >$WORK/home/opened' sh %u" 'MimeType=inode/directory;' \
        >"$data/applications/files.desktop"
    printf '%s\n' '[Default Applications]' inode/directory=files.desktop >"$data/applications/mimeapps.list"
    chown alice "$WORK/home"
    as_user alice env HOME="$WORK/home" XDG_DATA_HOME="$data" PATH="$examples/desktop:$PATH" \
        gio launch "$examples/desktop/piimages-open.desktop" "$image"
    wait_until 20 test -s "$WORK/home/opened"
    assert_matches "$(cat "$WORK/home/opened")" '^(file://)?/run/piimages/mnt/[0-9]+/armhf'
    umount_image alice "$image"
}

test_the_service_of_the_timer_builds_an_image_without_privileges() {
    local examples image
    trap 'rm -f /etc/systemd/system/pi-image.*; systemctl daemon-reload; remove_rule; rm -rf /srv/pi-image /usr/local/bin/build-image; userdel pi-image' EXIT
    examples=$(examples)
    may_change "${accounts[@]}"
    useradd --system --user-group pi-image
    install_rule pi-image
    image=$(image armhf --boot-fs ext4)
    install -d -o pi-image /srv/pi-image /srv/pi-image/files/etc
    install -o pi-image "$image" /srv/pi-image/base.img
    echo hello >/srv/pi-image/files/etc/motd
    install "$examples/build-image" /usr/local/bin
    install -m 644 "$examples"/nightly/* /etc/systemd/system
    systemctl daemon-reload
    systemd-analyze verify /etc/systemd/system/pi-image.timer >said 2>&1 || fail "$(cat said)"
    systemctl start pi-image.service || fail "$(journalctl --no-pager --unit pi-image)"
    assert_contains "$(in_image /srv/pi-image/nightly.img 'cat /etc/motd')" hello
    assert_eq "$(date +%F)" "$(in_image /srv/pi-image/nightly.img 'cat /etc/image-date')"
    zstd --test --quiet /srv/pi-image/nightly.img.zst
}

# step NAME: prints the lines that a step of the workflow runs.
step() {
    awk -v name="$1" '/^ *- /{ here = ($0 ~ "name: " name "$") } /run: \|/ { next } here && /^          / { sub(/^ */, ""); print }' \
        "$testbed/../docs/examples/image.yml"
}

test_the_commands_of_the_workflow_run() {
    local checkout=$WORK/checkout
    trap remove_rule EXIT
    may_change "${accounts[@]}" '/var/cache/apt/**' '/var/lib/apt/**'
    ensure_user runner
    install -d -o runner "$checkout" "$checkout/docs" "$checkout/files/etc" "$WORK/sudo"
    cp --recursive "$(examples)" "$checkout/docs/"
    cp "$testbed"/../packaging/target/piimages_*.deb "$checkout"
    install -o runner "$(image armhf --boot-fs ext4)" "$checkout/base.img"
    # sudo on a runner asks for no password; for root, it only has to run the command.
    printf '%s\n' '#!/bin/sh' 'exec "$@"' >"$WORK/sudo/sudo"
    chmod 755 "$WORK/sudo/sudo"
    [[ -n $(step 'Set up') && -n $(step Build) && -n $(step Try) ]] || fail "the steps are not there"
    (cd "$checkout" && USER=runner PATH=$WORK/sudo:$PATH bash -e -c "$(step 'Set up')") >said 2>&1 || fail "$(cat said)"
    await_rule runner
    (cd "$checkout" && as_user_in none runner bash -e -c "$(step Build)") >said 2>&1 || fail "$(cat said)"
    (cd "$checkout" && as_user_in none runner bash -e -c "$(step Try)") >said 2>&1 || fail "$(cat said)"
    [[ -s $checkout/pi.img.zst ]] || fail "no image was made"
}
