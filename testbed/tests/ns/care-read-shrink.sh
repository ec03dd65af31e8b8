# Backups that are shrunk while they are created: they are as small as shrink makes an image, and fit a smaller card. Loop devices stand in
# for the cards.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=300

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

read_card() { # FILE [OPTION TYPE VALUE]...
    run_job root ReadDevice "ssa{sv}" "$card" "$1" "$(($# / 3 + 2))" not-removable b true shrink b true "${@:2}"
}

# number NAME RESULT: prints the number with that name in a job's result.
number() { sed -n 's/.*"'"$1"'" t \([0-9]*\).*/\1/p' <<<"$2"; }

# Creates a card with an image whose root filesystem has much free space; sets "content" to content_of the card.
card_with_free_space() { # [OPTION]...
    local image
    image=$(image armhf --boot-fs ext4 --root-size 300 "$@")
    card_of 340
    write_to_card "$image" >/dev/null
    content=$(content_of "$card")
}

# assert_nothing_in DIRECTORY
assert_nothing_in() { assert_eq "" "$(ls -A "$1")" "files in $1"; }

assert_refused() { # REGEX [OPTION TYPE VALUE]...
    mkdir refused
    assert_fails_with 1 "$1" -- read_card "$WORK/refused/backup.img" "${@:2}"
    assert_nothing_in refused
    rmdir refused
}

test_a_shrunk_backup_fits_a_smaller_card() {
    local content said size
    card_with_free_space
    said=$(read_card "$WORK/backup.img")
    assert_contains "$said" '"verified" b true'
    size=$(stat --format %s backup.img)
    assert_eq "$size" "$(number size "$said")"
    assert_eq "$size" "$(number image-size "$said")"
    assert_eq $((340 << 20)) "$(number device-size "$said")"
    (( size < 140 << 20 )) || fail "it has $size bytes"
    assert_eq "600 root:root" "$(stat --format '%a %U:%G' backup.img)"
    assert_sound_image backup.img "$content"
    assert_root_fills_its_partition backup.img
    sfdisk --verify backup.img >said 2>&1 || fail "$(cat said)"
    # The result is identical to that of "shrink" on a full backup.
    run_job root ReadDevice "ssa{sv}" "$card" "$WORK/large.img" 1 not-removable b true >/dev/null
    cmp --ignore-initial=512 --bytes="$((root_offset - 512))" large.img backup.img
    run_job root ShrinkImage sa{sv} "$WORK/large.img" 0 >/dev/null
    assert_eq "$(stat --format %s large.img)" "$size" "the size that shrink comes to"
    said=$(read_card "$WORK/less.img" margin t $((8 << 20)))
    (( $(stat --format %s less.img) < size )) || fail "the margin had no effect"
    free_card
    # On a card that the backup fills, there is nothing to shrink.
    card_of $((size >> 20))
    write_to_card "$WORK/backup.img" >/dev/null
    assert_sound_image "$card" "$content"
    read_card "$WORK/again.img" margin t $((1 << 30)) >/dev/null
    assert_eq "$size" "$(stat --format %s again.img)"
    assert_sound_image again.img "$content"
    free_card
}

# The card contains a btrfs filesystem only, most of whose files were removed, so that its free space contains old data.
test_btrfs_is_shrunk_while_it_is_backed_up() {
    local content said number
    truncate --size=600M fs
    mkfs.btrfs -q fs >/dev/null
    mkdir mnt
    mount -o loop fs mnt
    for ((number = 0; number < 200; number++)); do head --bytes=1M /dev/urandom >"mnt/$number"; done
    sync --file-system mnt
    for ((number = 0; number < 200; number++)); do (( number % 7 == 0 )) || rm "mnt/$number"; done
    content=$(cd mnt && sha256sum -- *)
    umount mnt
    card_of 604
    echo 'start=8192' | sfdisk --quiet --label dos "$card"
    dd if=fs of="$card" bs=1M seek=4 conv=notrunc,fsync status=none
    said=$(read_card "$WORK/backup.img" margin t $((16 << 20)))
    assert_contains "$said" '"verified" b true'
    (( $(stat --format %s backup.img) < 420 << 20 )) || fail "it has $(stat --format %s backup.img) bytes"
    mount -o "loop,ro,offset=$((4 << 20))" backup.img mnt
    assert_eq "$content" "$(cd mnt && sha256sum -- *)"
    umount mnt
    free_card
}

