# --dry-run: announces exactly what the real run then does, and does not change a single byte.
# shellcheck shell=bash

# assert_announces IMAGE COMMAND...: the dry run changes nothing, and prints the same as the real run, except for a final reminder.
assert_announces() {
    local image=$1 before rehearsed said
    shift
    before=$(sum_of "$image"; stat --format '%i %Y %b' "$image"; ls -A "${image%/*}")
    rehearsed=$(as_user alice piimagesctl --quiet "$@" --dry-run)
    assert_contains "$rehearsed" 'nothing was changed'
    assert_eq "$before" "$(sum_of "$image"; stat --format '%i %Y %b' "$image"; ls -A "${image%/*}")" "the image and its directory"
    said=$(as_user alice piimagesctl --quiet "$@")
    assert_eq "$said" "${rehearsed%$'\n'*}" "what was foretold"
}

test_a_dry_run_announces_what_a_resize_does() {
    local image
    image=$(pi_image alice)
    assert_announces "$image" grow "$image" +100M
    assert_announces "$image" shrink --margin=8M "$image"
}

test_a_dry_run_announces_what_packing_and_copying_do() {
    local image
    image=$(pi_image alice)
    assert_announces "$image" copy "$image" "${image%/*}/copy.img"
    assert_announces "$image" pack "$image" "${image%/*}/copy.img.gz"
    assert_announces "$image" unpack "${image%/*}/copy.img.gz" "${image%/*}/again.img"
}

test_a_dry_run_fails_if_the_real_run_would_fail() {
    local image
    image=$(pi_image alice)
    assert_fails_with 2 'already exists' -- as_user alice piimagesctl --quiet copy --dry-run "$image" "$image"
    assert_fails_with 2 'already has .* bytes' -- as_user alice piimagesctl --quiet grow --dry-run "$image" 1M
}
