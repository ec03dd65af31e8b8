# Cards in a USB reader that are inserted, pulled out and exchanged, with udev and udisks2 as on a desktop.
# A few long tests, because each call takes seconds here. (Not called cards.sh, because main_job.sh must run first.)
# shellcheck shell=bash disable=SC2154
time_limit=600

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# reader plug|pull|eject|one|two; see backend/vm.
reader() { echo "$1" >/dev/virtio-ports/reader; }

# Plugs the reader in, and waits until the card and its partitions have device nodes; sets card.
plug_in() {
    reader plug
    wait_until 60 find_card
    udevadm settle
}

find_card() {
    local disks=(/sys/bus/usb/drivers/usb-storage/*/host*/target*/*:*/block/*)
    [[ -e ${disks[0]} ]] || return 1
    card=/dev/${disks[0]##*/}
    [[ -b $card && $(blockdev --getsize64 "$card" 2>/dev/null) -gt 0 ]]
}

reader_is_gone() { ! compgen -G '/sys/bus/usb/drivers/usb-storage/*/host*/target*/*:*/block/*' >/dev/null; }
pull_out() { reader pull; wait_until 60 reader_is_gone; }

sequence() { cat "/sys/block/${card#/dev/}/diskseq"; }
is_another_card() { [[ $(sequence) != "$1" ]] && find_card; }

# change_to one|two: exchanges the card. The kernel detects this when it polls the reader, every two seconds.
change_to() {
    local before
    before=$(sequence)
    reader "$1"
    wait_until 60 is_another_card "$before"
    udevadm settle
}

no_loop_devices() { [[ -z $(losetup --list --noheadings) ]]; }
not_listed() { ! piimagesctl list | grep --quiet "$card"; }

# A checksum of the medium, bypassing the kernel's cache.
bytes_of_card() { dd if="$card" bs=4M iflag=direct status=none | sha256sum; }

end_test() {
    [[ ! ${writer:-} ]] || kill "$writer" 2>/dev/null || true
    pull_out
}

property() { udevadm info --query=property --property="$1" --value "$2"; }

