# The interface, as seen by a client that uses only the bus.
# shellcheck shell=bash

service=org.example.PiImages

# listen: writes the signals of the service to $WORK/signals until the test ends.
listen() {
    # --json: one line for each signal, without buffering.
    busctl monitor --json=short --match "type='signal',sender='$service'" --match "interface='$service.Probe'" >"$WORK/signals" 2>&1 &
    listener=$!
    trap 'kill "$listener"' EXIT
    # What busctl prints when it is ready depends on its version.
    wait_until 10 eval 'busctl emit /probe "$service.Probe" Heard && heard Probe'
}

heard() { grep -q "$1" "$WORK/signals"; }

test_the_daemon_is_started_by_the_first_call_and_owns_its_name() {
    systemctl stop piimagesd.service
    busctl call "${manager[@]}" ListImages >/dev/null
    assert_eq "$(daemon_pid)" "$(busctl status "$service" | sed -n 's/^PID=//p')"
    assert_eq active "$(systemctl is-active piimagesd.service)"
}

test_only_root_can_own_the_name() {
    systemctl stop piimagesd.service
    assert_fails_with 1 'AccessDenied|not allowed' -- as_user alice gdbus call --system --dest org.freedesktop.DBus \
        --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.RequestName "$service" 0
}

test_objects_that_appear_and_disappear_are_signalled() {
    local image object
    image=$(pi_image alice)
    mount_image alice "$(pi_image alice)" >/dev/null # so that the daemon runs
    listen
    object=$(as_user alice "$client" mount "$image")
    wait_until 10 heard "InterfacesAdded.*$object"
    as_user alice "$client" unmount "$object"
    wait_until 10 heard "InterfacesRemoved.*$object"
    assert_lacks "$(cat "$WORK/signals")" "$image"
    as_user alice sh -c 'for image in "$@"; do piimagesctl umount "$image"; done' sh "$WORK"/alice/*.img 2>/dev/null || true
}

test_machines_that_start_and_end_are_signalled_with_their_exit_status() {
    local status=0
    busctl call "${manager[@]}" ListImages >/dev/null
    listen
    as_user alice "$client" run "$(pi_image alice)" name=signalling -- sh -c 'exit 9' || status=$?
    assert_eq 9 "$status"
    wait_until 10 heard 'MachineNew.*signalling'
    wait_until 10 heard 'MachineRemoved.*signalling.*9'
    wait_until 10 heard 'InterfacesRemoved.*machine/signalling'
}

test_introspection_names_the_arguments() {
    local xml
    xml=$(busctl introspect --xml-interface "$service" /org/example/PiImages)
    assert_contains "$xml" '<arg name="path" type="s" direction="in"/>'
    assert_contains "$xml" '<arg name="image" type="o" direction="out"/>'
    assert_matches "$(busctl introspect "$service" /org/example/PiImages "$service.Manager")" '\.MountImage +method +sa\{sv\} +o'
}

test_the_object_tree_contains_every_object() {
    local image object
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    assert_contains "$(busctl tree --list "$service")" "$object"
    assert_contains "$(busctl introspect "$service" "$object")" "$service.Image"
    umount_image alice "$image"
}

test_managed_objects_contain_the_properties_of_mounted_images() {
    local image objects
    image=$(pi_image alice)
    mount_image alice "$image"
    objects=$(as_user alice busctl call "$service" /org/example/PiImages org.freedesktop.DBus.ObjectManager GetManagedObjects)
    assert_contains "$objects" "\"File\" s \"$image\""
    assert_contains "$objects" '"Architecture" s "armv7l"'
    assert_contains "$objects" '"BootRule" s "fstab"'
    umount_image alice "$image"
}

test_properties_describe_partitions_and_their_mount_points() {
    local image object partitions
    image=$(pi_image alice)
    object=$(as_user alice "$client" mount "$image")
    partitions=$(busctl get-property "$service" "$object" "$service.Image" Partitions)
    assert_contains "$partitions" "\"ext4\""
    assert_matches "$partitions" "\"/boot/firmware\" \"/dev/loop[0-9]+\" $((4 << 20)) $((16 << 20))"
    assert_matches "$partitions" "\"/\" \"/dev/loop[0-9]+\" $((20 << 20)) $((32 << 20))"
    assert_eq "b true" "$(busctl get-property "$service" "$object" "$service.Image" IdMapped)"
    umount_image alice "$image"
}

test_an_unknown_option_is_an_error_and_nothing_is_done() {
    local image
    image=$(pi_image alice)
    assert_refused InvalidArgument 'unknown option.*readonly' -- as_user alice "$client" mount "$image" readonly
    assert_refused InvalidArgument 'unknown option.*stdio' -- as_user alice "$client" run "$image" stdio -- touch /root/done
    assert_eq '' "$(loops_over "$image")"
    assert_eq '' "$(owner_in_image "$image" /root/done)"
}

test_an_option_of_the_wrong_type_is_an_error() {
    local image
    image=$(pi_image alice)
    assert_refused InvalidArgument 'read-only.*type i' -- as_user alice "$client" mount "$image" read-only:=1
    assert_refused InvalidArgument 'name.*type b' -- as_user alice "$client" run "$image" name -- true
    assert_refused InvalidArgument '' -- as_user alice "$client" run "$image" name=../../etc -- true
}

test_invalid_calls_are_answered_with_standard_errors() {
    busctl call "${manager[@]}" ListImages >/dev/null
    assert_fails_with 1 'no such method|Unknown method' -- busctl call "${manager[@]}" Nonesuch
    assert_fails_with 1 'no object|Unknown object' -- busctl call "$service" /nonesuch "$service.Image" Unmount 'a{sv}' 0
    assert_fails_with 1 'type' -- busctl call "${manager[@]}" MountImage s /tmp/a.img
    assert_fails_with 1 '' -- busctl call "$service" /org/example/PiImages org.freedesktop.DBus.Properties Set ssv "$service.Manager" Version s 9
    assert_eq active "$(systemctl is-active piimagesd.service)"
}

# Callers must not be able to exhaust the thread pool.
test_many_waiting_calls_of_one_user_do_not_delay_others() {
    local image pid callers=() number
    image=$(pi_image alice)
    mount_image alice "$image"
    for number in 1 2 3 4 5 6; do
        as_user alice "$client" run "$image" -- sleep 300 </dev/null >/dev/null 2>&1 &
        callers+=($!)
    done
    wait_until 30 eval '(( $(machinectl --no-legend list | wc -l) == 6 ))'
    as_user bob timeout 5 busctl call "${manager[@]}" ListImages >/dev/null
    systemctl stop 'piimages-*.service'
    for pid in "${callers[@]}"; do wait "$pid" || true; done
    wait_until 10 umount_image alice "$image"
}

# The daemon must not keep a descriptor of the caller open: the reader of the pipe would wait forever.
test_the_daemon_keeps_no_descriptor_of_a_caller() {
    local image before
    image=$(pi_image alice)
    "$client" run "$image" -- true
    before=$(daemon_descriptors)
    "$client" run "$image" -- sh -c 'exit 3' || true
    "$client" run "$image" -- nonesuch 2>/dev/null || true
    "$client" run "$image" unknown -- true 2>/dev/null || true
    "$client" run /nonesuch -- true 2>/dev/null || true
    as_user_in none alice "$client" run "$image" -- true 2>/dev/null || true
    "$client" mount-fd rdonly /etc/hostname x 2>/dev/null || true
    wait_until 10 eval '[[ $(daemon_descriptors) == "$before" ]]'
}

daemon_descriptors() { find "/proc/$(daemon_pid)/fd" -mindepth 1 -printf '%l\n' | sort; }

# The file that the udev rule tests exists before the device is configured, and is removed with it. (udev does not run in the bed.)
test_loop_devices_in_use_are_marked_for_the_udev_rule() {
    local image device
    image=$(pi_image alice)
    assert_contains "$(cat /usr/lib/udev/rules.d/90-piimages.rules)" 'TEST=="/run/piimages/loops/%k", ENV{UDISKS_IGNORE}="1"'
    mount_image alice "$image"
    for device in $(loops_over "$image"); do test -e "/run/piimages/loops/${device##*/}"; done
    umount_image alice "$image"
    assert_eq '' "$(ls /run/piimages/loops)"
}
