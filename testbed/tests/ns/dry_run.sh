# --dry-run: announces exactly what the real run then does, and does not change a single byte.
# shellcheck shell=bash

# rehearse_and_do IMAGE COMMAND...: the real run prints the same, except for the reminder.
rehearse_and_do() {
    local image=$1 before rehearsed said
    shift
    before=$(sum_of "$image"; stat --format '%i %Y %b' "$image"; ls -A "${image%/*}")
    rehearsed=$(as_user alice piimagesctl --quiet "$@" --dry-run)
    assert_contains "$rehearsed" 'nothing was changed'
    assert_eq "$before" "$(sum_of "$image"; stat --format '%i %Y %b' "$image"; ls -A "${image%/*}")" "the image and its directory"
    said=$(as_user alice piimagesctl --quiet "$@")
    assert_eq "$said" "${rehearsed%$'\n'*}" "what was foretold"
}

test_what_is_foretold_of_a_resize_comes_true() {
    local image
    image=$(pi_image alice)
    rehearse_and_do "$image" grow "$image" +100M
    rehearse_and_do "$image" shrink --margin=8M "$image"
}

test_what_is_foretold_of_packing_and_copying_comes_true() {
    local image
    image=$(pi_image alice)
    rehearse_and_do "$image" copy "$image" "${image%/*}/copy.img"
    rehearse_and_do "$image" pack "$image" "${image%/*}/copy.img.gz"
    rehearse_and_do "$image" unpack "${image%/*}/copy.img.gz" "${image%/*}/again.img"
}

test_what_would_fail_fails_in_the_rehearsal() {
    local image
    image=$(pi_image alice)
    assert_fails_with 2 'already exists' -- as_user alice piimagesctl --quiet copy --dry-run "$image" "$image"
    assert_fails_with 2 'already has .* bytes' -- as_user alice piimagesctl --quiet grow --dry-run "$image" 1M
}
