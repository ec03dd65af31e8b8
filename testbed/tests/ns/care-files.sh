# The owner, mode, access control list and attributes of an image are preserved; and images on filesystems without O_TMPFILE.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=100

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

mode() { stat --format %a "$@"; }

test_copies_are_not_more_accessible_than_the_image() {
    local image directory kind
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    for kind in 600 640 664 444; do
        chmod "$kind" "$image"
        as_user alice bash -c 'umask 022; cd "$1"; piimagesctl copy "$2" copy.img; piimagesctl pack "$2" packed.zst' - "$directory" "$image"
        assert_eq "$(printf '%o' $((0$kind & 0755)))" "$(mode "$directory/copy.img")" "copy of $kind"
        assert_eq "$(printf '%o' $((0$kind & 0755)))" "$(mode "$directory/packed.zst")" "pack of $kind"
        rm -f "$directory/copy.img" "$directory/packed.zst"
    done
    ensure_user bob
    # With an access control list, the group bits of the mode are the mask; the group itself has no permissions.
    chmod 600 "$image"
    setfacl --modify u:bob:rw,g::---,m::rw "$image"
    assert_eq 660 "$(mode "$image")"
    as_user alice bash -c 'umask 002; piimagesctl copy "$1" "$1.copy"' - "$image"
    assert_eq 600 "$(mode "$image.copy")"
    # Permissions of root's group must not become permissions of alice's group.
    setfacl --remove-all "$image"
    chmod 660 "$image"
    chgrp root "$image"
    as_user alice bash -c 'umask 002; piimagesctl copy "$1" "$1.copied"' - "$image"
    assert_eq 600 "$(mode "$image.copied")"
}

test_the_umask_applies_to_unpacked_files() {
    local image directory mask
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    as_user alice gzip --fast --keep "$image"
    for mask in 022 002 077; do
        as_user alice bash -c 'umask "$1"; piimagesctl unpack "$2" "$3"' - "$mask" "$image.gz" "$directory/new.img"
        assert_eq "$(printf '%o' $((0666 & ~0$mask)))" "$(mode "$directory/new.img")" "umask $mask"
        rm "$directory/new.img"
    done
}

# assert_keeps_permissions IMAGE COMMAND...: the command replaces the image by another file with the same permissions.
assert_keeps_permissions() {
    local image=$1 before inode said
    shift
    before=$(access "$image")
    inode=$(stat --format %i "$image")
    said=$(as_user alice piimagesctl "$@" 2>&1) || [[ $1 == check ]] || fail "$said"
    [[ $inode != "$(stat --format %i "$image")" ]] || fail "$1 has not replaced the image: $said"
    assert_eq "$before" "$(access "$image")" "$1"
}

access() { getfacl --absolute-names --omit-header "$1"; stat --format '%a %U:%G' "$1"
    python3 -c 'import os, sys; print(sorted((n, os.getxattr(sys.argv[1], n)) for n in os.listxattr(sys.argv[1])))' "$1"; }

test_a_replaced_image_keeps_its_access_control_list_and_attributes() {
    local image list
    ensure_user bob
    for list in u:bob:rw,g::---,m::rw g::r,o::- none; do
        # ext2 has no journal, so the kernel cannot grow it.
        image=$(user_image alice armhf --boot-fs ext4)
        debugfs -w -R 'feature -has_journal' "$image?offset=$root_offset" 2>/dev/null
        e2fsck -fy "$image?offset=$root_offset" >/dev/null 2>&1 || true
        chgrp root "$image"
        chmod 640 "$image"
        # A default list that a new file inherits from its directory must not be applied to the image.
        if [[ $list == none ]]; then setfacl --default --modify u:bob:rwx,m::rwx "$(dirname "$image")"; else setfacl --modify "$list" "$image"; fi
        python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.origin", b"https://example.org")' "$image"
        assert_keeps_permissions "$image" grow "$image" 256M
        assert_keeps_permissions "$image" shrink "$image"
        debugfs -w -R 'set_inode_field /etc/hostname links_count 7' "$image?offset=$root_offset" 2>/dev/null
        assert_keeps_permissions "$image" check --repair "$image"
        rm -r "$(dirname "$image")"
    done
}

# fat_image FILE: creates an image with two damaged FAT partitions; the first one is located after the second.
fat_image() {
    local at
    truncate --size 24M "$1"
    printf 'label: dos\nstart=16MiB, size=6MiB, type=c\nstart=1MiB, size=6MiB, type=c\n' | sfdisk --quiet "$1"
    for at in 16 1; do
        truncate --size 6M fat
        mkfs.vfat -F 12 -s 4 fat >/dev/null
        mcopy -i fat "$(command -v bash)" ::FILE
        # The copies of the FAT differ.
        printf '\0\0\0\0' | dd of=fat bs=1 seek=$((512 * (1 + $(od -An -tu2 -j22 -N2 fat)) + 4)) conv=notrunc status=none
        dd if=fat of="$1" bs=1M seek="$at" conv=notrunc status=none
    done
}

test_repair_fixes_fat_partitions_that_are_not_in_disk_order() {
    local directory=$WORK/alice at
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    fat_image "$directory/two.img"
    chown alice "$directory/two.img"
    as_user alice piimagesctl check --repair "$directory/two.img"
    for at in 16 1; do
        dd if="$directory/two.img" of=fat bs=1M skip="$at" count=6 status=none
        fsck.fat -n fat || fail "the partition at $at MiB is damaged"
        mcopy -i fat ::FILE - | cmp - "$(command -v bash)"
    done
}

