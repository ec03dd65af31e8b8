# Checking images: the results for sound and damaged images, and repairs.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=60

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# A wrong count of free blocks and a wrong count of links, which e2fsck repairs without asking.
damage() {
    debugfs -w -R 'set_super_value free_blocks_count 17' "$1?offset=$root_offset" 2>/dev/null
    debugfs -w -R 'clri /etc/motd.lost' "$1?offset=$root_offset" 2>/dev/null || true
    debugfs -w -R 'set_inode_field /etc/hostname links_count 7' "$1?offset=$root_offset" 2>/dev/null
}

test_check_reports_a_sound_image_as_clean_and_changes_nothing() {
    local image sum said
    image=$(user_image alice armhf)
    sum=$(sum_of "$image")
    said=$(run_job alice CheckImage sa{sv} "$image" 0)
    assert_contains "$said" '"sound" b true'
    assert_contains "$said" '2 "ext4" "clean"'
    assert_contains "$said" '1 "vfat" "clean"'
    assert_eq "$sum" "$(sum_of "$image")"
}

test_check_finds_damage_and_changes_nothing() {
    local image sum said
    image=$(user_image alice armhf)
    damage "$image"
    sum=$(sum_of "$image")
    said=$(run_job alice CheckImage sa{sv} "$image" 0)
    assert_contains "$said" '"sound" b false'
    assert_contains "$said" '2 "ext4" "damaged"'
    assert_lacks "$said" /proc/self
    assert_eq "$sum" "$(sum_of "$image")"
}

test_repair_fixes_the_root_partition() {
    local image said
    image=$(user_image alice armhf --boot-fs ext4)
    damage "$image"
    said=$(run_job alice CheckImage sa{sv} "$image" 1 repair b true)
    assert_contains "$said" '"sound" b true'
    assert_contains "$said" '2 "ext4" "repaired"'
    assert_contains "$said" '1 "ext4" "clean"'
    assert_sound_image "$image"
    assert_eq "${image##*/}" "$(ls -A "$(dirname "$image")")" "what is in the image's directory"
}

# u16 IMAGE OFFSET: prints a number in the boot sector: at 14, that of the sectors before the FAT; at 22, that of the sectors of one FAT.
u16() { od --address-radix n --skip-bytes $((boot_offset + $2)) --read-bytes 2 --format u2 "$1"; }

test_repair_fixes_the_boot_partition() {
    local image said
    image=$(user_image alice armhf)
    # The two copies of the FAT differ: in the second, a cluster of a file is free.
    printf '\0\0\0\0' | dd of="$image" bs=1 seek="$((boot_offset + 512 * ($(u16 "$image" 14) + $(u16 "$image" 22)) + 4))" \
        conv=notrunc status=none
    said=$(run_job alice CheckImage sa{sv} "$image" 0)
    assert_contains "$said" '1 "vfat" "damaged"'
    said=$(run_job alice CheckImage sa{sv} "$image" 1 repair b true)
    assert_contains "$said" '1 "vfat" "repaired"'
    said=$(run_job alice CheckImage sa{sv} "$image" 0)
    assert_contains "$said" '"sound" b true'
    mcopy -n -i "$image@@$boot_offset" ::cmdline.txt - | grep -q root=PARTUUID
    assert_sound_image "$image"
}

test_grow_and_shrink_refuse_a_damaged_image() {
    local image sum
    image=$(user_image alice armhf --boot-fs ext4)
    # A corrupt directory is not repaired without asking.
    debugfs -w -R 'set_inode_field /etc mode 0100644' "$image?offset=$root_offset" 2>/dev/null
    sum=$(sum_of "$image")
    assert_fails_with 1 "has errors.*check --repair" -- run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
    assert_fails_with 1 "has errors.*check --repair" -- run_job alice ShrinkImage sa{sv} "$image" 0
    assert_eq "$sum" "$(sum_of "$image")"
}

# As on a host whose e2fsprogs is older than the image.
test_filesystem_features_unknown_to_e2fsprogs_are_named_and_nothing_is_changed() {
    local image sum
    image=$(user_image alice armhf)
    # Bit 20 of s_feature_incompat, which has no meaning yet.
    printf '\x10' | dd of="$image" bs=1 seek="$((root_offset + 1024 + 0x62))" conv=notrunc status=none
    sum=$(sum_of "$image")
    assert_fails_with 1 "FEATURE_I20" -- run_job alice GrowImage sta{sv} "$image" "$((2 << 30))" 0
    assert_fails_with 1 "FEATURE_I20" -- run_job alice CheckImage sa{sv} "$image" 0
    assert_eq "$sum" "$(sum_of "$image")"
}

test_other_users_can_neither_see_nor_cancel_a_job() {
    local image job
    image=$(user_image alice armhf)
    job=$(start_job alice CheckImage sa{sv} "$image" 0)
    assert_fails_with 1 "another user" -- await_job bob "$job"
    assert_eq 's ""' "$(as_user bob busctl get-property org.example.PiImages "$job" org.example.PiImages.Job File)"
    assert_fails_with 1 "authentication" -- as_user bob busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    await_job alice "$job"
    assert_fails_with 1 "no object" -- await_job alice "$job"
}

test_a_job_requires_the_permissions_of_its_caller() {
    local image
    image=$(user_image alice armhf)
    assert_fails_with 1 "cannot open .*: permission denied" -- run_job bob CheckImage sa{sv} "$image" 0
    chmod 755 "$(dirname "$image")"
    chmod 644 "$image"
    assert_fails_with 1 "cannot write to .*: permission denied" -- run_job bob GrowImage sta{sv} "$image" "$((2 << 30))" 0
    run_job bob CheckImage sa{sv} "$image" 0
}
