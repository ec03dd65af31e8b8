# Writing images to cards. Loop devices stand in for them; they are not removable disks, so each requires an administrator's override.
# That a removable disk requires no override is tested where the kernel has such a disk (uml/care-write.sh).
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=120

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# The card contains the partition table of the image and the files of both partitions, whatever it contained before.
assert_card_holds() { # IMAGE
    cmp --bytes="$boot_offset" "$1" "$card" || fail "what comes before the first partition differs"
    assert_sound_image "$card" "$(content_of "$1")"
    e2fsck -f -n "$card?offset=$boot_offset" >said 2>&1 || fail "e2fsck is not content with the boot partition: $(cat said)"
    assert_eq "$(content_of "$1" "$boot_offset")" "$(content_of "$card" "$boot_offset")" "the files of the boot partition"
    sfdisk --dump "$1" | sed "s:$1:card:; /^device/d" >table.image
    sfdisk --dump "$card" | sed "s:$card\(p\?\):card:; /^device/d" >table.card
    assert_eq "$(cat table.image)" "$(cat table.card)"
}

test_an_image_is_written_without_its_free_space() {
    local image said skipped
    image=$(image armhf --boot-fs ext4 --root-size 300)
    card_of 400
    said=$(write_to_card "$image")
    assert_contains "$said" '"verified" b true'
    assert_card_holds "$image"
    skipped=$(sed -n 's/.*"skipped" t \([0-9]*\).*/\1/p' <<<"$said")
    (( skipped > 100 << 20 )) || fail "only $skipped bytes were skipped"
    assert_contains "$(head --bytes=300M "$WORK/card" | tail --bytes=16)" XXXX
    free_card
}

# After "cp --sparse" or unpacking, a block of zeros in a file is a hole of the image: if it were skipped, the file on the card would
# contain old data.
test_a_hole_that_belongs_to_a_file_is_zeroed() {
    local image
    image=$(image armhf --boot-fs ext4 --root-size 300)
    (head --bytes=1M /dev/urandom; head --bytes=20M /dev/zero; echo end) >zeros
    debugfs -w -R "write $PWD/zeros zeros" "$image?offset=$root_offset" 2>/dev/null
    cp --sparse=always "$image" sparse.img
    card_of 400
    write_to_card "$WORK/sparse.img" >/dev/null
    assert_card_holds "$image"
    debugfs -R "dump zeros $PWD/read" "$card?offset=$root_offset" 2>/dev/null
    cmp zeros read
    free_card
}

test_every_hole_is_zeroed_on_request() {
    local image said
    image=$(image armhf --boot-fs ext4 --root-size 100)
    card_of 200
    said=$(write_to_card "$image" zero b true)
    assert_contains "$said" '"skipped" t 0'
    cmp --bytes="$(stat --format %s "$image")" "$image" "$card"
    free_card
}

# The backup GPT at the end of the card would restore old partitions.
test_an_old_gpt_on_the_card_is_removed() {
    local image
    image=$(image armhf --boot-fs ext4)
    card_of 200
    echo 'label: gpt' | sfdisk --quiet "$card"
    write_to_card "$image" >/dev/null
    assert_eq dos "$(blkid --probe --output value --match-tag PTTYPE "$card")"
    assert_eq 0 "$(grep --count --text "EFI PART" "$WORK/card")" "GPT headers"
    assert_card_holds "$image"
    free_card
}

# assert_card_is_refused REGEX IMAGE: writing fails, and the card is unchanged.
assert_card_is_refused() {
    local sum
    sum=$(sum_of "$WORK/card")
    assert_fails_with 1 "$1" -- write_to_card "$2"
    assert_eq "$sum" "$(sum_of "$WORK/card")" "the card"
}

test_a_card_in_use_is_refused() {
    local image other over
    image=$(image armhf --boot-fs ext4)
    card_of 200
    mke2fs -q -F "$card"
    mkdir mnt
    # Read-only, so that nothing changes on the card.
    mount -o ro "$card" mnt
    assert_card_is_refused "is mounted" "$image"
    # In a mount namespace that the daemon does not see.
    unshare --mount sh -c 'mount --make-rprivate /; umount mnt; mount -o ro "$1" mnt; touch ready; exec sleep 60' sh "$card" &
    other=$!
    wait_until 10 test -e ready
    umount mnt
    assert_card_is_refused "in use" "$image"
    kill "$other"
    wait "$other" || true
    other=
    over=$(losetup --find --show "$card")
    assert_card_is_refused "is attached to" "$image"
    losetup --detach "$over"
    free_card
}

