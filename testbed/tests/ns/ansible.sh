# docs/examples/ansible with Debian's Ansible: the play of the example, and the error messages of its connection plugin.
# shellcheck shell=bash
time_limit=600

# Creates a directory of alice's with the example, laid out as its README says, and an image; sets "directory" and "image" to their paths.
prepare() {
    image=$(user_image alice real --boot-fs ext4 --root-size 700 --package python3 --package python3-apt)
    directory=$WORK/alice/play
    cp -r "$testbed/../docs/examples/ansible" "$directory"
    mkdir "$directory/connection_plugins"
    mv "$directory/piimages.py" "$directory/connection_plugins"
    mv "$image" "$directory/raspios.img"
    image=$directory/raspios.img
    chown -R alice: "$directory"
    chmod -R a+rX "$directory"
}

# play ARGUMENT...: runs ansible-playbook as alice; writes its output to the file "said".
play() {
    # shellcheck disable=SC2016
    as_user alice sh -c 'cd "$1" && shift && HOME=$PWD ANSIBLE_NOCOWS=1 exec ansible-playbook "$@" </dev/null' sh "$directory" "$@" >said 2>&1
}

# Builds the package that the play installs; it has a maintainer script.
build_package() { # DIRECTORY FILE
    mkdir -p "$1/DEBIAN" "$1/usr/share/greeting"
    printf '%s\n' 'Package: greeting' 'Version: 1' 'Architecture: all' 'Maintainer: Nobody <nobody@example.org>' 'Description: none' \
        >"$1/DEBIAN/control"
    printf '%s\n' '#!/bin/sh' 'uname -m >/usr/share/greeting/cpu' >"$1/DEBIAN/postinst"
    chmod 755 "$1/DEBIAN/postinst"
    dpkg-deb --build --root-owner-group "$1" "$2" >/dev/null
}

test_the_example_prepares_an_image() {
    local where
    prepare
    build_package "$WORK/greeting" "$WORK/greeting.deb"
    as_user alice piimagesctl run "$image" -- sh -c 'cat >/root/greeting.deb' <greeting.deb
    play --inventory inventory -e deb=/root/greeting.deb playbook.yml || fail "$(tail -n 40 said)"
    assert_contains "$(cat said)" 'failed=0'
    where=$(piimagesctl mount --read-only "$image")
    assert_eq armv7l "$(cat "$where/usr/share/greeting/cpu")"
    assert_eq 'This image was prepared by Ansible.' "$(cat "$where/etc/motd")"
    assert_eq $'name = raspberrypi\ncpu = armv7l' "$(cat "$where/etc/station.conf")"
    assert_eq '640 0:0' "$(stat --format '%a %u:%g' "$where/etc/station.conf")"
    assert_contains "$(cat "$where/etc/passwd")" 'operator:x:'
    assert_eq /etc/systemd/system/station.service "$(readlink "$where/etc/systemd/system/multi-user.target.wants/station.service")"
    assert_eq '' "$(find "$where/root/.ansible" -type f 2>/dev/null)" "left by Ansible"
    piimagesctl umount "$image"
    # A second run changes nothing.
    play --inventory inventory -e deb=/root/greeting.deb playbook.yml || fail "$(tail -n 40 said)"
    assert_contains "$(cat said)" 'changed=0'
}

test_a_booted_machine_can_be_a_host_and_files_can_be_fetched_from_it() {
    prepare
    as_user alice piimagesctl boot --name=station "$image" >/dev/null
    cat >"$directory/fetch.yml" <<'END'
- hosts: all
  gather_facts: false
  tasks:
    - command: systemctl is-system-running
    - raw: printf 'a\000b' >/root/bytes
    - fetch: {src: /root/bytes, dest: ./, flat: true}
END
    play --inventory station, -e ansible_connection=piimages fetch.yml || fail "$(tail -n 40 said)"
    assert_eq "$(printf 'a\000b' | sha256sum)" "$(sha256sum <"$directory/bytes")"
    as_user alice piimagesctl terminate station
    wait_until 30 machine_is_gone station
}

test_errors_have_one_line_and_ansible_detects_that_systemd_is_offline() {
    prepare
    printf '%s\n' '- hosts: all' '  gather_facts: false' '  tasks:' '    - systemd: {name: dbus.service, state: started}' >"$directory/start.yml"
    play --inventory inventory start.yml || fail "$(tail -n 40 said)"
    assert_contains "$(cat said)" 'systemd is offline'
    mv "$image" "$directory/elsewhere.img"
    play --inventory inventory playbook.yml && fail "there is no such image: $(cat said)"
    assert_contains "$(cat said)" UNREACHABLE
    assert_matches "$(cat said)" 'raspios.img: No such file'
    play --inventory inventory -e ansible_piimages_executable=nonesuch playbook.yml && fail "there is no such client: $(cat said)"
    assert_contains "$(cat said)" 'cannot start nonesuch'
}
