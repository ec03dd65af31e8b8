# Install scripts that were written for a chroot, or for the Raspberry Pi itself, have the same effect in an image.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=400

# shellcheck source=testbed/tests/arm-images
. "$testbed/tests/arm-images"

test_systemctl_succeeds_and_starts_nothing() {
    local image
    image=$(real)
    run "$image" -- sh -ec 'systemctl daemon-reload; systemctl enable systemd-networkd; systemctl start systemd-networkd
        systemctl restart systemd-networkd; test -L /etc/systemd/system/multi-user.target.wants/systemd-networkd.service' >log 2>&1 \
        || fail "said: $(cat log)"
}

test_systemd_offline_is_set_in_a_run_but_not_in_a_booted_machine() {
    local image
    image=$(pi_image alice)
    assert_eq 1 "$(run "$image" -- sh -c 'echo $SYSTEMD_OFFLINE')"
    assert_eq 0 "$(run -E SYSTEMD_OFFLINE=0 "$image" -- sh -c 'echo $SYSTEMD_OFFLINE')"
    assert_eq 1 "$(echo 'echo $SYSTEMD_OFFLINE' | as_user alice piimagesctl shell "$image")"
    as_user alice piimagesctl boot --name=booted "$image"
    assert_eq '' "$(tr '\0' '\n' <"/proc/$(machinectl show booted --property Leader --value)/environ" | grep SYSTEMD_OFFLINE || true)"
    as_user alice piimagesctl terminate booted
}

test_packages_start_no_services() {
    local image
    image=$(real)
    printf '%s\n' '#!/bin/sh' 'touch /root/started' >script
    # An image's own policy-rc.d is used, as on any system.
    run "$image" -- sh -ec 'cat >/etc/init.d/foo; chmod 755 /etc/init.d/foo; ln -s ../init.d/foo /etc/rc2.d/S01foo
        ln -s ../init.d/foo /etc/rc5.d/S01foo; invoke-rc.d foo start; invoke-rc.d foo restart
        systemctl enable systemd-networkd; deb-systemd-invoke start systemd-networkd.service; test ! -e /root/started
        printf "#!/bin/sh\ntouch /root/asked\nexit 101\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
        invoke-rc.d foo start; test ! -e /root/started; test -e /root/asked' <script >log 2>&1 || fail "said: $(cat log)"
}

test_initramfs_conf_can_be_edited_while_its_modules_setting_is_overridden() {
    local image before
    mkdir -p extra/usr/share/initramfs-tools/conf.d
    echo RESUME=none >extra/usr/share/initramfs-tools/conf.d/resume
    image=$(printf '%s\n' 'MODULES=dep' 'COMPRESS=zstd' | extra /etc/initramfs-tools/initramfs.conf)
    before=$(checksum_in_image "$image" /etc) share=$(checksum_in_image "$image" /usr/share)
    # As mkinitramfs(8) reads them.
    assert_eq 'most none' "$(run "$image" -- sh -c '. /etc/initramfs-tools/initramfs.conf
        for i in /usr/share/initramfs-tools/conf.d/*; do . $i; done; echo $MODULES $RESUME')"
    assert_eq "$before $share" "$(checksum_in_image "$image" /etc) $(checksum_in_image "$image" /usr/share)"
    run "$image" -- sed -i 's/dep/list/' /etc/initramfs-tools/initramfs.conf
    assert_contains "$(in_image "$image" 'cat /etc/initramfs-tools/initramfs.conf')" MODULES=list
    run "$image" -- sh -ec 'cd /etc/initramfs-tools; echo MODULES=dep >new; mv new initramfs.conf'
    assert_contains "$(in_image "$image" 'cat /etc/initramfs-tools/initramfs.conf')" MODULES=dep
}

test_links_in_initramfs_conf_d_are_followed_within_the_image() {
    local image directory=extra/usr/share/initramfs-tools/conf.d
    mkdir -p "$directory"
    mkfifo "$directory/pipe"
    ln -s ../../../../../../../../etc/passwd "$directory/passwd"
    ln -s /proc/1/environ "$directory/environ"
    echo 'A=b' >"$directory/two words"
    image=$(echo MODULES=dep | extra /etc/initramfs-tools/initramfs.conf)
    # The image's own passwd, not the host's, which contains alice.
    assert_eq 'passwd zz-piimages' "$(run "$image" -- sh -c 'cd /usr/share/initramfs-tools/conf.d; ls; grep alice passwd || true' | xargs)"
    # If the directory is a link, nothing is mounted at its target.
    rm -r "$directory"
    ln -s /run/elsewhere "$directory"
    image=$(echo MODULES=dep | extra /etc/initramfs-tools/initramfs.conf)
    assert_eq 'MODULES=most' "$(run "$image" -- sh -c 'cat /etc/initramfs-tools/initramfs.conf; ls /run | grep elsewhere || true')"
}

test_a_preload_file_without_entries_can_be_replaced() {
    local image
    image=$(echo '# nothing' | extra /etc/ld.so.preload)
    run "$image" -- sh -ec 'echo "# new" >/etc/new; mv /etc/new /etc/ld.so.preload'
    assert_eq '# new' "$(in_image "$image" 'cat /etc/ld.so.preload')"
}

test_the_host_name_is_that_of_the_image_and_resolves() {
    local image before
    image=$(pi_image alice)
    before=$(checksum_in_image "$image" /etc)
    assert_matches "$(run --name=other "$image" -- sh -c 'hostname; grep -w $(hostname) /etc/hosts' | xargs)" \
        '^tiny 127.0.0.1 .*tiny'
    assert_eq "$before" "$(checksum_in_image "$image" /etc)" "checksum of /etc"
    # An invalid name is not passed as an option; the host name is the name of the machine.
    image=$(echo '--bind=/:/mnt' | extra /etc/hostname)
    assert_eq other "$(run --name=other "$image" -- hostname)"
    # A machine's name may contain an underscore, a host name may not. This does not prevent a run.
    image=$(echo my_pi | extra /etc/hostname)
    assert_eq other "$(run --name=other "$image" -- hostname)"
}

test_the_hosts_resolv_conf_may_have_any_encoding() {
    local image
    may_change /etc/resolv.conf
    image=$(pi_image alice)
    cat /etc/resolv.conf >resolv.before
    printf '# by Ren\351\nnameserver 192.0.2.7\n' >/etc/resolv.conf
    assert_eq 'nameserver 192.0.2.7' "$(run "$image" -- grep -v '^#' /etc/resolv.conf)"
    cat resolv.before >/etc/resolv.conf
}
