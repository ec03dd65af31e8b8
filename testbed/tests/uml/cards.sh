# A card is used like an image: a disk that the kernel considers removable is mounted, run, checked and grown, and pulled out while in use.
# shellcheck shell=bash disable=SC2034,SC2154
time_limit=200

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# card_with_system MIB [OPTION OF scsi_debug]...: makes a card that contains a system; sets card.
card_with_system() {
    local image
    image=$(image armhf)
    modprobe --all sd_mod
    modprobe scsi_debug "dev_size_mb=$1" removable=1 delay=0 "${@:2}"
    trap 'rmmod scsi_debug || true' EXIT
    find_card
    dd if="$image" of="$card" bs=4M conv=fsync status=none
    # Usually done by udev, which does not run in this bed.
    blockdev --rereadpt "$card"
}

find_card() {
    wait_until 20 compgen -G "/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/block/*"
    card=/dev/$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/block/*)
    wait_until 20 test -b "$card"
}

pull_out() { echo 1 >"/sys/block/${card#/dev/}/device/delete"; }

insert_again() {
    local host
    host=$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*)
    echo '- - -' >"/sys/class/scsi_host/$host/scan"
    find_card
}

no_loop_devices() { [[ -z $(losetup --list --noheadings) ]]; }

test_a_card_is_mounted_run_and_checked() {
    local where mnt
    card_with_system 128
    assert_matches "$(as_user alice piimagesctl status "$card")" 'root'
    where=$(mount_image alice "$card")
    assert_eq "/run/piimages/mnt/$(id -u alice)/${card#/dev/}" "$where"
    assert_eq "ext4 vfat" "$(findmnt -rno FSTYPE "$where") $(findmnt -rno FSTYPE "$where/boot/firmware" || findmnt -rno FSTYPE "$where/boot")"
    as_user alice touch "$where/root/written"
    assert_eq "$where" "$(mount_image alice "$card")"
    assert_eq armv7l "$(run_in alice "$card" uname -m)"
    assert_contains "$(as_user alice piimagesctl list)" "$card"
    # While it is mounted, nothing else can use it, by any name.
    mkdir mnt
    assert_fails_with 32 'busy|already' -- mount "${card}2" mnt
    ln -s "$card" link
    assert_fails_with 5 'in use: as an image that is mounted' -- piimagesctl write --yes "$(image armhf)" "$card"
    assert_fails_with 5 'mounted' -- as_user alice piimagesctl check --repair "$PWD/link"
    umount_image alice "$PWD/link"
    wait_until 5 no_loop_devices
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
    as_user alice piimagesctl doctor "$card"
    assert_eq written "$(run_in alice "$card" ls /root | grep written)"
    where=$(mount_image alice "$card" --read-only)
    ! as_user alice touch "$where/root/more" || fail "it is read-only"
    umount_image alice "$where"
    wait_until 5 no_loop_devices
}

test_operations_that_cards_do_not_support_are_refused() {
    local where
    card_with_system 96
    assert_fails_with 2 'is a partition' -- mount_image alice "${card}2"
    assert_fails_with 1 'a block device.*piimagesctl read' -- as_user alice piimagesctl shrink "$card"
    assert_fails_with 1 'a block device.*piimagesctl read' -- as_user alice piimagesctl copy "$card" copy.img
    assert_fails_with 125 'is a card, which is not copied' -- as_user alice piimagesctl run --ephemeral "$card" -- true
    assert_fails_with 2 'do not specify a size' -- as_user alice piimagesctl grow "$card" 1G
    # A card that another program has mounted, such as a file manager, is refused.
    mkdir mnt
    mount "${card}1" mnt
    assert_fails_with 5 'is mounted; unmount it first' -- mount_image alice "$card"
    umount mnt
    # A write-protected card is mounted like a read-only file.
    blockdev --setro "$card"
    where=$(mount_image alice "$card")
    ! as_user alice touch "$where/root/written" || fail "it is write-protected"
    umount_image alice "$card"
    assert_fails_with 5 'write-protected' -- as_user alice piimagesctl grow "$card"
    blockdev --setrw "$card"
    wait_until 5 no_loop_devices
}

test_polkit_is_also_asked_about_the_card() {
    local image
    card_with_system 96
    ensure_user bob
    # A user who is authorised for all actions on images, from any session, but for none on cards.
    install_polkit_rule 10-bob.rules <<'RULES'
polkit.addRule(function(action, subject) {
    if (subject.user == "bob" && action.id.indexOf("org.example.PiImages.") == 0 && action.id.indexOf(".use-") < 0) return polkit.Result.YES;
});
RULES
    trap 'rm /etc/polkit-1/rules.d/10-bob.rules; rmmod scsi_debug || true' EXIT
    image=$(user_image bob armhf)
    wait_until 20 as_user_in remote bob piimagesctl --no-ask-password mount "$image"
    as_user_in remote bob piimagesctl umount "$image"
    assert_fails_with 4 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password mount "$card"
    assert_fails_with 125 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password run "$card" -- true
    assert_fails_with 4 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password check "$card"
    assert_fails_with 4 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password grow "$card"
    assert_fails_with 4 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password status "$card"
    assert_fails_with 4 'administrator' -- as_user_in remote bob piimagesctl --no-ask-password doctor "$card"
    no_loop_devices
}

test_the_commands_in_the_document_work() {
    local command user
    card_with_system 128
    cp "$(image armhf)" raspios.img
    xz -0 --keep raspios.img
    while read -r command; do
        echo "$command"
        user=alice
        # These ask for an administrator's password, and write for confirmation.
        if [[ $command =~ ^piimagesctl\ (read|write)\  ]]; then
            user=root
            rm -f backup.img.zst
        fi
        as_user "$user" bash -e -o pipefail -c "${command//\/dev\/sdb/$card}" </dev/null
    done < <("$testbed/tests/document-commands" "$testbed/../docs/cards.md" \
        | sed 's/-- journalctl .*/-- uname -m/; s/^piimagesctl write/& --yes/')
    zstd --test --quiet backup.img.zst
}

