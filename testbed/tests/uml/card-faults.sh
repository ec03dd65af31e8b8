# Cards that fail: write-protected, worn-out, defective, unusual and slow ones, and cards that are pulled out.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=160

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"
# shellcheck source=testbed/tests/removable
. "$testbed/tests/removable"

mib=2048 # in sectors
part_of_it="contains only part of the image and no partition table"

# slow JIFFIES: makes the card take this long for each command from now on.
slow() { wait_until 20 set_delay "$1"; }

set_delay() { echo "$1" >/sys/bus/pseudo/drivers/scsi_debug/delay; }

# Removes the disk, as when a card or a reader is pulled out. The card still has its content when it is inserted again.
pull_out() { echo 1 >"/sys/block/${card##*/}/device/delete"; }

insert() {
    echo "- - -" | tee /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/scsi_host/host*/scan >/dev/null
    find_card
}

# faulty_card TARGET...: maps the card through the device mapper, which makes it faulty. Sets faulty.
faulty_card() {
    modprobe --all dm-mod dm-flakey
    trap 'dmsetup remove faulty 2>/dev/null || true; rmmod scsi_debug || true' EXIT
    printf '%s\n' "$@" | dmsetup create faulty
    faulty=/dev/$(dmsetup info --columns --noheadings --options blkdevname faulty)
    wait_until 20 test -b "$faulty"
}

remove_faulty_card() { wait_until 20 dmsetup remove faulty; }

at_step() { wait_until 60 is_at_step "$@"; }

# Waits until some data has been processed in the step: with a packed image, erasing the card is part of the first step.
amid_step() { # JOB STEP
    at_step "$@"
    wait_until 60 has_bytes "$1"
}

has_bytes() { [[ $(busctl get-property org.example.PiImages "$1" org.example.PiImages.Job BytesDone) != "t 0" ]]; }

is_at_step() { [[ $(busctl get-property org.example.PiImages "$1" org.example.PiImages.Job Step) == *"$2"* ]]; }

# assert_fails NAME JOB|write|read ARGUMENT... -- REGEX...: the job fails with this error and a message of one line that matches. Sets said.
assert_fails() {
    local name=$1 status=0 words=() regex
    shift
    while [[ $1 != -- ]]; do words+=("$1"); shift; done
    said=$("$client" wait "${words[@]}" 2>&1) || status=$?
    assert_eq 1 "$status" "status of a job, which said ${said@Q}"
    assert_eq 1 "$(wc --lines <<<"$said")" "lines of ${said@Q}"
    for regex in "^$name: " "${@:2}"; do assert_matches "$said" "$regex"; done
    assert_lacks "$said" "pwrite"
    assert_lacks "$said" "fallocate"
}

# The daemon is the same process as before, does not have the card open, and runs no tool.
assert_daemon_released_card() { # PID
    assert_eq "$1" "$(daemon_pid)" "the daemon's process"
    ! find "/proc/$1/fd" -lname "$card*" -o -lname "/dev/dm-*" | grep . || fail "the daemon has the card open"
    ! pgrep --parent "$1" --list-full || fail "the daemon has left a tool"
}

assert_no_table() { # DEVICE
    assert_eq "" "$(blkid --probe --output value --match-tag PTTYPE "$1" || true)" "the partition table of $1"
}

# Makes an image and a packed copy: sets image and packed.
two_images() {
    image=$(image armhf)
    packed=$WORK/packed.img.gz
    gzip -1 --stdout "$image" >"$packed"
}

