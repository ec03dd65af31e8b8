# piimagesctl doctor: its findings are compared with the facts.
# shellcheck shell=bash

# severity CHECK [IMAGE]: the severity that the doctor reports to alice for this check; empty if it does not report it.
severity() {
    as_user alice piimagesctl doctor --json=short "${@:2}" >"$WORK/findings" || (( $? == 1 ))
    python3 -c 'import json, sys
print(*[f["severity"] for f in json.load(open(sys.argv[1])) if f["check"] == sys.argv[2]])' "$WORK/findings" "$1"
}

test_the_doctor_reports_what_this_kernel_supports() {
    local vfat=problem
    if grep -qw vfat /proc/filesystems || modinfo vfat >/dev/null 2>&1; then vfat=ok; fi
    assert_eq ok "$(severity filesystem-ext4)"
    assert_eq "$vfat" "$(severity filesystem-vfat)"
    assert_eq ok "$(severity kernel)"
    assert_eq ok "$(severity loop)"
    assert_eq ok "$(severity emulation-armv7l)"
}

test_the_doctor_exits_with_1_if_it_finds_a_problem() {
    local status=0
    trap 'systemctl unmask --runtime --quiet systemd-machined.service' EXIT
    systemctl mask --runtime --quiet systemd-machined.service
    assert_eq problem "$(severity machined)"
    piimagesctl doctor >"$WORK/said" || status=$?
    assert_eq 1 "$status"
    assert_contains "$(cat "$WORK/said")" 'systemctl unmask systemd-machined.service'
}

test_the_doctor_names_the_package_of_a_missing_program() {
    trap 'mv /usr/bin/catatonit.moved /usr/bin/catatonit' EXIT
    mv /usr/bin/catatonit /usr/bin/catatonit.moved
    assert_eq problem "$(severity program-catatonit)"
    assert_contains "$(as_user alice piimagesctl doctor -q || true)" 'install the package catatonit'
}

test_the_doctor_examines_an_image_and_leaves_it_unchanged() {
    local image before
    image=$(pi_image alice)
    before=$(sum_of "$image")
    as_user alice piimagesctl doctor "$image" >"$WORK/said"
    assert_contains "$(cat "$WORK/said")" 'emulation-armv7l: armv7l programs run'
    assert_contains "$(cat "$WORK/said")" 'No problems found.'
    assert_eq "$before" "$(sum_of "$image")"
    assert_eq '' "$(loops_over "$image")"
}

test_the_doctor_examines_a_mounted_image() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image" >/dev/null
    assert_eq ok "$(severity emulation-armv7l "$image")"
    umount_image alice "$image"
}

test_the_doctor_reports_a_damaged_image() {
    local image
    image=$(pi_image alice)
    truncate --size=24M "$image"
    assert_eq problem "$(severity partitions "$image")"
}

test_the_doctor_requires_permission_and_authorization_of_the_caller() {
    local image
    image=$(pi_image alice)
    assert_fails_with 4 'permission denied' -- as_user bob piimagesctl doctor "$image"
    assert_fails_with 4 'polkit' -- as_user_in none alice piimagesctl doctor --no-ask-password "$image"
}

# The finding agrees with what mounting does afterwards. The unit may not open loop devices here, as if DeviceAllow= named a device class
# that appeared only after the unit had started.
test_the_doctor_tests_a_loop_device_in_the_same_way_as_mounting() {
    local image dropins=/run/systemd/system/piimagesd.service.d
    image=$(pi_image alice)
    trap 'rm -rf /run/systemd/system/piimagesd.service.d; systemctl daemon-reload; systemctl stop piimagesd' EXIT
    mkdir -p "$dropins"
    printf '[Service]\nDeviceAllow=\nDeviceAllow=/dev/char/10:237 rw\n' >"$dropins/forbidden.conf"
    systemctl daemon-reload
    systemctl stop piimagesd
    as_user alice piimagesctl doctor >out && fail "all is well"
    assert_matches "$(cat out)" 'problem +loop: no image can be mounted: cannot open /dev/loop[0-9]+: Operation not permitted; DeviceAllow='
    assert_fails_with 1 'cannot open /dev/loop[0-9]+: Operation not permitted; DeviceAllow= in piimagesd.service' \
        -- as_user alice piimagesctl mount "$image"
    rm -rf "$dropins"
    systemctl daemon-reload
    systemctl stop piimagesd
    as_user alice piimagesctl doctor >out || true
    assert_contains "$(cat out)" 'loop: a loop device was attached and read'
    assert_lacks "$(losetup --list --noheadings --output BACK-FILE)" piimages-doctor
    mount_image alice "$image" >/dev/null
    umount_image alice "$image"
}