test_a_loop_device_is_not_accepted_as_a_card() {
    local image
    image=$(image armhf)
    card=$(losetup --find --show "$image")
    trap 'losetup --detach "$card"' EXIT
    assert_fails_with 2 'not a physical disk' -- piimagesctl mount "$card"
}

test_grow_fills_a_card() {
    local before after where
    card_with_system 128
    before=$(blockdev --getsize64 "${card}2")
    as_user alice piimagesctl grow --dry-run "$card"
    assert_eq "$before" "$(blockdev --getsize64 "${card}2")"
    as_user alice piimagesctl grow "$card"
    wait_until 10 partition_ends_with_disk
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
    where=$(mount_image alice "$card")
    after=$(( $(stat --file-system --format='%b * %S' "$where") ))
    (( after > before )) || fail "the filesystem has $after bytes, the partition had $before"
    # The second time, there is nothing to do.
    as_user alice piimagesctl grow "$card"
    umount_image alice "$card"
}

partition_ends_with_disk() { (( $(cat "/sys/class/block/${card#/dev/}2/start") + $(cat "/sys/class/block/${card#/dev/}2/size") == $(blockdev --getsz "$card") )); }

test_grow_fills_a_mounted_card() {
    local where before
    card_with_system 128
    where=$(mount_image alice "$card")
    before=$(( $(stat --file-system --format='%b * %S' "$where") ))
    as_user alice piimagesctl grow "$card"
    (( $(stat --file-system --format='%b * %S' "$where") > before )) || fail "it did not grow"
    umount_image alice "$card"
    blockdev --rereadpt "$card"
    wait_until 10 partition_ends_with_disk
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
}

assert_damaged() { assert_matches "$(as_user alice piimagesctl check "$card" || echo failed)" 'damaged.*failed'; }

test_a_damaged_card_is_repaired() {
    card_with_system 96
    debugfs -w -R 'set_super_value free_blocks_count 17' "${card}2" 2>/dev/null
    debugfs -w -R 'set_inode_field /etc/hostname links_count 7' "${card}2" 2>/dev/null
    sync
    assert_damaged
    # The dry run repairs nothing.
    as_user alice piimagesctl check --repair --dry-run "$card" || true
    assert_damaged
    assert_contains "$(as_user alice piimagesctl check --repair "$card")" repaired
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
    # No tool has access to a device any more.
    ! getfacl --absolute-names /dev/loop[0-9]* 2>/dev/null | grep -q '^user:[0-9]' || fail "a device is still lent"
}

not_listed() { ! piimagesctl list | grep -q "$card"; }

test_a_card_that_is_pulled_out_is_unmounted() {
    local where runner status=0
    card_with_system 96
    where=$(mount_image alice "$card")
    install --directory --owner=alice alice
    as_user alice sh -c "echo \$\$ >$PWD/alice/reader; exec sleep 1000 <'$where/etc/fstab'" &
    wait_until 10 test -s alice/reader
    as_user alice piimagesctl run --name=pulled "$card" -- sleep 1000 &
    runner=$!
    wait_until 30 systemctl is-active piimages-pulled.service
    pull_out
    wait_until 20 not_listed
    wait "$runner" || status=$?
    (( status )) || fail "the command has ended as if nothing had happened"
    wait_until 20 machine_is_gone pulled
    assert_contains "$(journalctl -u piimagesd --no-pager)" 'was removed while it was mounted'
    [[ -z $(ls "/run/piimages/mnt/$(id -u alice)" 2>/dev/null) ]] || fail "the mount point is still there"
    kill "$(cat alice/reader)"
    wait_until 20 no_loop_devices
    insert_again
    where=$(mount_image alice "$card")
    as_user alice cat "$where/etc/fstab" >/dev/null
    umount_image alice "$card"
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
}

test_a_lazily_unmounted_card_is_cut_off_when_it_is_pulled_out() {
    local where
    card_with_system 96
    where=$(mount_image alice "$card")
    install --directory --owner=alice alice
    as_user alice sh -c "echo \$\$ >$PWD/alice/reader; exec sleep 1000 <'$where/etc/fstab'" &
    wait_until 10 test -s alice/reader
    as_user alice piimagesctl umount --lazy "$card"
    pull_out
    wait_until 10 devices_are_cut_off
    # A card is inserted while a file of the removed one is still open.
    insert_again
    where=$(mount_image alice "$card")
    as_user alice cat "$where/etc/fstab" >/dev/null
    umount_image alice "$card"
    kill "$(cat alice/reader)"
    wait_until 20 no_loop_devices
}

devices_are_cut_off() { [[ $(cat /sys/block/loop[0-9]*/loop/offset) == *4611686018427387904* ]]; }

test_a_missing_card_is_reported() {
    card_with_system 96
    pull_out
    assert_fails_with 3 'No such file' -- as_user alice piimagesctl check "$card"
    assert_fails_with 3 'No such file' -- mount_image alice "$card"
}