test_an_unusable_disk_is_refused_and_the_error_says_what_to_do() {
    local image
    image=$(image armhf)
    card_of 64 1 wp=1
    assert_fails_with 5 "$card is write-protected; check the switch .*, or use another card" -- piimagesctl write --yes "$image" "$card"
    assert_fails Busy write "$image" "$card" -- "$card is write-protected; check the switch"
    rmmod scsi_debug
    card_of 64 1 sector_size=4096
    assert_fails Unsupported write "$image" "$card" -- "$card has sectors of 4096 bytes.* use another disk or card reader"
    assert_fails Unsupported read "$card" "$WORK/backup.img" -- "$card has sectors of 4096 bytes"
    assert_no_table "$card"
    rmmod scsi_debug
    : >nothing
    card=$(losetup --find --show nothing 2>/dev/null)
    trap 'losetup --detach "$card"' EXIT
    # It is not mistaken for a disk that is not removable.
    assert_fails Busy write "$image" "$card" -- "$card contains no card; insert one"
    assert_fails Busy read "$card" "$WORK/backup.img" not-removable -- "$card contains no card; insert one"
    losetup --detach "$card"
    card_of 64 1
    faulty_card "0 $((64 * mib)) linear $card 0"
    assert_fails InvalidArgument write "$image" "$faulty" -- "$faulty is not removable"
    assert_fails InvalidArgument read "$faulty" "$WORK/backup.img" -- "$faulty is not removable"
    remove_faulty_card
    [[ ! -e backup.img ]]
}

# As with some worn-out cards: all writes seem to succeed, but nothing is stored.
test_a_card_that_drops_writes_is_detected() {
    local image packed file pid
    two_images
    card_of 64 1
    pid=$(daemon_pid)
    echo 'start=2048, type=83' | sfdisk --quiet "$card"
    sha256sum "$card" >before
    faulty_card "0 $((64 * mib)) flakey $card 0 0 1000 1 drop_writes"
    for file in "$image" "$packed"; do
        assert_fails Failed write "$file" "$faulty" not-removable -- \
            "$faulty does not keep what is written to it.*contents are probably unchanged; use another card"
    done
    sha256sum --check --quiet before
    remove_faulty_card
    # The same, beyond a certain offset only.
    faulty_card "0 $((21 * mib)) linear $card 0" "$((21 * mib)) $((43 * mib)) flakey $card $((21 * mib)) 0 1000 1 drop_writes"
    for file in "$image" "$packed"; do
        assert_fails Failed write "$file" "$faulty" not-removable -- \
            "$faulty: bytes? [0-9]+.* not match what was written: the card .*use another one. $faulty $part_of_it"
        assert_no_table "$faulty"
    done
    remove_faulty_card
    # Nothing is stored in the part that is written last and contains the partition table.
    dd if=/dev/zero of="$card" bs=1M count=1 conv=fsync status=none
    faulty_card "0 1 flakey $card 0 0 1000 1 drop_writes" "1 $((64 * mib - 1)) linear $card 1"
    assert_fails Failed write "$image" "$faulty" not-removable -- "$faulty: byte [0-9]+ does not match.* $part_of_it"
    cmp --bytes="$((1 << 20))" "$faulty" /dev/zero
    remove_faulty_card
    # Different data is stored.
    faulty_card "0 $((21 * mib)) linear $card 0" \
        "$((21 * mib)) $((43 * mib)) flakey $card $((21 * mib)) 0 1000 5 corrupt_bio_byte 1 w 7 0"
    assert_fails Failed write "$image" "$faulty" not-removable -- "$faulty: byte [0-9]+ does not match"
    assert_daemon_released_card "$pid"
    remove_faulty_card
}

