# Operations that require an administrator, performed by root: privileged machines, permanently registered interpreters.
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the suite
alone=yes
misc=/proc/sys/fs/binfmt_misc

test_a_machine_has_host_users_and_capabilities_only_on_request() {
    local image cap_net_admin=12 effective
    image=$(pi_image root)
    assert_matches "$("$client" run "$image" -- cat /proc/self/uid_map)" '^ +0 +[1-9][0-9]+ +65536'
    assert_matches "$("$client" run "$image" host-users -- cat /proc/self/uid_map)" '^ +0 +0 +4294967295'
    "$client" run "$image" host-users -- touch /root/made
    assert_eq 0:0 "$(owner_in_image "$image" /root/made)"
    effective=$("$client" run "$image" capabilities,=CAP_NET_ADMIN -- grep CapEff /proc/self/status)
    (( 16#${effective##*[[:space:]]} >> cap_net_admin & 1 )) || fail "$effective"
    effective=$("$client" run "$image" -- grep CapEff /proc/self/status)
    (( ! (16#${effective##*[[:space:]]} >> cap_net_admin & 1) )) || fail "$effective"
    assert_refused InvalidArgument 'not a capability' -- "$client" run "$image" capabilities,=all -- true
    assert_matches "$(piimagesctl run --host-users "$image" -- cat /proc/self/uid_map)" '^ +0 +0 +4294967295'
    effective=$(piimagesctl run --capability=CAP_NET_ADMIN,CAP_SYS_TIME "$image" -- grep CapEff /proc/self/status)
    (( 16#${effective##*[[:space:]]} >> cap_net_admin & 1 )) || fail "$effective"
    assert_fails_with 125 'password' -- as_user alice piimagesctl --no-ask-password run --host-users "$(pi_image alice)" -- true
}

register() { busctl call "${manager[@]}" "$1" s armv7l; }

restore_registration() {
    rm -f /etc/binfmt.d/piimages-arm.conf
    [[ -e $misc/qemu-arm ]] || cat /usr/lib/binfmt.d/qemu-arm.conf >"$misc/register"
}

test_a_registered_interpreter_remains_until_it_is_unregistered() {
    local image
    image=$(pi_image alice)
    assert_fails_with 1 'programs are already run by the entry qemu-arm' -- register RegisterInterpreter
    trap restore_registration EXIT
    [[ ! -e $misc/qemu-arm ]] || echo -1 >"$misc/qemu-arm"
    register RegisterInterpreter
    grep -q '^:piimages-arm:M:' /etc/binfmt.d/piimages-arm.conf
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    systemctl restart piimagesd
    # Neither the end of a machine nor that of the daemon removes it, and systemd-binfmt would register it again.
    assert_contains "$(cat "$misc/piimages-arm")" enabled
    piimagesctl register-interpreter armv7l
    piimagesctl unregister-interpreter armv7l
    [[ ! -e $misc/piimages-arm && ! -e /etc/binfmt.d/piimages-arm.conf ]] || fail "it is still there"
    assert_fails_with 3 'was registered permanently' -- piimagesctl unregister-interpreter armv7l
    assert_fails_with 1 'no Raspberry Pi has that CPU' -- busctl call "${manager[@]}" RegisterInterpreter s ../../etc
}
