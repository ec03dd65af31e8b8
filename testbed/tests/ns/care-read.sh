# Backing up cards. Loop devices stand in for them; they are not removable disks, so each requires an administrator's override. That a
# removable disk requires no override is tested where the kernel has such a disk (uml/care-write.sh).
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=240

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

read_card() { # FILE [OPTION TYPE VALUE]...
    run_job root ReadDevice "ssa{sv}" "$card" "$1" "$(($# / 3 + 1))" not-removable b true "${@:2}"
}

# number NAME RESULT: prints the number with that name in a job's result.
number() { sed -n 's/.*"'"$1"'" t \([0-9]*\).*/\1/p' <<<"$2"; }

# assert_used_blocks_are_kept OFFSET FILE: the used blocks of the filesystem at that offset are the same on the card and in the file, and
# its free blocks are empty in the file.
assert_used_blocks_are_kept() {
    # dumpe2fs accepts no offset since e2fsprogs 1.47.2.
    tail --bytes=+$(($1 + 1)) "$card" >of.card
    tail --bytes=+$(($1 + 1)) "$2" >of.file
    dumpe2fs of.card >groups 2>/dev/null
    python3 - <<'END'
import re
words = open("groups").read()
size = int(re.search(r"^Block size: +(\d+)", words, re.M)[1])
count = int(re.search(r"^Block count: +(\d+)", words, re.M)[1])
free = set()
for line in re.findall(r"^  Free blocks: (.*)$", words, re.M):
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", line):
        free.update(range(int(first), int(last or first) + 1))
assert len(free) > 100, len(free)
stale = 0
with open("of.card", "rb") as card, open("of.file", "rb") as file:
    for block in range(count):
        there, here = card.read(size), file.read(size)
        if block in free:
            assert here == bytes(size), f"free block {block} is in the backup"
            stale += there != here
        else:
            assert there == here, f"block {block}"
assert stale > 100, f"the card has {stale} free blocks with data"
END
    rm of.card of.file
}

# Creates a card with that image. Its free blocks in ext filesystems contain old data.
card_with() { # IMAGE MIB
    card_of "$2"
    write_to_card "$1" >/dev/null
}

test_a_backup_omits_the_free_blocks_of_filesystems_and_nothing_else() {
    local image said
    image=$(image armhf --boot-fs ext4 --root-size 300)
    card_with "$image" 330
    # Blocks of a deleted file, and small gaps between existing files.
    for i in {1..40}; do head --bytes=20000 /dev/urandom >"small.$i"; done
    for i in {1..40}; do echo "write small.$i small.$i"; done | debugfs -w -f - "$card?offset=$root_offset" >/dev/null 2>&1
    for i in {1..40..2}; do echo "rm small.$i"; done | debugfs -w -f - "$card?offset=$root_offset" >/dev/null 2>&1
    said=$(read_card "$WORK/backup.img")
    assert_contains "$said" '"verified" b true'
    assert_contains "$said" '"note" s ""'
    assert_contains "$said" '"unreadable" a(uttas) 0'
    assert_eq $((330 << 20)) "$(stat --format %s backup.img)" "the size of the file"
    assert_eq $((330 << 20)) "$(number device-size "$said")"
    assert_eq $((330 << 20)) "$(($(number read "$said") + $(number skipped "$said")))"
    (( $(number skipped "$said") > 200 << 20 )) || fail "only $(number skipped "$said") bytes were skipped"
    (( $(stat --format %b backup.img) * 512 < 130 << 20 )) || fail "the file takes $(stat --format %b backup.img) blocks"
    assert_eq "600 root:root" "$(stat --format '%a %U:%G' backup.img)"
    assert_used_blocks_are_kept "$boot_offset" backup.img
    assert_used_blocks_are_kept "$root_offset" backup.img
    assert_sound_image backup.img "$(content_of "$card")"
    # The data before, between and after the partitions is kept.
    cmp --bytes="$boot_offset" "$card" backup.img
    cmp --ignore-initial=$((320 << 20)) "$card" backup.img
    # The backup can be restored.
    cp --sparse=always backup.img again.img
    write_to_card "$WORK/again.img" >/dev/null
    assert_sound_image "$card" "$(content_of backup.img)"
    free_card
}

# fill_fat OFFSET: creates two files in the FAT filesystem at that offset, and deletes one of them.
fill_fat() {
    for ((i = 0; i < 200000; i++)); do echo here-it-is; done >kept
    for ((i = 0; i < 200000; i++)); do echo gone-it-is; done >gone
    mcopy -o -i "$card@@$1" gone kept ::
    mdel -i "$card@@$1" ::gone
    grep --quiet --text gone-it-is "$card"
}

