# Runs every command in the documents and in the manual page; for commands that are not run, the reason is stated.
# shellcheck shell=bash
time_limit=180

# shellcheck source=testbed/tests/web
. "$testbed/tests/web"

repository=$(readlink -f "$testbed/..")

# not_run COMMAND: prints why a command is not run here; fails for one that is.
not_run() {
    case $1 in
        'sudo apt install '* | 'sudo packaging/install') echo "installs the package: package.sh" ;;
        'piimagesctl fetch https://'*) echo "needs the Internet: fetch.sh downloads from a server of its own" ;;
        'sudo cp docs/examples/'* | 'sudo groupadd '*) echo "sets the polkit rule up: examples.sh" ;;
        'mvn package' | testbed/* | 'exec testbed/'* | '#!/bin/sh') echo "builds and tests: testbed/check does" ;;
        *'apt-get -y install '*) echo "needs Debian's mirrors" ;;
        *user@host*) echo "needs another machine: remote.sh" ;;
        *) return 1 ;;
    esac
}

# Terminals and an administrator's password are replaced: standard input is empty, sudo is run by root. A card is a loop device, and used
# only in dry runs; commands that never exit are terminated.
run_documented() {
    local command=$1 status=0
    case $command in
        'piimagesctl write '*/dev/sdb) command="piimagesctl write --dry-run --not-removable ${command#piimagesctl write }" user=root ;;
        'piimagesctl read /dev/sdb '*) command="piimagesctl read --not-removable ${command#piimagesctl read }" user=root ;;
        'sudo busctl monitor'*) command="timeout --preserve-status 1 ${command#sudo }" user=root ;;
        sudo\ *) command=${command#sudo } user=root ;;
        *' --'*'-file - '*) command="echo correct-horse | $command" user=alice ;;
        *) user=alice ;;
    esac
    command=${command/\/dev\/sdb/$card}
    if [[ $user == alice ]]; then
        (cd "$WORK/alice" && as_user alice bash -e -o pipefail -c "$command") </dev/null >"$WORK/said" 2>&1 || status=$?
    else
        (cd "$WORK/alice" && bash -e -c "$command") </dev/null >"$WORK/said" 2>&1 || status=$?
    fi
    # Status 1 of the doctor concerns this host, whose kernel may lack FAT.
    if [[ $command == 'piimagesctl doctor'* && $status == 1 ]]; then status=0; fi
    # The command that never exits must be terminated by SIGTERM.
    [[ $command == timeout\ * && $status == 143 ]] || (( ! status )) || fail "$1 ended with $status and said: $(cat "$WORK/said")"
}

# run_document FILE: runs its commands; sets $ran to their number.
run_document() {
    local command why
    ran=0
    while read -r command <&3; do
        if why=$(not_run "$command"); then
            echo "not run: $command ($why)"
            continue
        fi
        echo "$command"
        run_documented "$command"
        ran=$((ran + 1))
    done 3< <("$testbed/tests/document-commands" "$1")
}

# Creates the image that all documents use, and the files beside it.
set_up() {
    local image
    ensure_user alice
    install -d -o alice "$WORK/alice"
    truncate --size="${card_size:-4G}" "$WORK/card"
    card=$(losetup --find --show "$WORK/card")
    trap 'losetup --detach "$card"' EXIT
    image=$(image "$@")
    chown alice: "$image"
    mv "$image" "$WORK/alice/raspios.img"
    install -d -o alice "$WORK/alice/site"
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$WORK/alice/test"
    chmod 755 "$WORK/alice/test"
}

test_the_commands_of_the_readme_run() {
    set_up real --boot-fs ext4 --dangling-resolv-conf
    # The document begins with a downloaded image, which is packed.
    (cd "$WORK/alice" && xz -0 -T0 raspios.img && chown alice: raspios.img.xz)
    run_document "$repository/README.md"
    (( ran >= 5 )) || fail "only $ran commands"
}

test_the_commands_of_the_tutorial_run() {
    mkdir -p "$WORK/extra/etc/cloud"
    touch "$WORK/extra/etc/cloud/cloud.cfg" "$WORK/extra/etc/rpi-issue"
    # The card is backed up: all of it is read twice, because it is empty.
    card_size=2G set_up armhf --boot-fs ext4 --extra-root "$WORK/extra"
    (cd "$WORK/alice" && xz -0 raspios.img && chown alice: raspios.img.xz)
    run_document "$repository/docs/tutorial.md"
    (( ran >= 13 )) || fail "only $ran commands"
    assert_contains "$(as_user alice piimagesctl configure --show "$WORK/alice/raspios.img")" "hostname: pi"
    [[ -e $WORK/alice/backup.img.zst ]] || fail "nothing was backed up"
}

test_the_commands_about_the_interface_run() {
    set_up armhf --boot-fs ext4
    run_document "$repository/docs/commands.md"
    (( ran >= 3 )) || fail "only $ran commands"
    as_user alice piimagesctl umount "$WORK/alice/raspios.img"
}

test_the_commands_about_questions_run() {
    set_up armhf --boot-fs ext4
    run_document "$repository/docs/questions.md"
    (( ran >= 5 )) || fail "only $ran commands"
}

test_the_commands_about_machines_run() {
    set_up real --boot-fs ext4 --dangling-resolv-conf
    run_document "$repository/docs/machines.md"
    (( ran >= 9 )) || fail "only $ran commands"
    wait_until 30 machine_is_gone raspios
}

test_the_commands_about_host_tools_run() {
    # An image of the host's own release.
    set_up real --boot-fs ext4 --suite "$(host_release)"
    start_machine alice "$WORK/alice/raspios.img" raspios sleep 100
    run_document "$repository/docs/host-tools.md"
    (( ran >= 2 )) || fail "only $ran commands"
    assert_contains "$(cat "$WORK/said")" '"dpkg"'
    machinectl terminate raspios
    wait "$runner" || true
    wait_until 15 machine_is_gone raspios
}

