# First-boot settings: the owner configures an image of each format, and the result is read by the programs that read such files elsewhere.
# shellcheck shell=bash disable=SC2094,SC2154
time_limit=120

key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4kCZQNgq6mNbWDKuxlMe me@host'

# image_with FILE...: creates an image of alice's whose root contains these files, which are empty; prints its path.
image_with() {
    local file
    rm -rf extra
    for file in "$@"; do
        mkdir -p "extra/${file%/*}"
        touch "extra/$file"
    done
    user_image alice armhf --boot-fs ext4 --extra-root "$WORK/extra"
}

configure() { as_user alice piimagesctl configure "$@"; }

# in_boot IMAGE FILE: prints a file on the boot partition.
in_boot() {
    local mount_point
    mount_point=$(mount_image alice "$1")
    as_user alice cat "$mount_point/boot/firmware/$2"
    umount_image alice "$1"
}

secrets() {
    printf '%s\n' correct-horse >"$WORK/password"
    printf '%s\n' battery-staple >"$WORK/wifi-password"
    printf '%s\n' "$key" >"$WORK/me.pub"
    chmod 644 "$WORK/password" "$WORK/wifi-password" "$WORK/me.pub"
}

# Verified with libcrypt, as login does.
assert_is_hash_of() { # PASSWORD HASH
    assert_matches "$2" '^\$'
    assert_eq "$2" "$(perl -e 'print crypt($ARGV[0], $ARGV[1])' "$1" "$2")"
}

everything=(--hostname yes --user me --password-file "$WORK/password" --ssh-key "$WORK/me.pub" --no-password-login
    --wifi-ssid 'My "home"' --wifi-password-file "$WORK/wifi-password" --wifi-country GB --timezone Europe/Berlin --keymap gb)

test_cloud_init_can_read_the_settings() {
    local image shown
    secrets
    image=$(image_with etc/cloud/cloud.cfg etc/rpi-issue)
    configure "$image" "${everything[@]}" --enable i2c,serial --locale en_GB.UTF-8 >said
    shown=$(configure --show "$image")
    assert_contains "$shown" "cloud-init (etc/cloud/cloud.cfg of Raspberry Pi OS)"
    assert_contains "$shown" "ssh-key: $key"
    assert_lacks "$shown" correct-horse
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
    in_boot "$image" user-data >user-data
    in_boot "$image" network-config >network-config
    in_boot "$image" meta-data >meta-data
    in_boot "$image" cmdline.txt >cmdline.txt
    assert_lacks "$(cat user-data network-config)" correct-horse
    assert_lacks "$(cat user-data network-config)" battery-staple
    assert_eq 1 "$(wc --lines <cmdline.txt)"
    # Read with the parser that cloud-init uses.
    python3 - "$key" >hashed <<'END' || fail "Python reads something else"
import hashlib, sys, yaml
user, network, meta = (yaml.safe_load(open(name)) for name in ('user-data', 'network-config', 'meta-data'))
assert open('user-data').readline() == '#cloud-config\n'
assert user['hostname'] == 'yes' and user['timezone'] == 'Europe/Berlin' and user['keyboard']['layout'] == 'gb', user
assert user['enable_ssh'] is True and user['ssh_pwauth'] is False, user
assert user['rpi']['interfaces'] == {'i2c': True, 'serial': True}, user
person, = user['users']
assert person['name'] == 'me' and person['ssh_authorized_keys'] == [sys.argv[1]], person
print(person['passwd'])
wlan = network['network']['wifis']['wlan0']
psk = hashlib.pbkdf2_hmac('sha1', b'battery-staple', b'My "home"', 4096, 32).hex()
assert wlan['access-points'] == {'My "home"': {'password': psk}} and wlan['regulatory-domain'] == 'GB', network
assert f'ds=nocloud;i={meta["instance-id"]}' in open('cmdline.txt').read().split(), meta
END
    assert_is_hash_of correct-horse "$(cat hashed)"
}

# schema_accepts SUITE FILE: validates a file with cloud-init of that Debian release, which leaves files in /run.
schema_accepts() {
    PYTHONPATH=$("$testbed/images/unpacked" "$1" cloud-init)/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
        unshare --mount sh -c 'mount -t tmpfs tmpfs /run && exec /usr/bin/python3 -m cloudinit.cmd.main schema --config-file "$1"' sh "$2" \
        >said 2>&1 || fail "$2: $(cat said)"
    assert_contains "$(cat said)" Valid
}