# assert_fat_is_kept FILE OFFSET MIB: the backup contains the existing file, but nothing of the deleted one, and has no errors.
assert_fat_is_kept() {
    mcopy -n -i "$1@@$2" ::kept - | cmp - kept
    ! grep --quiet --text gone-it-is "$1" || fail "a file that is gone is in the backup"
    dd if="$1" of=fat bs=1M skip=$(($2 >> 20)) count="$3" status=none
    fsck.fat -n fat || fail "fsck.fat is not content"
}

test_a_backup_of_a_gpt_disk_omits_the_free_clusters_of_fat() {
    local image said bits
    for bits in 12 16; do
        image=$(image armhf --gpt --root-size 64)
        card_of $(($(stat --format %s "$image") >> 20))
        dd if="$image" of="$card" bs=1M conv=notrunc status=none
        [[ $bits != 12 ]] || dd if=/dev/zero of="$card" bs=1M seek=4 count=16 conv=notrunc status=none
        [[ $bits != 12 ]] || mkfs.vfat -F 12 -s 16 --offset 8192 "$card" 16384 >/dev/null 2>&1
        fill_fat "$boot_offset"
        said=$(read_card "$WORK/backup.$bits.img")
        assert_contains "$said" '"note" s ""'
        (( $(number skipped "$said") > 10 << 20 )) || fail "only $(number skipped "$said") bytes were skipped"
        assert_fat_is_kept "backup.$bits.img" "$boot_offset" 16
        sfdisk --verify "backup.$bits.img" >said 2>&1 || fail "$(cat said)"
        assert_sound_image "backup.$bits.img" "$(content_of "$card")"
        free_card
    done
}

test_a_backup_of_a_disk_without_partitions_omits_free_clusters() {
    local said
    card_of 80
    mkfs.vfat -F 32 -s 1 "$card" >/dev/null 2>&1
    fill_fat 0
    said=$(read_card "$WORK/fat32.img")
    assert_contains "$said" '"note" s ""'
    (( $(number skipped "$said") > 70 << 20 )) || fail "only $(number skipped "$said") bytes were skipped"
    assert_fat_is_kept fat32.img 0 80
    # As if it were mounted, or had been mounted when it was pulled out.
    printf '\001' | dd of="$card" bs=1 seek=65 conv=notrunc status=none
    assert_contains "$(read_card "$WORK/dirty.img")" "all of the disk is read, because the filesystem was not unmounted cleanly"
    cmp "$card" dirty.img
    free_card
}

# put_on_card FILE TYPE: creates a card with a partition of that type that contains the file, and old data everywhere else.
put_on_card() {
    card_of $(($(stat --format %s "$1") / 1048576 + 8))
    echo "start=8192, size=$(($(stat --format %s "$1") / 512)), type=$2" | sfdisk --quiet "$card"
    dd if="$1" of="$card" bs=1M seek=4 conv=notrunc,fsync status=none
}