test_the_commands_about_image_care_run() {
    set_up armhf --boot-fs ext4
    (cd "$WORK/alice" && xz -0 raspios.img && chown alice: raspios.img.xz)
    mkdir "$WORK/web"
    cp "$WORK/alice/raspios.img.xz" "$WORK/web/octopi.img.xz"
    serve_openly "$WORK/web"
    trap 'kill "$server"; losetup --detach "$card"' EXIT
    printf '{"os_list": [{"name": "OctoPi (stable)", "url": "%s", "image_download_sha256": "%s"}]}' "$open/octopi.img.xz" \
        "$(sha256sum <"$WORK/web/octopi.img.xz" | cut -c -64)" >"$WORK/alice/os_list.json"
    run_document "$repository/docs/image-care.md"
    (( ran >= 10 )) || fail "only $ran commands"
    [[ -e $WORK/alice/octopi.img ]] || fail "nothing was fetched"
}

test_the_commands_about_first_boot_run() {
    mkdir -p "$WORK/extra/etc/cloud"
    touch "$WORK/extra/etc/cloud/cloud.cfg" "$WORK/extra/etc/rpi-issue"
    set_up armhf --boot-fs ext4 --extra-root "$WORK/extra"
    echo correct-horse >"$WORK/alice/password"
    echo battery-staple >"$WORK/alice/wifi-password"
    echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4kCZQNgq6mNbWDKuxlMe me" >"$WORK/alice/me.pub"
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$WORK/alice/setup.sh"
    sed -n '/^```toml/,/^```$/ { /^```/!p }' "$repository/docs/first-boot.md" >"$WORK/alice/settings.toml"
    run_document "$repository/docs/first-boot.md"
    (( ran >= 6 )) || fail "only $ran commands"
    assert_contains "$(as_user alice piimagesctl configure --show "$WORK/alice/raspios.img")" "hostname: pi2"
}

test_the_commands_about_recipes_run() {
    set_up armhf --boot-fs ext4
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$WORK/alice/setup.sh"
    sed -n '/^```bash/,/^```$/ { /^```/!p }' "$repository/docs/build.md" | sed 's,/usr/local/bin,/usr/bin,' >"$WORK/alice/kiosk.Pifile"
    run_document "$repository/docs/build.md"
    (( ran >= 4 )) || fail "only $ran commands"
    [[ -e $WORK/alice/kiosk.img ]] || fail "nothing was made"
}

test_the_examples_of_the_manual_page_run() {
    set_up real --boot-fs ext4 --dangling-resolv-conf
    run_document "$repository/docs/piimagesctl.1"
    (( ran >= 4 )) || fail "only $ran commands"
    as_user alice piimagesctl umount "$WORK/alice/raspios.img"
}

test_every_document_with_commands_is_run_by_a_test() {
    local document
    for document in "$repository"/*.md "$repository"/docs/*.md "$repository"/docs/*.[0-9]; do
        case ${document##*/} in
            # Commands of testbed/check and its parts, and output of failures.
            CONTRIBUTING.md | reliability.md | performance.md) ;;
            # The installation (package.sh), and commands of testbed/check.
            install.md) ;;
            # The commands require a card, for which a loop device is no substitute; see uml/cards.sh.
            cards.md) ;;
            README.md | tutorial.md | commands.md | questions.md | piimagesctl.1) ;;
            machines.md | host-tools.md | image-care.md | first-boot.md | build.md) ;;
            *) assert_eq '' "$("$testbed/tests/document-commands" "$document")" "commands in $document" ;;
        esac
    done
}

# compare_transcript DOCUMENT: compares its transcript with a run.
compare_transcript() {
    sed -n '/^<!-- transcript/,/^<!-- end of transcript/ { /^<!--/!p }' "$repository/$1" >expected
    "$testbed/inside/transcript" "$(basename "$1" .md)" "$("$testbed/images/real" --boot-fs ext4 --dangling-resolv-conf)" >happened
    [[ -s expected ]] || fail "$1 has no transcript"
    diff --unified expected happened >said || fail "write it anew by testbed/transcript: $(cat said)"
}

test_the_transcript_in_the_readme_is_current() {
    compare_transcript README.md
}

test_the_transcript_about_recipes_is_current() {
    compare_transcript docs/build.md
}

# Prints the names in parentheses after a sentence.
tests_named_in() {
    grep -v '^|' "$1" | tr '\n' ' ' | grep -oE '\. +\((`[A-Za-z_-]+`[,;]? *)+' | grep -oE '`[A-Za-z_-]+`' | tr --delete '`'
}

test_the_tests_that_the_security_model_names_exist() {
    local name count=0
    for name in $(tests_named_in "$repository/docs/security.md"); do
        [[ -e $testbed/tests/ns/$name.sh || -n $(find "$repository" -path '*/src/test/*' -name "$name.java" -print -quit) ]] \
            || fail "security.md names $name, which is no test"
        count=$((count + 1))
    done
    (( count > 20 )) || fail "only $count names"
}

test_the_rows_of_each_table_have_the_same_number_of_cells() {
    local document ragged
    for document in "$repository"/*.md "$repository"/*/*.md; do
        ragged=$(awk '
            { line = $0; gsub(/\\\|/, "", line) }
            line !~ /^ *\|/ { cells = 0; next }
            { number = gsub(/\|/, "", line); if (cells && number != cells) print FNR ": " $0; cells = number }' "$document")
        [[ -z $ragged ]] || fail "$document: $ragged"
    done
}