test_targets_that_are_no_cards_too_small_or_write_protected_are_refused() {
    local image
    image=$(image armhf --boot-fs ext4)
    card_of 20
    assert_card_is_refused "use a larger card" "$image"
    blockdev --setro "$card"
    assert_card_is_refused "write-protected" "$image"
    blockdev --setrw "$card"
    echo words >words
    assert_card_is_refused "not a disk image" "$WORK/words"
    assert_fails_with 1 "is not removable" -- run_job root WriteImage ssa{sv} "$image" "$card" 0
    assert_fails_with 1 "a regular file" -- run_job root WriteImage ssa{sv} "$image" "$image" 0
    assert_fails_with 1 "a character device" -- run_job root WriteImage ssa{sv} "$image" /dev/null 0
    assert_fails_with 1 "No such file" -- run_job root WriteImage ssa{sv} "$image" /dev/nothing 0
    free_card
}

test_a_card_that_was_replaced_after_it_was_described_is_refused() {
    local image before
    image=$(image armhf --boot-fs ext4)
    # Repeated if another program has taken the device while it was free.
    until [[ ${before:-} ]] && losetup "$card" "$WORK/card"; do
        card_of 200
        before=$(describe | sed -n 's/.*"sequence" t \([0-9]*\).*/\1/p')
        losetup --detach "$card"
    done
    assert_fails_with 1 "no longer the same disk" -- write_to_card "$image" sequence t "$before"
    write_to_card "$image" sequence t "$(describe | sed -n 's/.*"sequence" t \([0-9]*\).*/\1/p')" >/dev/null
    free_card
}

describe() { busctl call "${manager[@]}" DescribeDevice s "$card"; }

# The kernel does not escape a carriage return in /proc/self/mountinfo.
test_a_users_mount_point_with_a_carriage_return_does_not_affect_others() {
    local image where
    image=$(user_image alice armhf --boot-fs ext4)
    where=$(as_user alice piimagesctl mount "$image")
    as_user alice mv "$where/boot" "$where/bo"$'\r'"ot"
    grep -q $'bo\rot' /proc/1/mountinfo || fail "it is not in the kernel's list of mounts"
    card_of 100
    assert_contains "$(describe)" "\"size\" t $((100 << 20))"
    as_user alice piimagesctl umount "$image"
    free_card
}

test_describe_device_reports_what_will_be_erased() {
    local image said
    image=$(image armhf --boot-fs ext4)
    card_of 200
    dd if="$image" of="$card" bs=1M conv=notrunc status=none
    said=$(as_user_in none alice busctl call "${manager[@]}" DescribeDevice s "$card")
    assert_contains "$said" '"removable" b false'
    assert_contains "$said" "\"size\" t $((200 << 20))"
    assert_matches "$said" '"partitions" a\(utss\) 2 1 16777216 "ext4" "bootfs" 2 33554432 "ext4" "rootfs"'
    free_card
}

test_writing_requires_an_administrator_and_a_separate_action_for_fixed_disks() {
    local image kind
    image=$(user_image alice armhf --boot-fs ext4)
    card_of 200
    for kind in active inactive remote none; do
        assert_fails_with 1 "org.example.PiImages.write-device" -- as_user_in "$kind" alice \
            busctl call "${manager[@]}" WriteImage ssa{sv} "$image" "$card" 0
        assert_fails_with 1 "org.example.PiImages.write-fixed-device" -- as_user_in "$kind" alice \
            busctl call "${manager[@]}" WriteImage ssa{sv} "$image" "$card" 1 not-removable b true
    done
    free_card
}

test_cancelling_a_write_reports_the_state_of_the_card() {
    local image job
    image=$(image armhf --boot-fs ext4 --root-size 300)
    # Data instead of holes, so that writing takes a while.
    head --bytes=200M /dev/urandom >random
    debugfs -w -R "write $PWD/random random" "$image?offset=$root_offset" 2>/dev/null
    card_of 400
    job=$(start_job root WriteImage ssa{sv} "$image" "$card" 1 not-removable b true)
    wait_until 20 eval 'busctl get-property org.example.PiImages "$job" org.example.PiImages.Job Step | grep -E "write|sync|verify"'
    busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 "only part of the image and no partition table" -- await_job root "$job"
    assert_eq "" "$(blkid --probe --output value --match-tag PTTYPE "$card" || true)" "partition table"
    # The card can be written again.
    write_to_card "$image" >/dev/null
    assert_card_holds "$image"
    free_card
}