test_a_card_is_written_read_mounted_by_a_user_and_by_udisks() {
    local image where loop
    trap end_test EXIT
    plug_in
    image=$(user_image alice armhf)
    assert_eq 1 "$(cat "/sys/block/${card#/dev/}/removable")"
    assert_contains "$(piimagesctl write --yes "$image" "$card")" 'read back'
    udevadm settle
    # udev has processed the new partitions without further action.
    assert_eq "ext4 vfat" "$(property ID_FS_TYPE "${card}2") $(property ID_FS_TYPE "${card}1")"
    assert_eq "${card}2" "$(readlink --canonicalize "/dev/disk/by-label/$(property ID_FS_LABEL "${card}2")")"
    piimagesctl read "$card" "$WORK/backup.img"
    assert_sound_image backup.img "$(content_of "$image")"

    # A card that a file manager has mounted is refused.
    as_user alice udisksctl mount --no-user-interaction --block-device "${card}2"
    assert_fails_with 5 "is mounted; unmount it first" -- mount_image alice "$card"
    assert_fails_with 5 "is mounted" -- piimagesctl write --yes "$image" "$card"
    as_user alice udisksctl unmount --no-user-interaction --block-device "${card}2"

    # A file manager mounts neither what PiImages has mounted nor its loop devices.
    where=$(mount_image alice "$card")
    as_user alice sh -c 'echo new >"$1/root/new"' sh "$where"
    assert_fails_with 1 'busy|already mounted|open blockdev' -- \
        as_user alice udisksctl mount --no-user-interaction --block-device "${card}1"
    udevadm settle
    for loop in $(losetup --list --noheadings --output NAME); do
        assert_eq "1 0" "$(property UDISKS_IGNORE "$loop") $(property SYSTEMD_READY "$loop")"
        assert_matches "$(udisksctl info --block-device "$loop")" 'HintIgnore: +true'
        # The device is mounted, so systemd knows its name ("activating"), but units must not be able to depend on it.
        ! systemctl --quiet is-active "dev-${loop#/dev/}.device" || fail "systemd takes $loop for ready"
    done
    [[ -n $loop ]] || fail "there is no loop device"
    umount_image alice "$card"
    wait_until 20 no_loop_devices
    # udisks2 can use it again.
    as_user alice udisksctl mount --no-user-interaction --block-device "${card}2"
    as_user alice udisksctl unmount --no-user-interaction --block-device "${card}2"
}

# use_card [busy]: mounts the card as alice and starts a process of hers that writes a file, without syncing it, and keeps it open. With
# "busy", the process also keeps writing and syncing other files, and the function returns after two seconds of this. Sets where, and
# writer to the PID of the process.
use_card() {
    where=$(mount_image alice "$card")
    install --directory --owner=alice alice
    rm -f alice/writer
    as_user alice sh -c 'exec 3>"$1/root/open"; cd /; dd if=/dev/urandom bs=1M count=4 status=none >&3; echo $$ >"$2"
        while [ "$3" ]; do
            for directory in root boot/firmware; do dd if=/dev/urandom of="$1/$directory/busy" bs=64K count=1 conv=notrunc,fsync status=none; done
        done 2>/dev/null
        exec sleep 1000' sh "$where" "$PWD/alice/writer" "${1:-}" &
    wait_until 60 test -s alice/writer
    writer=$(cat alice/writer)
    [[ ! ${1:-} ]] || sleep 2
}

stop_writing() { kill "$writer"; writer=''; }

assert_released() {
    wait_until 60 not_listed
    assert_contains "$(journalctl --unit piimagesd --no-pager --since "$1")" 'was removed while it was mounted'
    [[ -z $(mounts_below "/run/piimages/mnt/$(id -u alice)/${card##*/}") ]] || fail "it is still mounted"
}

test_a_card_that_is_pulled_out_is_unmounted() {
    local where writer since
    trap end_test EXIT
    plug_in
    dd if="$(user_image alice armhf)" of="$card" bs=4M oflag=direct conv=fsync status=none
    udevadm settle
    since=$(date '+%F %T')
    use_card
    pull_out
    assert_released "$since"
    stop_writing
    wait_until 60 no_loop_devices
    plug_in
    where=$(mount_image alice "$card")
    as_user alice cat "$where/etc/fstab" >/dev/null
    umount_image alice "$card"
    assert_contains "$(as_user alice piimagesctl check "$card")" clean
}

# The cards have the same size and content: only the kernel's sequence number distinguishes them.
test_data_for_a_card_is_not_written_to_the_next_one_in_the_reader() {
    local where writer since second how
    trap end_test EXIT
    plug_in
    dd if="$(user_image alice armhf)" of="$card" bs=4M oflag=direct conv=fsync status=none
    change_to two
    dd if="$(user_image alice armhf)" of="$card" bs=4M oflag=direct conv=fsync status=none
    second=$(bytes_of_card)
    # If a program keeps writing and the kernel never sees the reader empty, data that is written after the kernel has detected the next
    # card, and before the daemon has, does reach the next card; see docs/cards.md.
    for how in emptied exchanged; do
        change_to one
        since=$(date '+%F %T')
        if [[ $how == emptied ]]; then
            use_card busy
            reader eject
            assert_released "$since"
        else
            use_card
        fi
        change_to two
        assert_released "$since"
        assert_eq "$second" "$(bytes_of_card)" "the second card"
        # Data that the process, or the filesystem that is still in use, writes later does not reach the card either.
        stop_writing
        wait_until 60 no_loop_devices
        sync
        assert_eq "$second" "$(bytes_of_card)" "the second card, later"
    done
    where=$(mount_image alice "$card")
    assert_fails_with 1 '' -- as_user alice test -e "$where/root/open"
    umount_image alice "$card"
    # The last close unlocks the reader's door: if the reader reports the new card in its reply to that command, the kernel misses it.
    wait_until 60 no_loop_devices
    udevadm settle
    change_to one
    assert_matches "$(as_user alice piimagesctl check --repair "$card")" "repaired|clean"
    where=$(mount_image alice "$card")
    umount_image alice "$card"
}
