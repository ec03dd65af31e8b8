# No other user can see what a user has mounted or runs; root sees everything.
# shellcheck shell=bash

object_of() { as_user alice "$client" get "$1"; }

list_images() { as_user "$1" busctl call "${manager[@]}" ListImages; }

property() { # USER OBJECT INTERFACE NAME
    as_user "$1" busctl get-property org.example.PiImages "$2" "org.example.PiImages.$3" "$4"
}

test_others_see_that_an_image_is_mounted_but_not_which_or_where() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    assert_contains "$(list_images alice)" "\"$image\" \"$where\" $(id -u alice)"
    ensure_user bob
    assert_contains "$(list_images bob)" "\"\" \"\" $(id -u alice)"
    assert_contains "$(busctl call "${manager[@]}" ListImages)" "\"$image\" \"$where\""
    umount_image alice "$image"
}

test_others_see_no_paths_in_properties() {
    local image object name all
    image=$(pi_image alice)
    mount_image alice "$image"
    object=$(object_of "$image")
    for name in File MountPoint; do
        assert_eq 's ""' "$(property bob "$object" Image "$name")" "$name"
    done
    all=$(as_user bob busctl call org.example.PiImages /org/example/PiImages org.freedesktop.DBus.ObjectManager GetManagedObjects
        as_user bob busctl call org.example.PiImages "$object" org.freedesktop.DBus.Properties GetAll s org.example.PiImages.Image)
    assert_contains "$all" MountPoint
    assert_lacks "$all" "$image"
    assert_lacks "$all" /run/piimages
    umount_image alice "$image"
}

test_others_cannot_enter_the_mount_point() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    assert_fails_with 2 'Permission denied' -- as_user bob ls "$where"
    assert_fails_with 2 'Permission denied' -- as_user bob ls "${where%/*}"
    assert_fails_with 1 'Permission denied' -- as_user bob cat "$where/etc/fstab"
    as_user alice chmod 777 "$where"
    assert_fails_with 1 'Permission denied' -- as_user bob cat "$where/etc/fstab"
    umount_image alice "$image"
}

test_the_owner_cannot_change_the_directories_of_the_daemon() {
    local image where
    image=$(pi_image alice)
    where=$(mount_image alice "$image")
    assert_fails_with 1 '' -- as_user alice mv "$where" "${where%/*}/other"
    assert_fails_with 1 '' -- as_user alice touch "${where%/*}/new"
    umount_image alice "$image"
}

test_others_do_not_see_the_command_or_the_image_of_a_machine() {
    local image object
    image=$(pi_image alice)
    start_machine alice "$image" secretive sleep 300
    object=/org/example/PiImages/machine/secretive
    assert_eq 'as 0' "$(property bob "$object" Machine Command)"
    assert_eq 's ""' "$(property bob "$object" Machine File)"
    assert_eq "s \"$image\"" "$(property alice "$object" Machine File)"
    assert_lacks "$(as_user bob busctl call "${manager[@]}" ListMachines)" "$image"
    machinectl terminate secretive
    wait "$runner" || true
    wait_until 10 machine_is_gone secretive
}

test_only_a_user_who_can_read_an_image_can_look_it_up() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image"
    assert_refused AccessDenied '' -- as_user bob "$client" get "$image"
    umount_image alice "$image"
}