test_a_shrunk_backup_is_packed() {
    local content suffix said
    card_with_free_space
    read_card "$WORK/backup.img" >/dev/null
    for suffix in zst xz gz bz2; do
        said=$(read_card "$WORK/backup.img.$suffix")
        assert_eq "$(stat --format %s "backup.img.$suffix")" "$(number size "$said")"
        assert_eq "$(stat --format %s backup.img)" "$(number image-size "$said")"
        assert_eq 600 "$(stat --format %a "backup.img.$suffix")"
        piimagesctl --quiet unpack "backup.img.$suffix" "unpacked.$suffix"
        assert_eq "$(stat --format %s backup.img)" "$(stat --format %s "unpacked.$suffix")"
        assert_sound_image "unpacked.$suffix" "$content"
        rm "backup.img.$suffix" "unpacked.$suffix"
    done
    free_card
}

test_cards_that_cannot_be_shrunk_are_refused_before_they_are_read() {
    local content job
    card_of 40
    assert_refused "$card: .*partition table.*; to back it up as it is, omit the option shrink"
    printf 'start=2048, size=20480, type=83\nstart=40960, type=83\n' | sfdisk --quiet "$card"
    assert_refused "$card: partition 2 is the last one and has no known filesystem.*omit the option shrink"
    losetup --detach "$card"
    mkfs.vfat -F 16 --offset 40960 "$WORK/card" 20480 >/dev/null 2>&1
    card=$(losetup --find --show "$WORK/card")
    assert_refused "$card: .*vfat.* cannot be shrunk; ext2, ext3, ext4 and btrfs can.*omit the option shrink"
    assert_fails_with 1 "the option margin requires the option shrink" -- \
        run_job root ReadDevice "ssa{sv}" "$card" "$WORK/x.img" 2 not-removable b true margin t 1
    assert_fails_with 1 "already exists" -- read_card "$WORK/card"
    free_card
}

# Errors that e2fsck does not repair without asking are found only when the filesystem has been read.
test_a_filesystem_with_errors_is_not_shrunk() {
    local content
    card_with_free_space
    for file in etc usr bin; do debugfs -w -R "clri /$file" "$card?offset=$root_offset" 2>/dev/null; done
    debugfs -w -R "set_inode_field / block[0] 0" "$card?offset=$root_offset" 2>/dev/null
    debugfs -w -R "set_inode_field / block[5] 99999999" "$card?offset=$root_offset" 2>/dev/null
    assert_refused "$card: the ext4 filesystem of partition 2 has errors, so it is not resized.*omit the option shrink"
    free_card
}

# Data beyond the end of the loop device's file cannot be read. The filesystem has files there.
test_a_filesystem_with_unreadable_parts_is_not_shrunk() {
    local content
    card_with_free_space
    losetup --direct-io=on "$card"
    # The inodes of the last groups become unreadable; and a filesystem that was not unmounted is read completely.
    truncate --size=$((root_offset + (120 << 20))) "$WORK/card"
    debugfs -w -R 'feature needs_recovery' "$card?offset=$root_offset" 2>/dev/null
    assert_refused "cannot read $card: .*skip-bad"
    assert_refused "$card: the ext4 filesystem of partition 2 has errors with zeros .* not shrunk; .*omit the option" skip-bad b true
    free_card
}