test_errors_of_a_card_are_reported_with_what_it_contains() {
    local image packed file pid job
    two_images
    card_of 64 1
    pid=$(daemon_pid)
    truncate --size=64M other
    echo 'start=2048, type=83' | sfdisk --quiet other
    head --bytes=512 other >table
    faulty_card "0 $((21 * mib)) linear $card 0" "$((21 * mib)) $((43 * mib)) error"
    for file in "$image" "$packed"; do
        # The previous partition table must not reappear.
        dd if=table of="$faulty" conv=fsync status=none
        assert_fails Failed write "$file" "$faulty" not-removable -- \
            "cannot write to $faulty at byte [0-9]+: Input/output error; the card or its reader is defective: use another one" \
            "$faulty $part_of_it$"
        assert_no_table "$faulty"
    done
    remove_faulty_card
    # The old content cannot be erased at all.
    faulty_card "0 $((64 * mib)) flakey $card 0 0 1000 1 error_writes"
    assert_fails Failed write "$image" "$faulty" not-removable -- \
        "cannot write to $faulty at byte 0: Input/output error" "$faulty may have lost what it contained$"
    assert_daemon_released_card "$pid"
    remove_faulty_card
    rmmod scsi_debug
    card_of 64 1 opts=2
    # The image has a hole at that offset.
    assert_fails Failed write "$image" "$card" -- \
        "cannot read $card at byte [0-9]+: .*; the card or its reader is defective: use another one" "$card $part_of_it$"
    assert_no_table "$card"
    rmmod scsi_debug
    # Some cards become write-protected when they are worn out.
    card_of 64 1
    slow 20
    job=$("$client" write "$image" "$card")
    at_step "$job" write
    blockdev --setro "$card"
    slow 0
    assert_fails Failed "$job" -- "cannot write to $card: it has become write-protected" "$card $part_of_it$"
}

# assert_pulled_out_while_writing FILE STEP JIFFIES STATE at_step|amid_step: pulls the card out in that step of a write. The error reports
# STATE, and when the card is inserted again, it is in this state.
assert_pulled_out_while_writing() {
    local job pid
    pid=$(daemon_pid)
    slow "$3"
    job=$("$client" write "$1" "$card")
    "$5" "$job" "$2"
    pull_out
    assert_fails Failed "$job" -- "cannot (write to|read) $card: it was removed; insert it again, and repeat the command" "$card $4$"
    assert_daemon_released_card "$pid"
    slow 0
    insert
    [[ $said == *perhaps* ]] || assert_no_table "$card"
}

test_a_card_pulled_out_during_a_write_is_reported_with_its_content() {
    local image packed
    two_images
    card_of 64 1
    assert_pulled_out_while_writing "$image" erase 100 "may have lost what it contained" at_step
    assert_pulled_out_while_writing "$image" write 20 "$part_of_it" amid_step
    assert_pulled_out_while_writing "$image" verify 20 "$part_of_it" at_step
    assert_pulled_out_while_writing "$image" finish 30 "contains (only part of the image and|the image, but perhaps) no .*table" at_step
    assert_pulled_out_while_writing "$packed" write 20 "$part_of_it" amid_step
    "$client" wait write "$image" "$card"
    assert_sound_image "$card" "$(content_of "$image")"
}

# assert_pulled_out_while_reading FILE STEP JIFFIES: pulls the card out in that step of a read, which leaves no backup.
assert_pulled_out_while_reading() {
    local job pid
    pid=$(daemon_pid)
    slow "$3"
    mkdir backups
    job=$("$client" read "$card" "$WORK/backups/$1")
    at_step "$job" "$2"
    pull_out
    assert_fails Failed "$job" -- "cannot read $card: it was removed, so there is no backup; insert it again, and repeat the command"
    assert_daemon_released_card "$pid"
    rmdir backups
    slow 0
    insert
}

test_a_card_pulled_out_during_a_read_leaves_no_backup() {
    local image
    image=$(image armhf)
    card_of 64 1
    dd if="$image" of="$card" bs=1M conv=fsync status=none
    assert_pulled_out_while_reading backup.img map 50
    assert_pulled_out_while_reading backup.img read 20
    assert_pulled_out_while_reading backup.img.xz read 20
    assert_pulled_out_while_reading backup.img verify 20
    "$client" wait read "$card" "$WORK/backup.img"
    assert_sound_image backup.img "$(content_of "$image")"
}

has_open() { find "/proc/$1/fd" -lname "$2" | grep --quiet .; }

