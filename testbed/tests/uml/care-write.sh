# Writing to and reading a disk that the kernel considers removable, made by scsi_debug; and disks that are in use in ways that an ns bed
# does not support.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=160

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"
# shellcheck source=testbed/tests/removable
. "$testbed/tests/removable"

assert_card_contains() { # IMAGE
    cmp --bytes="$root_offset" "$1" "$card" || fail "what comes before the root partition differs"
    assert_sound_image "$card" "$(content_of "$1")"
}

test_a_removable_disk_is_written_to_without_an_override() {
    local image said
    image=$(image armhf)
    card_of 96 1
    said=$(busctl call --timeout=100 "${manager[@]}" DescribeDevice s "$card")
    assert_contains "$said" '"removable" b true'
    assert_contains "$said" 'scsi_debug'
    said=$(run_job root WriteImage ssa{sv} "$image" "$card" 0)
    assert_contains "$said" '"verified" b true'
    assert_card_contains "$image"
    # The kernel knows the new partitions, and a mounted card is refused.
    wait_until 20 test -b "${card}2"
    mkdir mnt
    mount -o ro "${card}2" mnt
    assert_fails_with 1 "is mounted" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    umount mnt
    assert_fails_with 1 "is a partition" -- run_job root WriteImage ssa{sv} "$image" "${card}2" 0
    modprobe dm-mod
    dmsetup create piimages-test --table "0 2048 linear ${card}2 0"
    assert_fails_with 1 "is part of dm-" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    dmsetup remove piimages-test
    # Impossible in an ns bed: the whole machine would use the swap space.
    mkswap "${card}1" >/dev/null
    swapon "${card}1"
    assert_fails_with 1 "is used as swap space" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    swapoff "${card}1"
}

test_a_disk_that_is_not_removable_is_refused() {
    local image
    image=$(image armhf)
    card_of 96 0
    assert_fails_with 1 "is not removable" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    run_job root WriteImage ssa{sv} "$image" "$card" 1 not-removable b true
    assert_card_contains "$image"
}

test_the_disk_of_the_running_system_is_refused() {
    local image
    image=$(image armhf)
    assert_fails_with 1 "is in use|runs from" -- run_job root WriteImage ssa{sv} "$image" /dev/ubda 1 not-removable b true
}

# The card has less capacity than it reports: data written to its upper part overwrites the lower part.
test_a_card_with_a_false_capacity_is_detected() {
    local image
    image=$(image armhf --root-size 100)
    head --bytes=60M /dev/urandom >random
    debugfs -w -R "write $PWD/random random" "$image?offset=$root_offset" 2>/dev/null
    gzip -1 --stdout "$image" >pi.img.gz
    card_of 32 1 virtual_gb=1
    assert_fails_with 1 "smaller than it reports.*no partition table" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    assert_fails_with 1 "smaller than it reports.*no partition table" -- run_job root WriteImage ssa{sv} "$WORK/pi.img.gz" "$card" 0
}

test_only_an_authorised_user_can_back_up_a_removable_disk() {
    local image directory kind
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    card_of 96 1
    dd if="$image" of="$card" bs=1M conv=fsync status=none
    for kind in active none; do
        assert_fails_with 1 "org.example.PiImages.read-device" -- as_user_in $kind alice \
            busctl call --timeout=100 "${manager[@]}" ReadDevice ssa{sv} "$card" "$directory/backup.img" 0
    done
    trap 'rm -f /etc/polkit-1/rules.d/10-read.rules; rmmod scsi_debug || true' EXIT
    echo 'polkit.addRule(function(a, s) { if (a.id == "org.example.PiImages.read-device" && s.user == "alice") { return "yes"; } });' \
        | install_polkit_rule 10-read.rules
    wait_until 20 as_user alice piimagesctl --quiet read --dry-run "$card" "$directory/backup.img"
    run_job alice ReadDevice ssa{sv} "$card" "$directory/backup.img" 0
    assert_eq "600 alice" "$(stat --format '%a %U' "$directory/backup.img")"
    cmp --bytes="$boot_offset" "$image" "$directory/backup.img"
    assert_sound_image "$directory/backup.img" "$(content_of "$image")"
}

# opts=2: ten sectors, beginning with sector 4660, cannot be read.
test_bad_sectors_of_a_card_are_reported_and_skipped_on_request() {
    local image said
    image=$(image armhf)
    card_of 96 1 opts=2
    dd if="$image" of="$card" bs=1M oflag=direct status=none
    assert_fails_with 1 "cannot read $card: 8192 bytes at byte 2383872 \(outside of partitions\); .*skip-bad" -- \
        run_job root ReadDevice ssa{sv} "$card" "$WORK/backup.img" 0
    [[ ! -e backup.img ]]
    said=$(run_job root ReadDevice ssa{sv} "$card" "$WORK/backup.img" 1 skip-bad b true)
    assert_contains "$said" '"unreadable" a(uttas) 1 0 2383872 8192 1 "outside of partitions"'
    assert_sound_image backup.img "$(content_of "$image")"
}