test_a_shrunk_backup_of_a_user_is_owned_by_the_user() {
    local image directory content
    ensure_user alice
    directory=$(getent passwd alice | cut -d: -f6)
    card_with_free_space
    trap 'rm -f /etc/polkit-1/rules.d/10-read.rules; losetup --detach "$card" 2>/dev/null || true' EXIT
    echo 'polkit.addRule(function(a, s) { if (a.id == "org.example.PiImages.read-fixed-device" && s.user == "alice") { return "yes"; } });' \
        | install_polkit_rule 10-read.rules
    wait_until 10 as_user alice piimagesctl --quiet read --shrink --not-removable "$card" "$directory/backup.img.zst"
    assert_eq "600 alice" "$(stat --format '%a %U' "$directory/backup.img.zst")"
    as_user alice piimagesctl --quiet read --shrink --not-removable "$card" "$directory/backup.img"
    assert_eq "600 alice" "$(stat --format '%a %U' "$directory/backup.img")"
    assert_sound_image "$directory/backup.img" "$content"
    ! as_user alice head --bytes=1 "$card" 2>/dev/null || fail "alice can open the device"
    rm /etc/polkit-1/rules.d/10-read.rules "$directory"/backup.img*
    free_card
}

# at_step JOB STEP: waits for the step; fails if the job has ended before it could be observed.
at_step() {
    local step
    for ((i = 0; i < 2000; i++)); do
        step=$(busctl get-property org.example.PiImages "$1" org.example.PiImages.Job Step 2>/dev/null) || return 1
        [[ $step != "s \"$2\"" ]] || return 0
    done
    return 1
}

test_a_shrunk_backup_that_is_interrupted_at_any_step_leaves_nothing() {
    local content job step seen=0
    card_with_free_space
    head --bytes=70M /dev/urandom >random
    debugfs -w -R "write random random" "$card?offset=$root_offset" 2>/dev/null
    mkdir of
    for step in read verify copy check resize assemble pack; do
        job=$(start_job root ReadDevice "ssa{sv}" "$card" "$WORK/of/backup.img.xz" 2 not-removable b true shrink b true)
        if at_step "$job" "$step"; then
            busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
            ! await_job root "$job" >said 2>&1 || fail "it was not cancelled at $step"
            assert_matches "$(cat said)" "ancelled"
            seen=$((seen + 1))
        else
            await_job root "$job" >/dev/null 2>&1 || true
            rm -f of/backup.img.xz
        fi
        assert_nothing_in of
    done
    (( seen >= 5 )) || fail "only $seen steps were seen"
    for step in read copy resize pack; do
        job=$(start_job root ReadDevice "ssa{sv}" "$card" "$WORK/of/backup.img.xz" 2 not-removable b true shrink b true)
        at_step "$job" "$step" || true
        kill -KILL "$(daemon_pid)"
        wait_until 10 eval '! pgrep -x xz'
        wait_until 10 daemon_pid
        assert_nothing_in of
        systemctl reset-failed piimagesd
    done
    free_card
}

test_a_full_disk_leaves_no_shrunk_backup() {
    local content suffix
    card_with_free_space
    head --bytes=60M /dev/urandom >random
    debugfs -w -R "write random random" "$card?offset=$root_offset" 2>/dev/null
    mkdir full
    # Large enough for two copies of the card's files, but not for three.
    mount -t tmpfs -o size=190M tmpfs full
    trap 'umount full; losetup --detach "$card" 2>/dev/null || true' EXIT
    head --bytes=10M /dev/urandom >full/taken
    for suffix in img img.gz; do
        assert_fails_with 1 "space" -- read_card "$WORK/full/backup.$suffix"
        assert_eq taken "$(ls -A full)"
    done
    umount full
    trap 'losetup --detach "$card" 2>/dev/null || true' EXIT
    free_card
}

test_read_shrink_from_the_command_line() {
    local content said
    card_with_free_space
    said=$(piimagesctl --quiet read --shrink --dry-run --not-removable "$card" backup.img)
    assert_contains "$said" "nothing was changed"
    [[ ! -e backup.img ]]
    said=$(piimagesctl read --shrink --margin=16M --not-removable "$card" backup.img.gz 2>progress)
    assert_matches "$said" "backup.img.gz: [0-9.]+ [KM]iB \([0-9.]+ MiB unpacked; [0-9.]+ MiB read twice and compared"
    assert_matches "$(cat progress)" "resize|assemble|pack"
    free_card
}