# The size of the card is 0 then, and an empty backup would seem to be complete.
test_a_card_pulled_out_while_it_is_opened_leaves_no_empty_backup() {
    local pid tracer job
    card_of 16 1
    pid=$(daemon_pid)
    strace --attach="$pid" --follow-forks --quiet=attach --output=strace --trace=ioctl \
        --inject=ioctl:delay_enter=4000000:when=1 2>strace.said &
    tracer=$!
    trap 'kill -KILL "$tracer"; rmmod scsi_debug || true' EXIT
    wait_until 20 traced "$pid"
    job=$("$client" read "$card" "$WORK/backup.img")
    wait_until 20 has_open "$pid" "$card"
    pull_out
    assert_fails Failed "$job" -- "cannot read $card: it was removed, so there is no backup"
    kill -KILL "$tracer"
    wait "$tracer" || true
    trap 'rmmod scsi_debug || true' EXIT
    [[ ! -e backup.img ]]
    assert_daemon_released_card "$pid"
}

test_a_card_that_reads_differently_the_second_time_is_detected() {
    local job pid
    card_of 32 1
    pid=$(daemon_pid)
    head --bytes=16M /dev/zero | tr '\0' X >"$card"
    sync "$card"
    faulty_card "0 $((16 * mib)) linear $card 0"
    slow 100
    job=$("$client" read "$faulty" "$WORK/backup.img" not-removable)
    at_step "$job" verify
    dmsetup reload faulty --table "0 $((16 * mib)) linear $card $((16 * mib))"
    dmsetup resume faulty
    slow 0
    assert_fails Failed "$job" -- "$faulty: bytes [0-9]+ to [0-9]+ do not read the same twice: .* try another reader"
    [[ ! -e backup.img ]]
    assert_daemon_released_card "$pid"
    remove_faulty_card
}

# card_that_cannot_be_read_at OFFSET...: the card, with 4 KiB unreadable at each of these offsets, in ascending order. Sets faulty.
card_that_cannot_be_read_at() {
    local table=() sector=0 offset
    for offset in "$@"; do
        (( offset / 512 == sector )) || table+=("$sector $((offset / 512 - sector)) linear $card $sector")
        table+=("$((offset / 512)) 8 error")
        sector=$((offset / 512 + 8))
    done
    faulty_card "${table[@]}" "$sector $((64 * mib - sector)) linear $card $sector"
}

read_faulty() { run_job root ReadDevice ssa{sv} "$faulty" "$1" "$(($# / 3 + 1))" not-removable b true "${@:2}"; }

# Makes a card with a file of many blocks on each partition. Sets fat_at and ext_at to offsets on the card within these files.
card_with_files() {
    local image size
    image=$(image armhf)
    for ((i = 0; i < 6000; i++)); do echo fat-is-here; done >fat
    head --bytes=65536 /dev/urandom >ext
    card_of 64 1
    dd if="$image" of="$card" bs=1M conv=fsync status=none
    mcopy -o -i "$card@@$boot_offset" fat "::Long name.txt"
    debugfs -w -R "write ext hit" "$card?offset=$root_offset" 2>/dev/null
    sync "$card"
    fat_at=$(grep --byte-offset --only-matching --text --max-count=1 fat-is-here "$card" | cut -d: -f1)
    fat_at=$(((fat_at / 4096 + 2) * 4096))
    size=$(superblock "$card" | sed -n 's/^Block size: *//p')
    ext_at=$(debugfs -R "bmap /hit 8" "$card?offset=$root_offset" 2>/dev/null)
    ext_at=$(((root_offset + ext_at * size) / 4096 * 4096))
}

