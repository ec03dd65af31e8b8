# Name resolution works in machines, however the image is configured, and the image's /etc is unchanged.
# shellcheck shell=bash

# assert_resolves IMAGE: a command in it sees the host's resolv.conf, and the image's own files are unchanged.
assert_resolves() {
    local before
    before=$(checksum_in_image "$1" /etc)
    assert_eq "$(cat /etc/resolv.conf)" "$(run_in alice "$1" cat /etc/resolv.conf)" "resolv.conf within"
    assert_eq "$before" "$(checksum_in_image "$1" /etc)" "checksum of /etc"
}

test_a_resolv_conf_is_covered() {
    assert_resolves "$(pi_image alice)"
}

test_a_resolv_conf_that_is_a_dangling_link_is_covered() {
    local image target
    for target in ../run/systemd/resolve/stub-resolv.conf /run/NetworkManager/resolv.conf /run/resolvconf/resolv.conf; do
        image=$(pi_image alice)
        put_into_image "$image" "rm /etc/resolv.conf" "symlink /etc/resolv.conf $target"
        assert_resolves "$image"
    done
}

test_a_resolv_conf_that_links_to_a_file_of_the_image_is_covered() {
    local image
    image=$(pi_image alice)
    put_into_image "$image" "rm /etc/resolv.conf" "write /etc/hostname /etc/resolv.real" "symlink /etc/resolv.conf resolv.real"
    assert_resolves "$image"
}

test_a_missing_resolv_conf_is_not_created() {
    local image before
    image=$(pi_image alice)
    put_into_image "$image" "rm /etc/resolv.conf"
    before=$(checksum_in_image "$image" /etc)
    run_in alice "$image" true
    assert_eq "$before" "$(checksum_in_image "$image" /etc)" "checksum of /etc"
}

test_names_resolve_in_a_real_system_with_a_dangling_link() {
    local image
    image=$(user_image alice real --boot-fs ext4 --dangling-resolv-conf)
    assert_eq "$(cat /etc/resolv.conf)" "$(run_in alice "$image" cat /etc/resolv.conf)"
    assert_contains "$(run_in alice "$image" getent hosts localhost)" localhost
}

test_a_read_only_run_sees_the_hosts_resolv_conf() {
    local image
    image=$(pi_image alice)
    assert_eq "$(cat /etc/resolv.conf)" "$(as_user alice piimagesctl run --read-only "$image" -- cat /etc/resolv.conf)"
}
