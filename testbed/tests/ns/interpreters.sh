# Emulators: entries in the kernel are checked before they are used; entries that PiImages registers are removed again.
# The kernel's entries are shared by all beds: a test restores those that it removed.
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the suite
alone=yes
misc=/proc/sys/fs/binfmt_misc

# registration NAME: prints the line that registers the entry of qemu-arm under this name.
registration() {
    sed "s/^:qemu-arm:/:$1:/" /usr/lib/binfmt.d/qemu-arm.conf
}

own_entries() { find "$misc" -name 'piimages-*'; }

put_back() {
    local entry
    for entry in qemu-arm qemu-aarch64; do
        [[ -e $misc/$entry ]] || cat "/usr/lib/binfmt.d/$entry.conf" >"$misc/register"
    done
}

without_entry() {
    [[ ! -e $misc/qemu-arm ]] || echo -1 >"$misc/qemu-arm"
    trap put_back EXIT
}

interpreters() { as_user alice busctl call "${manager[@]}" ListInterpreters; }

test_an_existing_entry_is_used() {
    assert_contains "$(interpreters)" '"armv7l" "registered" "qemu-arm"'
    assert_eq armv7l "$(run_in alice "$(pi_image alice)" uname -m)"
    assert_eq '' "$(own_entries)"
}

test_a_missing_entry_is_registered_and_removed_after_use() {
    local image
    image=$(pi_image alice)
    without_entry
    assert_contains "$(interpreters)" '"armv7l" "available"'
    start_machine alice "$image" emulated sleep 300
    assert_eq 1 "$(own_entries | wc -l)" "entries of ours"
    assert_matches "$(cat "$(own_entries)")" 'flags: [A-Z]*F'
    assert_eq armv7l "$(as_user alice "$client" run "$(pi_image alice)" -- uname -m)"
    assert_eq 1 "$(own_entries | wc -l)" "entries of ours"
    machinectl terminate emulated
    wait "$runner" || true
    wait_until 10 machine_is_gone emulated
    wait_until 10 eval '[[ -z $(own_entries) ]]'
}

test_a_disabled_entry_remains_disabled_and_another_one_is_used() {
    local image
    image=$(pi_image alice)
    trap 'echo 1 >"$misc/qemu-arm"' EXIT
    echo 0 >"$misc/qemu-arm"
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    assert_contains "$(cat "$misc/qemu-arm")" disabled
    assert_eq '' "$(own_entries)"
}

# The interpreter of such an entry is looked up in the image, which does not contain it. No file is created for it there.
test_an_entry_without_flag_f_changes_no_image() {
    local image where
    image=$(pi_image alice)
    without_entry
    registration somebodys | sed 's/:[A-Z]*$/:P/' >"$misc/register"
    trap 'echo -1 >"$misc/somebodys"; put_back' EXIT
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    assert_eq armv7l "$(as_user alice piimagesctl run --read-only "$image" -- uname -m)"
    where=$(mount_image alice "$image")
    if [[ -e $where/usr/libexec || -e $where/usr/bin/qemu-arm-static ]]; then fail "a place for the interpreter was made in the image"; fi
    umount_image alice "$image"
    test -e "$misc/somebodys"
    assert_eq '' "$(own_entries)"
}

test_an_entry_whose_interpreter_is_missing_is_not_used() {
    local image
    image=$(pi_image alice)
    without_entry
    registration somebodys | sed 's,:/[^:]*:[A-Z]*$,:/nonesuch/qemu-arm:,' >"$misc/register"
    trap 'echo -1 >"$misc/somebodys"; put_back' EXIT
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    test -e "$misc/somebodys"
    assert_eq '' "$(own_entries)"
}

# The files are moved in the bed's overlay; this machine keeps its emulator.
mapfile -t emulator < <(find /usr/bin /usr/libexec/qemu-binfmt /usr/lib/binfmt.d -name 'qemu-arm*' -o -name 'arm-binfmt-P')
move_away() { for file in "${emulator[@]}"; do mv "$file" "$file.moved"; done; }
bring_back() { for file in "${emulator[@]}"; do mv "$file.moved" "$file"; done; }

test_without_an_emulator_the_package_is_named() {
    local image
    image=$(pi_image alice)
    without_entry
    # The contents of such large files are compared by their times, which change here.
    may_change '/usr/bin/qemu-arm*'
    trap 'bring_back; put_back' EXIT
    move_away
    assert_contains "$(interpreters)" '"armv7l" "missing" "" "qemu-user-static"'
    assert_refused NoEmulator 'qemu-user-static' -- as_user alice "$client" run "$image" -- true
    mount_image alice "$image"
    umount_image alice "$image"
}

test_the_next_daemon_removes_the_entry_of_a_killed_one() {
    local image
    image=$(pi_image alice)
    without_entry
    start_machine alice "$image" orphaned sleep 300
    systemctl mask --runtime --quiet piimagesd.service
    kill_daemon
    wait "$runner" || true
    machinectl terminate orphaned
    wait_until 15 machine_is_gone orphaned
    assert_eq 1 "$(own_entries | wc -l)" "entries of ours"
    systemctl unmask --runtime --quiet piimagesd.service
    as_user alice piimagesctl --quiet list
    wait_until 10 eval '[[ -z $(own_entries) ]]'
}