test_files_that_cannot_be_read_are_reported() {
    local fat_at ext_at said pid
    card_with_files
    pid=$(daemon_pid)
    card_that_cannot_be_read_at "$fat_at" "$ext_at"
    assert_fails Failed read "$faulty" "$WORK/backup.img" not-removable -- \
        "cannot read $faulty: 4096 bytes at byte $fat_at \(partition 1: \"/Long name.txt\"\), 4096 bytes at byte $ext_at \(.* 2: /hit\); "
    [[ ! -e backup.img ]]
    said=$(read_faulty "$WORK/backup.img" skip-bad b true)
    assert_contains "$said" "\"unreadable\" a(uttas) 2 1 $fat_at 4096 1 \"/Long name.txt\" 2 $ext_at 4096 1 \"/hit\""
    assert_daemon_released_card "$pid"
    # No device is left that any user could open.
    [[ -z $(losetup --list --noheadings) ]] || wait_until 5 eval '[[ -z $(losetup --list --noheadings) ]]'
    ! getfacl --absolute-names /dev/loop[0-9]* 2>/dev/null | grep -q '^user:[0-9]' || fail "a device is still lent"
    # The filesystem is consistent: only data of a file is lost.
    said=$(read_faulty "$WORK/small.img" skip-bad b true shrink b true margin t 1048576)
    assert_contains "$said" "\"/hit\""
    root_fsck small.img >/dev/null
    remove_faulty_card
}

test_unreadable_data_that_belongs_to_no_file_is_reported() {
    local fat_at ext_at said inodes
    card_with_files
    # If the first inodes cannot be read, it is unknown to which file a block belongs.
    inodes=$(in_image "$card" show_super_stats |
        awk '!seen && match($0, /inode table at [0-9]+/) { seen = 1; print substr($0, RSTART + 15, RLENGTH - 15) }')
    inodes=$(((root_offset + inodes * $(superblock "$card" | sed -n 's/^Block size: *//p')) / 4096 * 4096))
    # The card's first sector contains the partition table, and the FAT of the boot partition follows that partition's first sector.
    card_that_cannot_be_read_at "$((boot_offset + 4096))" "$inodes" "$ext_at"
    said=$(read_faulty "$WORK/backup.img" skip-bad b true)
    assert_contains "$said" "2 $ext_at 4096 0"
    assert_fails Failed read "$faulty" "$WORK/small.img" not-removable skip-bad shrink -- "omit the option shrink"
    [[ ! -e small.img ]]
    remove_faulty_card
    card_that_cannot_be_read_at 0 "$ext_at"
    said=$(read_faulty "$WORK/table.img" skip-bad b true)
    assert_contains "$said" "0 0 4096 1 \"partition table\" 0 $ext_at 4096 0"
    assert_fails Failed read "$faulty" "$WORK/small.img" not-removable skip-bad shrink -- "omit the option shrink"
    remove_faulty_card
}

# assert_cancelled_soon JOB MESSAGE: cancels the job, which fails with this message within 20 seconds.
assert_cancelled_soon() {
    local since=$SECONDS
    busctl call org.example.PiImages "$1" org.example.PiImages.Job Cancel
    assert_fails Cancelled "$1" -- "$2"
    (( SECONDS - since < 20 )) || fail "it took $((SECONDS - since)) s"
}

# The card takes half a second for each command.
test_cancelling_a_job_releases_a_slow_card_soon() {
    local image packed job pid
    two_images
    card_of 64 1
    pid=$(daemon_pid)
    slow 50
    job=$("$client" write "$packed" "$card")
    amid_step "$job" write
    assert_cancelled_soon "$job" "cancelled; $card $part_of_it; write it again"
    assert_no_table "$card"
    job=$("$client" read "$card" "$WORK/backup.img.xz")
    at_step "$job" read
    assert_cancelled_soon "$job" cancelled
    [[ ! -e backup.img.xz ]]
    assert_daemon_released_card "$pid"
}

# This is why a mounted card cannot be backed up.
test_vfat_cannot_be_frozen() {
    local image
    image=$(image armhf)
    mkdir mnt
    mount -o "loop,offset=$boot_offset" "$image" mnt
    trap 'umount mnt' EXIT
    assert_eq vfat "$(findmnt --noheadings --output FSTYPE mnt)"
    assert_fails_with 1 "Operation not supported" -- fsfreeze --freeze mnt
}