# wpa_supplicant_of NETWORK-CONFIG: the configuration that netplan generates for wpa_supplicant.
wpa_supplicant_of() {
    local netplan
    netplan=$("$testbed/images/unpacked" bookworm netplan.io libnetplan0)
    rm -rf netplan
    install -D -m 600 "$1" netplan/etc/netplan/50-cloud-init.yaml
    LD_LIBRARY_PATH=$(dirname "$netplan"/usr/lib/*/libnetplan.so.*) "$netplan/usr/libexec/netplan/generate" --root-dir netplan >said 2>&1 \
        || fail "$1: $(cat said)"
    cat netplan/run/netplan/wpa-wlan0.conf
}

# The schema of cloud-init 25.1 (trixie) does not contain the settings for the Raspberry Pi; that of sid does. enable_ssh is an addition of
# Raspberry Pi OS, which neither contains.
test_the_schema_of_cloud_init_and_netplan_accept_the_settings() {
    local image psk
    secrets
    mkdir -p ubuntu/etc/cloud ubuntu/usr/lib
    touch ubuntu/etc/cloud/cloud.cfg
    printf '%s\n' NAME=Ubuntu ID=ubuntu >ubuntu/usr/lib/os-release
    psk=$(python3 -c 'import hashlib; print(hashlib.pbkdf2_hmac("sha1", b"battery-staple", b"My \"home\"", 4096, 32).hex())')
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$WORK/setup.sh"

    image=$(user_image alice armhf --boot-fs ext4 --extra-root "$WORK/ubuntu")
    configure "$image" "${everything[@]}" --ssh --locale en_GB.UTF-8 --run-at-first-boot "$WORK/setup.sh" >said
    in_boot "$image" user-data >user-data
    in_boot "$image" network-config >network-config
    schema_accepts trixie user-data
    schema_accepts sid user-data
    assert_contains "$(wpa_supplicant_of network-config)" "psk=$psk"

    image=$(image_with etc/cloud/cloud.cfg etc/rpi-issue)
    configure "$image" "${everything[@]}" --ssh --enable i2c,spi,serial --locale en_GB.UTF-8 >said
    in_boot "$image" user-data >user-data
    in_boot "$image" network-config >network-config
    sed -i '/^enable_ssh: /d' user-data
    schema_accepts sid user-data
    assert_contains "$(wpa_supplicant_of network-config)" 'ssid="My "home""'
}

test_init_config_can_read_the_settings() {
    local image mount_point
    secrets
    image=$(image_with usr/lib/raspberrypi-sys-mods/init_config)
    mount_point=$(mount_image alice "$image")
    as_user alice sed -i 's|$| init=/usr/lib/raspberrypi-sys-mods/firstboot|' "$mount_point/boot/firmware/cmdline.txt"
    # An image that was mounted remains mounted.
    configure "$mount_point" "${everything[@]}" >said
    assert_contains "$(as_user alice piimagesctl list)" "$mount_point"
    umount_image alice "$image"
    in_boot "$image" custom.toml >custom.toml
    # init_config imports toml.
    python3 - "$key" >hashed <<'END' || fail "Python reads something else"
import sys, toml, tomllib
config = toml.load('custom.toml')
assert config == tomllib.load(open('custom.toml', 'rb')), config
assert config['config_version'] == 1 and config['system'] == {'hostname': 'yes'}, config
assert config['user']['name'] == 'me' and config['user']['password_encrypted'] is True, config
print(config['user']['password'])
assert config['ssh'] == {'enabled': True, 'authorized_keys': [sys.argv[1]], 'password_authentication': False}, config
assert config['wlan']['ssid'] == 'My "home"' and len(config['wlan']['password']) == 64, config
END
    assert_is_hash_of correct-horse "$(cat hashed)"
    assert_fails_with 2 "cannot express --locale; nothing was written" -- configure "$image" --locale en_GB.UTF-8
}

test_firstrun_is_a_valid_shell_script_and_can_be_reset() {
    local image
    secrets
    image=$(image_with etc/rpi-issue usr/lib/systemd/system-generators/systemd-run-generator)
    printf '%s\n' '#!/bin/sh' 'exit 0' >"$WORK/setup.sh"
    configure "$image" "${everything[@]}" --run-at-first-boot "$WORK/setup.sh" >said
    in_boot "$image" firstrun.sh >firstrun.sh
    sh -n firstrun.sh
    shellcheck --exclude SC2086,SC2016 firstrun.sh >said || fail "$(cat said)"
    assert_contains "$(in_boot "$image" cmdline.txt)" "rootwait systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot"
    configure --reset "$image" >said
    assert_lacks "$(in_boot "$image" cmdline.txt)" systemd.run
    assert_lacks "$(configure --show "$image")" hostname
}

# The image's own shell runs the script. The image lacks most commands of Raspberry Pi OS; a failing command does not stop the others.
test_firstrun_applies_the_settings_and_removes_itself() {
    local image mount_point before
    image=$(image_with etc/rpi-issue usr/lib/systemd/system-generators/systemd-run-generator)
    before=$(in_boot "$image" cmdline.txt)
    printf '%s\n' '#!/bin/sh' 'echo finished >/root/ran' >"$WORK/setup.sh"
    configure "$image" --hostname other --timezone Europe/Berlin --run-at-first-boot "$WORK/setup.sh" >said
    as_user alice piimagesctl run "$image" -- /boot/firmware/firstrun.sh >said 2>&1 || fail "$(cat said)"
    mount_point=$(mount_image alice "$image")
    assert_eq other "$(as_user alice cat "$mount_point/etc/hostname")"
    assert_contains "$(as_user alice cat "$mount_point/etc/hosts")" $'127.0.1.1\tother'
    assert_eq /usr/share/zoneinfo/Europe/Berlin "$(as_user alice readlink "$mount_point/etc/localtime")"
    assert_eq finished "$(as_user alice cat "$mount_point/root/ran")"
    assert_eq "$before" "$(as_user alice cat "$mount_point/boot/firmware/cmdline.txt")"
    assert_eq cmdline.txt "$(as_user alice ls "$mount_point/boot/firmware" | grep -E 'cmdline|first')"
    umount_image alice "$image"
}

test_passwords_are_read_from_standard_input() {
    local image
    image=$(image_with usr/lib/rpi-preseed/rpi-preseed)
    echo correct-horse | configure "$image" --user me --password-file - >said
    assert_matches "$(cat said)" 'password-hash: set \((yescrypt|SHA-512)\)'
    assert_contains "$(in_boot "$image" rpi-preseed.toml)" "password_encrypted = true"
    assert_fails_with 2 "the first line of standard input is empty" -- configure "$image" --user me --password-file - </dev/null
}

test_invalid_settings_are_reported_and_nothing_remains_mounted() {
    local image
    image=$(image_with etc/nothing)
    assert_fails_with 1 "Tiny test image\) does not support first-boot settings" -- configure "$image" --hostname pi
    assert_fails_with 2 "is not a valid host name" -- configure "$image" --hostname 'p;i'
    assert_fails_with 2 "no settings specified" -- configure "$image"
    assert_fails_with 3 "no such file" -- configure "$image" --ssh-key "$WORK/none.pub"
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
}

# At different times: before the mount, during it, while files are written, or during the unmount.
test_ctrl_c_leaves_nothing_mounted() {
    local image seconds status
    image=$(image_with usr/lib/rpi-preseed/rpi-preseed)
    for seconds in 1 1.5 2 2.5 3; do
        status=0
        as_user alice timeout --signal INT "$seconds" piimagesctl configure "$image" --hostname pi >said 2>&1 || status=$?
        [[ $status == 0 || $status == 124 ]] || fail "it ended with $status and said: $(cat said)"
        assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
    done
    configure "$image" --hostname other >said
    assert_contains "$(cat said)" "hostname: other"
}

test_a_hostile_image_neither_blocks_nor_exhausts_configure() {
    local image mount_point level last=0
    rm -rf extra
    mkdir -p extra/usr/lib extra/etc/cloud
    touch extra/etc/cloud/cloud.cfg extra/etc/rpi-issue
    # A FIFO, whose reader would wait for a writer, in place of a directory that configure reads.
    mkfifo extra/usr/lib/rpi-preseed
    image=$(user_image alice armhf --boot-fs ext4 --extra-root "$WORK/extra")
    assert_contains "$(as_user alice timeout 60 piimagesctl configure --show "$image")" "cloud-init"
    {
        printf '%s\n' '#cloud-config' 'b:' '- &l0 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]'
        for level in {1..16}; do
            echo "- &l$level [*l$last, *l$last, *l$last]"
            last=$level
        done
        printf '%s\n' '? *l16' ': 1'
    } >"$WORK/user-data"
    chmod 644 "$WORK/user-data"
    mount_point=$(mount_image alice "$image")
    as_user alice cp "$WORK/user-data" "$mount_point/boot/firmware/user-data"
    umount_image alice "$image"
    assert_fails_with 1 "piimagesctl: $image: cannot use boot/firmware/user-data" -- configure --show "$image"
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
}

test_a_symbolic_link_in_the_image_is_not_followed() {
    local image mount_point
    image=$(image_with etc/cloud/cloud.cfg etc/rpi-issue)
    install -o alice -m 600 /dev/null "$(dirname "$image")/mine"
    mount_point=$(mount_image alice "$image")
    as_user alice ln -s "$(dirname "$image")/mine" "$mount_point/boot/firmware/user-data"
    umount_image alice "$image"
    assert_fails_with 1 "it is a symbolic link" -- configure "$image" --hostname pi
    [[ ! -s $(dirname "$image")/mine ]] || fail "it was written to"
}
