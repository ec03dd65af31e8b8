# Tools of the host's in emulated runs: faster, the same files, and nothing left of them.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=300

debian_image() { user_image alice real --boot-fs ext4; }

run() { as_user alice piimagesctl run "$@"; }

test_an_emulated_run_uses_the_hosts_tools_and_says_so() {
    local image shown
    image=$(debian_image)
    start_machine alice "$image" fast sleep 300
    shown=$(as_user alice piimagesctl status --machine fast 2>/dev/null || busctl get-property org.example.PiImages \
        /org/example/PiImages/machines/fast org.example.PiImages.Machine HostTools)
    assert_contains "$shown" coreutils
    assert_contains "$shown" dpkg
    assert_contains "$shown" perl-base
    machinectl terminate fast
    wait "$runner" || true
}

test_what_answers_for_the_cpu_is_the_images_own() {
    local image
    image=$(debian_image)
    assert_eq "armv7l armhf armhf" "$(run "$image" -- sh -c 'echo $(uname -m) $(dpkg --print-architecture) $(dpkg-query --show --showformat "\${Architecture}" dash)')"
    assert_eq arm-linux-gnueabihf-thread-multi-64int "$(run "$image" -- perl -MConfig -e 'print $Config{archname}')"
    assert_eq "$(run --host-tools=off "$image" -- env)" "$(run "$image" -- env)"
}