test_tools_of_root_have_no_capabilities() {
    local image=$WORK/root.img user job
    cp --sparse=always "$(user_image alice armhf)" "$image"
    truncate --size 4G "$image"
    for user in root alice; do
        # Root's tools work on a user's file as that user.
        chown "$user" "$image"
        job=$(start_job root PackImage ssa{sv} "$image" "$WORK/$user.xz" 0)
        wait_until 10 pgrep --exact --uid "$user" xz
        assert_eq "$(printf '%016x\n' 0 0)" "$(awk '/^Cap(Eff|Prm)/ { print $2 }' "/proc/$(pgrep --exact --newest --uid "$user" xz)/status")"
        busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
        assert_fails_with 1 cancelled -- await_job root "$job"
        piimagesctl check "$image"
    done
}

# create_tiny_image PATH: creates a tiny image of alice's with this path.
create_tiny_image() { as_user alice bash -c 'cat >"$1"' - "$1" <"$("$testbed/images/tiny" armhf)"; }

# assert_operations_work DIRECTORY: all operations on files work for an image in that directory, and leave no other files there.
assert_operations_work() {
    local directory=$1 image=$1/pi.img
    create_tiny_image "$image"
    debugfs -w -R 'set_inode_field /etc/hostname links_count 7' "$image?offset=$root_offset" 2>/dev/null
    as_user alice piimagesctl check --repair "$image"
    as_user alice piimagesctl check "$image"
    as_user alice piimagesctl grow "$image" 128M
    as_user alice piimagesctl shrink "$image"
    as_user alice piimagesctl copy "$image" "$directory/copy.img"
    cmp "$image" "$directory/copy.img"
    as_user alice piimagesctl pack "$image" "$directory/pi.zst"
    as_user alice piimagesctl unpack "$directory/pi.zst" "$directory/new.img"
    cmp "$image" "$directory/new.img"
    assert_fails_with 2 "already exists" -- as_user alice piimagesctl copy "$image" "$directory/new.img"
    assert_sound_image "$image"
    # A job that fails leaves no file.
    as_user alice bash -c 'head --bytes=100000 "$1" >"$2"' - "$directory/pi.zst" "$directory/cut.zst"
    assert_fails_with 1 "" -- as_user alice piimagesctl unpack "$directory/cut.zst" "$directory/cut.img"
    assert_eq "$(printf '%s\n' copy.img cut.zst new.img pi.img pi.zst)" "$(ls -A "$directory")" "what is in the directory"
    [[ -z $(ls -A /run/piimages/drafts 2>/dev/null) ]] || fail "a record is left: $(ls -A /run/piimages/drafts)"
}

# In this test and the next two, FUSE checks the owner and mode of the directory, as for a USB stick that udisks mounts.
test_all_operations_work_on_a_filesystem_without_nameless_files() {
    ensure_user alice
    mkdir below mnt
    chown alice below mnt
    bindfs -o allow_other,default_permissions below mnt
    assert_operations_work "$PWD/mnt"
    umount mnt
}

test_all_operations_work_on_ntfs() {
    ensure_user alice
    mkdir mnt
    truncate --size 600M stick
    mkntfs --force --quick stick >/dev/null 2>&1
    ntfs-3g -o "allow_other,default_permissions,uid=$(id -u alice),gid=$(id -g alice),umask=077" "$PWD/stick" mnt
    assert_operations_work "$PWD/mnt"
    umount mnt
}

test_all_operations_work_on_exfat() {
    ensure_user alice
    mkdir mnt
    truncate --size 600M stick
    mkfs.exfat stick >/dev/null
    # This program accepts only a block device.
    mount.exfat-fuse -o "uid=$(id -u alice),gid=$(id -g alice),umask=077" "$(losetup --find --show "$PWD/stick")" mnt
    assert_operations_work "$PWD/mnt"
    umount mnt
    losetup --detach "$(loops_over "$PWD/stick")"
}

# Half of the disk is reserved for root, see ext4(5), resuid: the daemon must not make a copy that its owner could not make with cp.
test_files_written_for_a_user_do_not_use_the_blocks_reserved_for_root() {
    ensure_user alice
    mkdir mnt
    truncate --size 500M stick
    mkfs.ext4 -q -m 50 stick
    mount -o loop stick mnt
    rmdir mnt/lost+found
    chown alice mnt
    create_tiny_image mnt/pi.img
    head --bytes 80M /dev/urandom | as_user alice bash -c 'cat >>"$1"' - mnt/pi.img
    assert_fails_with 1 'No space left' -- as_user alice cp mnt/pi.img mnt/by-cp.img
    rm mnt/by-cp.img
    assert_fails_with 1 '[Nn]o space' -- as_user alice piimagesctl copy mnt/pi.img mnt/copy.img
    assert_eq pi.img "$(ls -A mnt)"
    # A copy for root may use the reserve.
    chown root mnt/pi.img
    piimagesctl copy mnt/pi.img mnt/copy.img
    umount mnt
}

# The next daemon removes the files with hidden names of a killed one, and nothing else.
test_the_next_daemon_removes_hidden_files_of_a_killed_one() {
    local image job
    ensure_user alice
    mkdir below mnt
    chown alice below mnt
    bindfs -o allow_other,default_permissions below mnt
    create_tiny_image mnt/pi.img
    as_user alice truncate --size 4G mnt/pi.img
    as_user alice touch mnt/.piimages-mine
    job=$(start_job alice PackImage ssa{sv} "$PWD/mnt/pi.img" "$PWD/mnt/packed.xz" 0)
    wait_until 10 pgrep --exact --uid alice xz
    compgen -G 'mnt/.piimages-*[0-9a-f]' >/dev/null || fail "it has no hidden name: $(ls -A mnt)"
    kill_daemon
    daemon_pid >/dev/null
    assert_eq "$(printf '%s\n' .piimages-mine pi.img)" "$(ls -A mnt)" "what is in the directory"
    umount mnt
}
