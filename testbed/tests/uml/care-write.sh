# Writing to a disk that is removable as far as the kernel knows: scsi_debug's. And to disks that are in use in ways the fast bed's kernel
# does not have.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=100

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# card_of MIB REMOVABLE [OPTION OF scsi_debug]...: sets card.
card_of() {
    local host
    modprobe --all sd_mod
    modprobe scsi_debug "dev_size_mb=$1" "removable=$2" delay=0 "${@:3}"
    wait_until 20 compgen -G "/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/block/*"
    card=/dev/$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/block/*)
    wait_until 20 test -b "$card"
    trap 'rmmod scsi_debug || true' EXIT
}

assert_card_holds() { # IMAGE
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
    assert_card_holds "$image"
    # The kernel knows the new partitions, and what is mounted is refused.
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
    # Not in the fast bed, which shares its kernel's memory with everybody.
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
    assert_card_holds "$image"
}

test_the_disk_this_system_runs_from_is_refused() {
    local image
    image=$(image armhf)
    assert_fails_with 1 "is in use|runs from" -- run_job root WriteImage ssa{sv} "$image" /dev/ubda 1 not-removable b true
}

# A card that has less than it says: what is written to its upper part lands on its lower one.
test_a_card_of_false_capacity_is_found_out() {
    local image
    image=$(image armhf --root-size 100)
    head --bytes=60M /dev/urandom >random
    debugfs -w -R "write $PWD/random random" "$image?offset=$root_offset" 2>/dev/null
    gzip -1 --stdout "$image" >pi.img.gz
    card_of 32 1 virtual_gb=1
    assert_fails_with 1 "smaller than it reports.*no partition table" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    assert_fails_with 1 "smaller than it reports.*no partition table" -- run_job root WriteImage ssa{sv} "$WORK/pi.img.gz" "$card" 0
}
