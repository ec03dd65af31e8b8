# Peculiarities of Raspberry Pi images that have broken other tools; and the installation of packages.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=300

# shellcheck source=testbed/tests/arm-images
. "$testbed/tests/arm-images"

test_libarmmem_in_ld_so_preload_is_hidden_from_commands() {
    local image said
    image=$(real)
    said=$(run "$image" -- cat /etc/ld.so.preload 2>&1)
    assert_eq '' "$said"
    where=$(piimagesctl mount --read-only "$image")
    assert_contains "$(cat "$where/etc/ld.so.preload")" libarmmem
    piimagesctl umount "$image"
}

test_a_dangling_resolv_conf_is_covered_by_that_of_the_host() {
    local image
    image=$(real --dangling-resolv-conf)
    assert_eq "$(cat /etc/resolv.conf)" "$(run "$image" -- cat /etc/resolv.conf)"
    where=$(piimagesctl mount --read-only "$image")
    assert_eq ../run/systemd/resolve/stub-resolv.conf "$(readlink "$where/etc/resolv.conf")"
    piimagesctl umount "$image"
    # The same applies to a booted machine that shares the host's network; there, the image's systemd creates the file.
    as_user alice piimagesctl boot --name=names --network=host "$image"
    assert_eq "$(cat /etc/resolv.conf)" "$(as_user alice piimagesctl shell names cat /etc/resolv.conf)"
    as_user alice piimagesctl terminate names
}

# Link targets as resolvers and users write them.
test_a_resolv_conf_that_links_to_any_path_in_run_is_covered() {
    local image where target
    image=$(user_image alice armhf --boot-fs ext4)
    where=$(piimagesctl mount "$image")
    rm -rf "$where/var/run"
    ln -s /run "$where/var/run"
    piimagesctl umount "$image"
    for target in /run/x/resolv.conf ../run/x/resolv.conf ../../run/x/resolv.conf ../../../run/x/y /var/run/connman/resolv.conf \
        ../var/run/x; do
        where=$(piimagesctl mount "$image")
        ln -sfn "$target" "$where/etc/resolv.conf"
        piimagesctl umount "$image"
        assert_eq "$(cat /etc/resolv.conf)" "$(run "$image" -- cat /etc/resolv.conf)" "$target"
    done
}

test_a_missing_resolv_conf_is_not_created_in_the_image() {
    local image
    image=$(user_image alice armhf --boot-fs ext4)
    run "$image" -- rm /etc/resolv.conf 2>/dev/null || true
    where=$(piimagesctl mount "$image")
    rm "$where/etc/resolv.conf"
    piimagesctl umount "$image"
    run "$image" -- true
    assert_fails_with 1 'No such file' -- run "$image" -- cat /etc/resolv.conf
}

test_initramfs_modules_is_most_during_a_run() {
    local image
    image=$(printf '%s\n' '# MODULES: [ most | netboot | dep | list ]' 'MODULES=dep' 'COMPRESS=zstd' \
        | extra /etc/initramfs-tools/initramfs.conf)
    assert_eq 'MODULES=most COMPRESS=zstd' "$(run "$image" -- grep -v '^#' /etc/initramfs-tools/initramfs.conf | xargs)"
    where=$(piimagesctl mount --read-only "$image")
    assert_contains "$(cat "$where/etc/initramfs-tools/initramfs.conf")" MODULES=dep
    piimagesctl umount "$image"
}

test_a_kernel_package_writes_to_the_boot_partition() {
    local image place
    for place in /boot/firmware /boot; do
        rm -rf package
        image=$(real --boot-mountpoint "$place")
        kernel_package "$place"
        run --bind-ro "$WORK/kernel.deb:/run/kernel.deb" "$image" -- dpkg -i /run/kernel.deb >/dev/null
        # Read directly from the partition.
        debugfs -R 'cat /kernel7.img' "$image?offset=$((4 << 20))" >kernel 2>/dev/null
        assert_eq "a kernel" "$(cat kernel)" "the kernel on the partition of $place"
    done
}

test_apt_installs_a_real_arm_package() {
    local image deb=busybox.deb
    image=$(real)
    mkdir repository
    cp "${PIIMAGES_CACHE:-$HOME/.cache/piimages}/packages/armhf-busybox-static.deb" "repository/$deb"
    {
        dpkg-deb --field "repository/$deb"
        echo "Filename: ./$deb"
        echo "Size: $(stat --format %s "repository/$deb")"
        echo "SHA256: $(sha256sum "repository/$deb" | cut -d' ' -f1)"
    } >repository/Packages
    echo 'deb [trusted=yes] file:/run/repository ./' >repository/list
    run --bind-ro "$WORK/repository:/run/repository" "$image" -- sh -ec 'options="-o Dir::Etc::SourceList=/run/repository/list
        -o APT::Sandbox::User=root -o Debug::NoLocking=true"
        apt-get -qq $options update
        apt-get -qq $options --yes install busybox-static' >log 2>&1 || fail "apt-get said: $(tail -n 20 log)"
    assert_contains "$(run "$image" -- busybox uname -m)" armv7l
    assert_contains "$(run "$image" -- dpkg --status busybox-static)" "Status: install ok installed"
}