# A checksum over the files in all subvolumes mounted there.
files_below() { (cd "$1" && find . -printf '%P %y %m %s %T@\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum; }

test_a_backup_of_btrfs_contains_all_subvolumes_and_omits_free_space() {
    local said number files
    head --bytes=400M /dev/zero | tr '\0' X >fs
    mkfs.btrfs -q --force fs >/dev/null 2>&1
    mkdir mnt
    mount -o loop,nodiscard fs mnt
    btrfs subvolume create mnt/@ >/dev/null
    for number in {1..20}; do
        head --bytes=1M /dev/urandom >"mnt/@/kept.$number"
        head --bytes=2M /dev/zero | tr '\0' G >"mnt/@/gone.$number"
        head --bytes=9000 /dev/urandom >"mnt/@/small.$number"
    done
    btrfs subvolume snapshot -r mnt/@ mnt/before >/dev/null
    sync --file-system mnt
    rm mnt/@/gone.*
    btrfs subvolume snapshot -r mnt/@ mnt/after >/dev/null
    rm mnt/@/kept.?
    btrfs subvolume delete mnt/before >/dev/null
    btrfs subvolume sync mnt >/dev/null
    btrfs balance start -dusage=30 mnt >/dev/null
    files=$(files_below mnt)
    umount mnt
    put_on_card fs 83
    rm fs
    grep --quiet --text GGGGGGGGGGGGGGGG "$card" || fail "the card has nothing of the files that are gone"
    said=$(read_card "$WORK/backup.img")
    assert_contains "$said" '"note" s ""'
    (( $(number skipped "$said") > 250 << 20 )) || fail "only $(number skipped "$said") bytes were skipped"
    ! grep --quiet --text GGGGGGGGGGGGGGGG backup.img || fail "a file that is gone is in the backup"
    mount -o loop,ro,offset=$((4 << 20)) backup.img mnt
    assert_eq "$files" "$(files_below mnt)" "the files of all subvolumes"
    umount mnt
    dd if=backup.img of=fs bs=1M skip=4 count=400 status=none
    btrfs check --readonly --check-data-csum fs >said 2>&1 || fail "$(cat said)"
    # A log that has not been replayed into the trees: the superblock contains its address.
    printf '\001' | dd of="$card" bs=1 seek=$(((4 << 20) + 65536 + 96)) conv=notrunc status=none
    assert_contains "$(read_card "$WORK/log.img")" "all of partition 1 is read, because the filesystem was not unmounted cleanly"
    free_card
}

test_a_backup_omits_swap_space_unless_a_system_hibernates_in_it() {
    local said
    head --bytes=20M /dev/zero | tr '\0' S >swap
    chmod 600 swap
    mkswap --label pages swap >/dev/null
    put_on_card swap 82
    said=$(read_card "$WORK/backup.img")
    assert_contains "$said" '"note" s ""'
    assert_eq $(((20 << 20) - 65536)) "$(number skipped "$said")"
    assert_eq pages "$(blkid --probe --offset=$((4 << 20)) --output=value --match-tag=LABEL backup.img)"
    printf 'S1SUSPEND\0' | dd of="$card" bs=1 seek=$(((4 << 20) + 4086)) conv=notrunc status=none
    assert_contains "$(read_card "$WORK/hibernates.img")" "all of partition 1 is read, because it has no known filesystem"
    cmp "$card" hibernates.img
    free_card
}

test_a_backup_is_packed_while_it_is_read() {
    local image suffix said
    image=$(image armhf --boot-fs ext4)
    card_with "$image" 60
    read_card "$WORK/backup.img" >/dev/null
    for suffix in zst xz gz bz2; do
        said=$(read_card "$WORK/backup.img.$suffix")
        assert_eq "$(stat --format %s "backup.img.$suffix")" "$(number size "$said")"
        (( $(number size "$said") < 30 << 20 )) || fail "$suffix: $said"
        assert_eq 600 "$(stat --format %a "backup.img.$suffix")"
        piimagesctl --quiet unpack "backup.img.$suffix" "unpacked.$suffix"
        cmp backup.img "unpacked.$suffix"
    done
    assert_fails_with 1 "use .xz, .zst, .gz, .bz2" -- read_card "$WORK/backup.zip"
    [[ ! -e backup.zip ]]
    free_card
}

test_unknown_and_unclean_filesystems_are_read_completely() {
    local image said
    card_of 40
    said=$(read_card "$WORK/none.img")
    assert_contains "$said" "no valid partition table"
    cmp "$card" none.img
    echo 'start=2048, type=83' | sfdisk --quiet "$card"
    said=$(read_card "$WORK/unknown.img")
    assert_contains "$said" "all of partition 1 is read, because it has no known filesystem"
    cmp "$card" unknown.img
    free_card
    image=$(image armhf --boot-fs ext4)
    card_with "$image" 60
    debugfs -w -R 'feature needs_recovery' "$card?offset=$root_offset" 2>/dev/null
    said=$(read_card "$WORK/unclean.img")
    assert_contains "$said" "all of partition 2 is read, because the filesystem was not unmounted cleanly"
    cmp --ignore-initial="$root_offset" "$card" unclean.img
    free_card
}

# assert_no_backup REGEX [OPTION]...: the backup fails with this error, and creates no file.
assert_no_backup() {
    assert_fails_with 1 "$1" -- read_card "$WORK/refused.img" "${@:2}"
    assert_eq "" "$(find "$WORK" -name 'refused*' -o -name '.piimages*')" "files"
}

test_a_card_in_use_is_not_read() {
    local other over
    card_of 60
    mke2fs -q -F "$card"
    mkdir mnt
    mount -o ro "$card" mnt
    assert_no_backup "is mounted"
    unshare --mount sh -c 'mount --make-rprivate /; umount mnt; mount -o ro "$1" mnt; touch ready; exec sleep 60' sh "$card" &
    other=$!
    wait_until 10 test -e ready
    umount mnt
    assert_no_backup "in use"
    kill "$other"
    wait "$other" || true
    other=
    over=$(losetup --find --show "$card")
    assert_no_backup "is attached to"
    losetup --detach "$over"
    # A write-protected card can be read.
    blockdev --setro "$card"
    read_card "$WORK/locked.img" >/dev/null
    blockdev --setrw "$card"
    free_card
}

test_only_cards_are_read_and_existing_files_are_not_overwritten() {
    card_of 20
    assert_fails_with 1 "is not removable" -- run_job root ReadDevice ssa{sv} "$card" "$WORK/x.img" 0
    assert_fails_with 1 "a character device" -- run_job root ReadDevice ssa{sv} /dev/null "$WORK/x.img" 0
    assert_fails_with 1 "a regular file" -- run_job root ReadDevice ssa{sv} "$WORK/card" "$WORK/x.img" 0
    assert_fails_with 1 "No such file" -- run_job root ReadDevice ssa{sv} /dev/nothing "$WORK/x.img" 0
    [[ ! -e x.img ]]
    echo mine >there.img
    assert_fails_with 1 "already exists" -- read_card "$WORK/there.img"
    assert_eq mine "$(cat there.img)"
    assert_fails_with 1 "cannot access the directory" -- read_card "$WORK/nowhere/x.img"
    assert_fails_with 1 "not the absolute path" -- read_card x.img
    assert_fails_with 1 "option" -- read_card "$WORK/x.img" zero b true
    free_card
}

test_reading_a_disk_requires_an_administrator() {
    local kind home
    ensure_user alice
    home=$(getent passwd alice | cut -d: -f6)
    card_of 20
    for kind in active inactive remote none; do
        assert_fails_with 1 "org.example.PiImages.read-device" -- as_user_in "$kind" alice \
            busctl call "${manager[@]}" ReadDevice ssa{sv} "$card" "$home/x.img" 0
    done
    for kind in active inactive remote none; do
        assert_fails_with 1 "org.example.PiImages.read-fixed-device" -- as_user_in "$kind" alice \
            busctl call "${manager[@]}" ReadDevice ssa{sv} "$card" "$home/x.img" 1 not-removable b true
    done
    [[ ! -e $home/x.img ]]
    free_card
}

# The backup of a user who cannot open the device is created in the same way: no tool requires access to the device.
test_only_the_user_can_access_their_backup() {
    local image directory
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    card_with "$image" 60
    trap 'rm -f /etc/polkit-1/rules.d/10-read.rules; losetup --detach "$card" 2>/dev/null || true' EXIT
    echo 'polkit.addRule(function(a, s) { if (a.id == "org.example.PiImages.read-fixed-device" && s.user == "alice") { return "yes"; } });' \
        | install_polkit_rule 10-read.rules
    wait_until 10 as_user alice piimagesctl --quiet read --not-removable "$card" "$directory/backup.img"
    assert_eq "600 alice" "$(stat --format '%a %U' "$directory/backup.img")"
    assert_sound_image "$directory/backup.img" "$(content_of "$card")"
    assert_used_blocks_are_kept "$root_offset" "$directory/backup.img"
    as_user alice piimagesctl --quiet read --not-removable "$card" "$directory/backup.img.zst"
    assert_eq "600 alice" "$(stat --format '%a %U' "$directory/backup.img.zst")"
    ! as_user alice head --bytes=1 "$card" 2>/dev/null || fail "alice can open the device"
    assert_fails_with 4 "cannot write to its directory" -- as_user alice piimagesctl read --not-removable "$card" /etc/backup.img
    [[ ! -e /etc/backup.img ]]
    rm /etc/polkit-1/rules.d/10-read.rules
    free_card
}

# A card with random data, which takes a while to back up, especially if the backup is packed.
slow_card() {
    card_of 300
    head --bytes=300M /dev/urandom >"$WORK/card"
}

is_reading() { busctl get-property org.example.PiImages "$job" org.example.PiImages.Job Step | grep -E "read|verify|sync"; }
await_reading() { (wait_until 20 is_reading) || fail "it does not read: $(await_job root "$job" 2>&1)"; }

test_a_backup_that_is_cancelled_or_whose_daemon_is_killed_leaves_nothing() {
    local job client status=0 suffix
    slow_card
    for suffix in img img.xz; do
        mkdir "of.$suffix"
        job=$(start_job root ReadDevice ssa{sv} "$card" "$WORK/of.$suffix/backup.$suffix" 1 not-removable b true)
        await_reading
        busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
        assert_fails_with 1 "ancelled" -- await_job root "$job"
        assert_eq "" "$(ls -A "of.$suffix")" "files left by Cancel"
        : >said
        env --default-signal=INT piimagesctl read --not-removable "$card" "of.$suffix/backup.$suffix" >said 2>&1 &
        client=$!
        wait_until 30 grep -E "read|verify|sync" said
        kill -INT "$client"
        status=0
        wait "$client" || status=$?
        assert_eq 130 "$status" "exit status of piimagesctl, which said: $(cat said)"
        assert_eq "" "$(ls -A "of.$suffix")" "files left by Ctrl-C"
        job=$(start_job root ReadDevice ssa{sv} "$card" "$WORK/of.$suffix/backup.$suffix" 1 not-removable b true)
        await_reading
        kill -KILL "$(daemon_pid)"
        wait_until 10 eval '! pgrep -x xz'
        # A daemon that is called while it is being killed does not answer.
        wait_until 10 daemon_pid
        assert_eq "" "$(ls -A "of.$suffix")" "files left by SIGKILL"
        systemctl reset-failed piimagesd
    done
    free_card
}

test_a_card_that_returns_other_data_when_it_is_read_again_is_detected() {
    card_of 40
    # Changes the card while it is read, until this file is removed.
    touch changing
    (while [[ -e changing ]]; do head --bytes=4096 /dev/urandom | dd of="$WORK/card" bs=4096 seek=9000 conv=notrunc status=none; done) &
    assert_no_backup "do not read the same twice"
    read_card "$WORK/once.img" no-verify b true >said
    rm changing
    wait
    assert_contains "$(cat said)" '"verified" b false'
    free_card
}

# Data beyond the end of the loop device's file cannot be read if the kernel bypasses its cache.
test_unreadable_data_is_reported_and_skipped_on_request() {
    local image said status=0
    image=$(image armhf --boot-fs ext4 --root-size 60)
    card_with "$image" 100
    losetup --direct-io=on "$card"
    # The root partition has no files in this area.
    truncate --size=90M "$WORK/card"
    assert_no_backup "cannot read $card: 10485760 bytes at byte 94371840 \(outside of partitions\); .*skip-bad"
    said=$(read_card "$WORK/rest.img" skip-bad b true)
    assert_contains "$said" '"unreadable" a(uttas) 1 0 94371840 10485760 1 "outside of partitions"'
    assert_contains "$said" '"verified" b true'
    assert_sound_image rest.img "$(content_of "$image")"
    assert_eq $((100 << 20)) "$(stat --format %s rest.img)"
    # The whole partition is read, because its bitmaps cannot be read.
    truncate --size=$((root_offset + 8192)) "$WORK/card"
    said=$(read_card "$WORK/less.img" skip-bad b true)
    assert_contains "$said" "all of partition 2 is read, because its filesystem cannot be read"
    assert_matches "$said" "\"unreadable\" a\(uttas\) 2 2 $((root_offset + 8192)) [0-9]+ 0 0 $((root_offset + (60 << 20))) "
    piimagesctl read --skip-bad --not-removable "$card" told.img >said 2>&1 || status=$?
    assert_eq 1 "$status" "exit status of piimagesctl"
    assert_matches "$(cat said)" "PARTITION +OFFSET +LENGTH +CONTENT"
    assert_contains "$(cat said)" "has zeros in place of these bytes"
    [[ -e told.img ]]
    free_card
}

test_read_from_the_command_line() {
    local image said
    image=$(image armhf --boot-fs ext4)
    card_with "$image" 60
    assert_fails_with 2 "an administrator can read it with the option not-removable" -- piimagesctl read "$card" backup.img
    said=$(piimagesctl --quiet read --dry-run --not-removable "$card" backup.img)
    assert_contains "$said" "nothing was changed"
    [[ ! -e backup.img ]]
    said=$(piimagesctl read --not-removable "$card" backup.img 2>progress)
    assert_matches "$said" "backup.img: 60 MiB \(60 MiB unpacked; [0-9.]+ MiB read twice and compared, [0-9.]+ MiB of free space skipped\)"
    assert_matches "$(cat progress)" "map|read|verify|sync"
    said=$(piimagesctl --quiet read --no-verify --not-removable "$card" backup.img.gz)
    assert_contains "$said" "read once"
    assert_contains "$(piimagesctl --json=short read --not-removable "$card" backup.img.zst 2>/dev/null)" '"unreadable"'
    assert_fails_with 2 "already exists" -- piimagesctl read --not-removable "$card" backup.img
    free_card
}
