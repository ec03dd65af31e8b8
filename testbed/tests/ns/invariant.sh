# The check after every test that no file of the host has changed detects what it should.
# shellcheck shell=bash disable=SC2034
# A test creates a node in /dev, which all beds of a machine share, so the checks of concurrent beds would report it.
alone=yes

base=/run/testbed-host/base

note() { "$tests/host-files" note "$WORK/state"; }

# Prints the changes since the last check. The check waits a moment for the system to settle.
changes() { "$tests/host-files" check "$WORK/state" "$WORK/announced" || true; }

# assert_changes LINE...: exactly these changes are reported, in the order of their paths.
assert_changes() { assert_eq "$(printf '%s\n' "$@")" "$(changes)" "what is told"; }

test_new_files_on_the_host_are_detected() {
    note
    echo no >/etc/nologin
    mkdir -p /run/systemd/system
    ln -s /dev/null /run/systemd/system/cron.service
    mkfifo $'/usr/local/a\nb'
    mknod "/dev/testbed-$$" c 1 3
    touch /home/alice/of-root /tmp/of-root
    install -o alice -m 600 /dev/null /etc/of-alice
    assert_changes "/dev/testbed-$$: appeared (c 0644 0:0)" '/etc/nologin: appeared (- 0644 0:0)' \
        "/etc/of-alice: appeared (- 0600 $(id -u alice):0)" '/home/alice/of-root: appeared (- 0644 0:0)' \
        '/run/systemd/system/cron.service: appeared (l 0777 0:0)' '/tmp/of-root: appeared (- 0644 0:0)' \
        '/usr/local/a\nb: appeared (p 0644 0:0)'
    rm /etc/nologin /run/systemd/system/cron.service $'/usr/local/a\nb' "/dev/testbed-$$" {/home/alice,/tmp}/of-root /etc/of-alice
}

test_changed_files_of_the_bed_are_detected() {
    local below=/usr/share/testbed
    mkdir "$below"
    touch "$below"/{content,mode,owner,attributes,type,gone}
    ln -s one "$below/link"
    note
    echo changed >>"$below/content"
    chmod 4755 "$below/mode"
    chown alice "$below/owner"
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.of", b"alice")' "$below/attributes"
    rm "$below/type" "$below/gone"
    mkdir "$below/type"
    ln -sfn two "$below/link"
    chmod 1777 "$below"
    assert_changes "$below: mode (d 1777 0:0)" "$below/attributes: attributes (- 0644 0:0)" "$below/content: content (- 0644 0:0)" \
        "$below/gone: gone (- 0644 0:0)" "$below/link: content (l 0777 0:0)" "$below/mode: mode (- 4755 0:0)" \
        "$below/owner: owner (- 0644 $(id -u alice):0)" "$below/type: type, mode, content (d 0755 0:0)"
    rm -r "$below"
}

# These files are in the overlay's lower layer until they are written to.
test_changed_files_of_the_underlying_machine_are_detected() {
    note
    echo changed >>/etc/issue
    chmod 600 /etc/debian_version
    chown :alice /usr/bin/env
    rm /etc/issue.net
    chmod 777 /usr/local
    hostname another
    assert_changes '/etc/debian_version: mode (- 0600 0:0)' '/etc/issue: content (- 0644 0:0)' '/etc/issue.net: gone (- 0644 0:0)' \
        '/proc/sys/kernel/hostname: content (setting  )' "/usr/bin/env: owner (- 0755 0:$(id -g alice))" '/usr/local: mode (d 0777 0:0)'
    cp "$base/etc/issue" /etc/issue
    cp "$base/etc/issue.net" /etc/issue.net
    chmod 644 /etc/debian_version
    chown :root /usr/bin/env
    chmod 755 /usr/local
    hostname testbed
}

test_restored_files_and_files_of_users_are_not_reported() {
    note
    chmod 600 /etc/debian_version
    chmod 644 /etc/debian_version
    : >>/usr/bin/env
    mkdir /usr/share/testbed
    rmdir /usr/share/testbed
    as_user alice sh -c 'echo x >~/x; mkfifo /tmp/of-alice; mkdir /var/tmp/of-alice; ln -s /etc /var/tmp/of-alice/link'
    assert_eq '' "$(changes)"
    rm -r /home/alice/x {/tmp,/var/tmp}/of-alice
}

# Starts the suite's runner with tests of its own.
test_a_test_that_changes_the_host_fails_and_names_the_file() {
    local status=0
    printf '%s\n' >"$WORK/nested.sh" \
        'test_nested_quiet() { as_user alice true; }' \
        'test_nested_loud() { echo no >/etc/nologin; }' \
        'test_nested_announced() { may_change "/etc/nologin*"; rm /etc/nologin; echo no >/etc/nologin.too; }' \
        'test_nested_quiet_again() { true; }'
    "$tests/runner" "$WORK/nested.sh" -- test_nested >"$WORK/said" || status=$?
    assert_eq 1 "$status"
    assert_eq "$(printf '%s\n' 'ok test_nested_quiet' 'not ok test_nested_loud' 'ok test_nested_announced' 'ok test_nested_quiet_again')" \
        "$(sed -n 's/^\(ok\|not ok\) \([^ ]*\) .*/\1 \2/p' "$WORK/said")"
    assert_contains "$(cat "$WORK/said")" '    /etc/nologin: appeared (- 0644 0:0)'
    assert_eq '3 passed, 1 failed' "$(tail -n 1 "$WORK/said")"
    rm /etc/nologin.too
}

test_the_check_is_fast() {
    local started took
    note
    started=${EPOCHREALTIME/./}
    assert_eq '' "$(changes)"
    took=$(((${EPOCHREALTIME/./} - started) / 1000))
    echo "figures: the files of the host are looked at in $took ms"
    (( took < 2000 )) || fail "it took $took ms"
}
