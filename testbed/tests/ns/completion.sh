# Command line completion, in the shells for which it is written.
# shellcheck shell=bash

in_bash() { as_user alice timeout 20 env HOME="$WORK" "$programs/bash-completion" /usr/share/bash-completion/completions/piimagesctl "$1"; }

test_bash_completes_commands_options_machines_images_and_files() {
    local image
    image=$(pi_image alice)
    assert_eq 'piimagesctl interpreters ' "$(in_bash 'piimagesctl interp')"
    assert_eq 'piimagesctl list --json=pretty ' "$(in_bash 'piimagesctl list --json=pr')"
    assert_eq 'piimagesctl run --network private ' "$(in_bash 'piimagesctl run --network p')"
    assert_eq 'piimagesctl run --ephemeral ' "$(in_bash 'piimagesctl run --ephe')"
    assert_eq "piimagesctl mount $image " "$(in_bash "piimagesctl mount ${image%.img}")"
    assert_eq "piimagesctl fetch $image " "$(in_bash "piimagesctl fetch ${image%.img}")"
    assert_eq 'piimagesctl fetch --keep-packed ' "$(in_bash 'piimagesctl fetch --keep')"
    assert_eq 'piimagesctl register-interpreter aarch64 ' "$(in_bash 'piimagesctl register-interpreter aa')"
    mount_image alice "$image" >/dev/null
    assert_eq "piimagesctl -q umount --no-ask-password $image " "$(in_bash "piimagesctl -q umount --no-ask-password ${image%????}")"
    umount_image alice "$image"
    start_machine alice "$image" bench sleep 300
    assert_eq 'piimagesctl terminate bench ' "$(in_bash 'piimagesctl terminate ')"
    machinectl terminate bench
    wait "$runner" || true
}

# Keys that zsh receives while it starts may be lost, and then it waits for them, so retry.
in_zsh() {
    local attempt
    for attempt in 1 2 3 4 5; do
        as_user alice timeout 8 env HOME="$WORK" "$programs/zsh-completion" /usr/share/zsh/vendor-completions "$1" && return
    done
    fail "zsh said nothing, $attempt times"
}
in_fish() { as_user alice env HOME="$WORK" fish --no-config --command "source /usr/share/fish/vendor_completions.d/piimagesctl.fish; complete --do-complete '$1'"; }

test_zsh_completes_commands_options_machines_and_files() {
    local image
    image=$(pi_image alice)
    assert_eq 'piimagesctl interpreters ' "$(in_zsh 'piimagesctl interp')"
    assert_eq 'piimagesctl list --json=pretty ' "$(in_zsh 'piimagesctl list --json=pr')"
    assert_eq "piimagesctl mount $image " "$(in_zsh "piimagesctl mount ${image%.img}")"
    assert_eq 'piimagesctl fetch --keep-packed ' "$(in_zsh 'piimagesctl fetch --keep')"
    start_machine alice "$image" bench sleep 300
    assert_eq 'piimagesctl terminate bench ' "$(in_zsh 'piimagesctl terminate ')"
    machinectl terminate bench
    wait "$runner" || true
}

test_fish_completes_commands_options_machines_and_images() {
    local image
    image=$(pi_image alice)
    assert_matches "$(in_fish 'piimagesctl interp')" '^interpreters'
    assert_contains "$(in_fish 'piimagesctl run --network=')" '--network=private'
    mount_image alice "$image" >/dev/null
    assert_contains "$(in_fish 'piimagesctl umount /')" "$image"
    umount_image alice "$image"
    start_machine alice "$image" bench sleep 300
    assert_eq bench "$(in_fish 'piimagesctl terminate ')"
    machinectl terminate bench
    wait "$runner" || true
}
