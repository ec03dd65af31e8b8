# The files that a caller can pass: those that they could open themselves, and only regular files.
# shellcheck shell=bash

test_a_file_that_only_others_may_read_is_refused() {
    local image
    image=$(pi_image alice)
    chown root "$image"
    chmod 600 "$image"
    assert_refused AccessDenied "${image##*/}" -- as_user alice "$client" mount "$image"
    assert_refused AccessDenied "${image##*/}" -- as_user alice "$client" run "$image" -- true
}

test_a_file_in_an_inaccessible_directory_is_refused() {
    local image
    image=$(pi_image bob)
    chmod 666 "$image"
    assert_refused AccessDenied '' -- as_user alice "$client" mount "$image"
}

test_a_link_to_a_file_that_the_caller_cannot_access_is_refused() {
    local where
    ensure_user alice
    install -d -o alice "$WORK/alice"
    ln -s /etc/shadow "$WORK/alice/innocent.img"
    ln -s innocent.img "$WORK/alice/twice.img"
    ln -s self.img "$WORK/alice/self.img"
    for where in innocent.img twice.img; do
        assert_refused AccessDenied '' -- as_user alice "$client" mount "$WORK/alice/$where"
    done
    assert_fails_with 1 'self.img' -- as_user alice "$client" mount "$WORK/alice/self.img"
    assert_refused '(AccessDenied|InvalidArgument)' '' -- as_user alice "$client" mount /proc/1/root/etc/shadow
}

test_files_that_are_not_regular_are_refused_without_waiting() {
    ensure_user alice
    install -d -o alice "$WORK/alice"
    mkfifo -m 666 "$WORK/alice/fifo"
    mknod -m 666 "$WORK/alice/null" c 1 3
    assert_refused InvalidImage 'FIFO|pipe' -- timeout 20 "$client" mount "$WORK/alice/fifo"
    assert_refused InvalidImage 'FIFO|pipe' -- as_user alice "$client" mount "$WORK/alice/fifo"
    assert_refused InvalidImage 'device' -- as_user alice "$client" mount "$WORK/alice/null"
    assert_refused InvalidImage 'directory' -- as_user alice "$client" mount "$WORK/alice"
}

test_a_missing_file_is_not_found() {
    ensure_user alice
    assert_refused NotFound nonesuch.img -- as_user alice "$client" mount /tmp/nonesuch.img
    assert_refused NotFound nonesuch -- as_user alice "$client" mount /nonesuch/nonesuch.img
    assert_refused NotFound nonesuch.img -- as_user alice "$client" run /tmp/nonesuch.img -- true
    assert_fails_with 3 nonesuch.img -- as_user alice piimagesctl mount nonesuch.img
}

test_the_bus_accepts_only_absolute_paths() {
    ensure_user alice
    assert_refused InvalidArgument absolute -- as_user alice "$client" mount relative.img
    assert_refused InvalidArgument '' -- as_user alice "$client" mount ''
}

test_piimagesctl_accepts_relative_paths() {
    local image
    image=$(pi_image alice)
    cd "$WORK/alice" || return
    mount_image alice "${image##*/}"
    umount_image alice "./${image##*/}"
}

test_images_with_unusual_names_can_be_mounted_run_and_unmounted() {
    local image name long
    image=$(pi_image alice)
    long=$(printf '%0.sx' {1..255})
    for name in 'with spaces.img' $'new\nline.img' "it's \"quoted\".img" "$long" 'dollar$HOME.img' 'tüb:in%gen.img' \
        '-rf' $'\e[31mred.img' 'back\slash,comma.img'; do
        mv "$image" "$WORK/alice/$name"
        image=$WORK/alice/$name
        mount_image alice "$image" >"$WORK/where"
        assert_matches "$(cat "$WORK/where")" '^/run/piimages/mnt/[0-9]+/[A-Za-z0-9._+-]+$'
        assert_eq armv7l "$(as_user alice "$client" run "$image" -- uname -m)" "in ${name@Q}"
        as_user alice "$client" unmount "$image"
        assert_eq armv7l "$(as_user alice "$client" run "$image" -- uname -m)" "in ${name@Q}"
    done
}

test_control_characters_in_a_name_do_not_reach_the_terminal() {
    local image said
    image=$(pi_image alice)
    mv "$image" "$WORK/alice/"$'\e[31mred.img'
    image=$WORK/alice/$'\e[31mred.img'
    mount_image alice "$image"
    said=$(as_user alice piimagesctl list; as_user alice piimagesctl status "$image"; as_user bob piimagesctl list)
    assert_lacks "$said" $'\e'
    umount_image alice "$image"
    : >"$image"
    assert_lacks "$(mount_image alice "$image" 2>&1)" $'\e'
}

test_an_image_whose_name_is_not_utf8_can_be_mounted_by_descriptor() {
    local image object
    image=$(pi_image alice)
    mv "$image" "$WORK/alice/"$'caf\xe9.img'
    image=$WORK/alice/$'caf\xe9.img'
    object=$(as_user alice "$client" mount-fd rdwr "$image" its-name.img)
    assert_eq 's "its-name.img"' "$(busctl get-property org.example.PiImages "$object" org.example.PiImages.Image File)"
    assert_eq 2 "$(loops_over "$image" | wc -l)" "loop devices"
    as_user alice "$client" unmount "$object"
    assert_fails_with 2 'its name is not valid UTF-8' -- mount_image alice "$image"
}

test_a_descriptor_opened_for_reading_is_mounted_read_only() {
    local image object where
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount-fd rdonly "$image" by-descriptor)
    where=/run/piimages/mnt/$(id -u alice)/by-descriptor
    assert_fails_with 1 'Read-only' -- as_user alice touch "$where/root/new"
    as_user alice "$client" unmount "$object"
}

test_a_descriptor_that_cannot_be_read_is_refused() {
    local image
    image=$(pi_image alice)
    assert_fails_with 1 '' -- as_user alice "$client" mount-fd path "$image" path-only
    mkfifo "$WORK/alice/fifo"
    chown alice "$WORK/alice/fifo"
    assert_refused InvalidImage '' -- as_user alice "$client" mount-fd rdwr "$WORK/alice/fifo" fifo
    assert_refused InvalidImage '' -- as_user alice "$client" mount-fd rdonly /dev/null null
    # An O_PATH descriptor of another user's file gives no access: it can be opened without permission to read the file.
    chown root "$image"
    chmod 600 "$image"
    assert_fails_with 1 '' -- as_user alice "$client" mount-fd path "$image" path-only
}