# The finding agrees with what running does afterwards: the same commands start the doctor's machine and a user's.
test_the_doctor_tests_a_machine_in_the_same_way_as_running() {
    local image
    image=$(pi_image alice)
    assert_eq ok "$(severity machine)"
    assert_eq '' "$(ls /run/piimages/machines 2>/dev/null)"
    may_change /usr/bin/systemd-nspawn
    trap 'mv /usr/bin/systemd-nspawn.moved /usr/bin/systemd-nspawn' EXIT
    mv /usr/bin/systemd-nspawn /usr/bin/systemd-nspawn.moved
    printf '#!/bin/sh\nexit 1\n' >/usr/bin/systemd-nspawn
    chmod 755 /usr/bin/systemd-nspawn
    assert_eq problem "$(severity machine)"
    as_user alice piimagesctl doctor --quiet >out && fail "all is well"
    assert_contains "$(cat out)" 'machine: no command can be run in an image: '
    assert_contains "$(cat out)" 'journalctl -u piimages-doctor.service'
    as_user alice piimagesctl run "$image" -- true && fail "it runs"
    assert_eq '' "$(ls /run/piimages/machines 2>/dev/null)"
    assert_lacks "$(losetup --list --noheadings --output BACK-FILE)" /run/piimages
    # A check that cannot succeed is skipped: the preceding check reports the reason.
    rm /usr/bin/systemd-nspawn
    assert_eq problem "$(severity program-systemd-nspawn)"
    assert_eq '' "$(severity machine)"
}

# Any user may call the doctor any number of times: it runs one machine at a time, shared by all waiting callers.
test_concurrent_calls_of_the_doctor_share_a_machine() {
    local pids=() number most=0 now since
    since=$(date +%s)
    for number in 1 2 3 4; do
        as_user alice piimagesctl doctor --json=short >"$number.json" &
        pids+=($!)
    done
    while kill -0 "${pids[@]}" 2>/dev/null; do
        now=$({ find /run/piimages/machines -mindepth 1 -maxdepth 1 2>/dev/null || true; } | wc -l)
        (( now <= most )) || most=$now
        sleep 0.02
    done
    for number in "${pids[@]}"; do wait "$number" || (( $? == 1 )); done
    assert_eq 1 "$most"
    (( $(journalctl --unit=piimagesd --since="@$since" --output=cat | grep -c 'started piimages-doctor') <= 3 )) || fail "many trials"
    for number in 1 2 3 4; do assert_matches "$(cat "$number.json")" '"check":"machine","severity":"ok"'; done
}

test_the_doctor_recognizes_an_image_for_armv6() {
    local image
    image=$(pi_image alice)
    assert_eq '' "$(severity arm-version "$image")"
    # The image's busybox declares itself as ARMv6, as Raspberry Pi OS's programs do: Tag_CPU_arch.
    mkdir -p "$WORK/extra/bin"
    in_image "$image" "dump /bin/busybox $WORK/extra/bin/busybox"
    chmod 755 "$WORK/extra/bin/busybox"
    python3 - "$WORK/extra/bin/busybox" <<'END'
import re, sys
path = sys.argv[1]
program = open(path, "rb").read()
changed, count = re.subn(rb"(?<=aeabi\0\x01)(.{4}(?:\x05[^\0]*\0)?\x06)\x0a", lambda found: found[1] + b"\x06", program, flags=re.S)
assert count == 1, count
open(path, "wb").write(changed)
END
    image=$(pi_image alice armhf --extra-root "$WORK/extra")
    assert_eq ok "$(severity arm-version "$image")"
    as_user alice piimagesctl doctor "$image" >"$WORK/said"
    assert_contains "$(cat "$WORK/said")" 'built for ARMv6,'
    assert_contains "$(cat "$WORK/said")" 'QEMU_CPU=arm1176'
}