# The tool is killed, but the error reports the cancellation, not the tool.
test_cancelling_a_write_of_a_packed_image_reports_the_state_of_the_card() {
    local image job
    image=$(image armhf --boot-fs ext4)
    gzip -1 --stdout "$image" >packed.img.gz
    head --bytes=8M "$image" >beginning
    card_of 100
    # The tool delivers complete pieces, then hangs.
    printf '%s\n' '#!/bin/sh' "cat '$WORK/beginning'" 'exec sleep 4713' >gzip
    chmod 755 gzip
    trap 'umount "$(command -v gzip)" 2>/dev/null || true; losetup --detach "$card" 2>/dev/null || true' EXIT
    mount --bind gzip "$(command -v gzip)"
    job=$(start_job root WriteImage ssa{sv} "$WORK/packed.img.gz" "$card" 1 not-removable b true)
    wait_until 30 pgrep --full "sleep 4713"
    wait_until 30 eval '! tail --bytes=+8388608 "$WORK/card" | head --bytes=1 | grep X'
    busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 "cancelled; $card contains only part of the image and no partition table" -- await_job root "$job"
    umount "$(command -v gzip)"
    free_card
}

# The tool that reports free space is replaced by one that never exits, so that Ctrl-C interrupts the write on any disk.
test_ctrl_c_cancels_a_write() {
    local image client status=0
    image=$(image armhf --boot-fs ext4)
    card_of 100
    printf '%s\n' '#!/bin/sh' 'exec sleep 4712' >dumpe2fs
    chmod 755 dumpe2fs
    trap 'umount "$(command -v dumpe2fs)" 2>/dev/null || true; losetup --detach "$card" 2>/dev/null || true' EXIT
    mount --bind dumpe2fs "$(command -v dumpe2fs)"
    env --default-signal=INT piimagesctl write --yes --not-removable "$image" "$card" >said 2>&1 &
    client=$!
    wait_until 30 pgrep --full "sleep 4712"
    kill -INT "$client"
    wait "$client" || status=$?
    umount "$(command -v dumpe2fs)"
    assert_eq 130 "$status" "exit status of piimagesctl, which said: $(cat said)"
    assert_matches "$(cat said)" "piimagesctl: cancelled"
    free_card
}

# If dumpe2fs fails, or a later release changes its output, the whole filesystem is written, and this is reported.
test_free_space_that_cannot_be_determined_is_written_and_reported() {
    local image words said
    image=$(image armhf --boot-fs ext4)
    trap 'umount "$(command -v dumpe2fs)" 2>/dev/null || true; losetup --detach "$card" 2>/dev/null || true' EXIT
    for words in 'echo Unused blocks: 1-9' 'echo no such file >&2; exit 1'; do
        card_of 100
        printf '%s\n' '#!/bin/sh' "$words" >dumpe2fs
        chmod 755 dumpe2fs
        mount --bind dumpe2fs "$(command -v dumpe2fs)"
        said=$(piimagesctl write --yes --not-removable "$image" "$card" 2>&1)
        umount "$(command -v dumpe2fs)"
        assert_contains "$said" "0 B of free space skipped"
        assert_matches "$said" "note: .*all of partition 2 is written, because dumpe2fs does not report"
        cmp --bytes="$(stat --format %s "$image")" "$image" "$card"
        free_card
    done
    [[ -z $(ls -A /run/piimages/offsets) ]] || fail "a name is left: $(ls -A /run/piimages/offsets)"
}

test_write_from_the_command_line() {
    local image before
    image=$(image armhf --boot-fs ext4)
    card_of 200
    assert_fails_with 2 "not removable" -- piimagesctl write --yes "$image" "$card"
    assert_fails_with 2 "use --yes" -- piimagesctl write --not-removable "$image" "$card"
    before=$(sum_of "$card")
    assert_contains "$(piimagesctl --quiet write --dry-run --not-removable "$image" "$card")" "nothing was changed"
    assert_eq "$before" "$(sum_of "$card")" "the card"
    assert_contains "$(piimagesctl --quiet write --yes --not-removable "$image" "$card")" "written and read back"
    assert_card_holds "$image"
    # On a terminal, it asks for confirmation.
    echo n | script --quiet --return --command "piimagesctl write --not-removable '$image' '$card'" /dev/null >asked || true
    assert_contains "$(cat asked)" "partition 2: 32 MiB ext4 \"rootfs\""
    assert_contains "$(cat asked)" "$image, to be written:"
    assert_contains "$(cat asked)" "system: partition 2: "
    assert_contains "$(cat asked)" "nothing was written"
    free_card
}
