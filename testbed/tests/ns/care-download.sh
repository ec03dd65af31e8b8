# Writing downloads to cards. As in care-write.sh, loop devices stand in for cards.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=120

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

assert_card_is_the_image() { # IMAGE
    cmp --bytes="$(stat --format %s "$1")" "$1" "$card" || fail "the card is not the image"
    assert_eq 0 "$(tail --bytes=1M "$WORK/card" | tr --delete '\0' | wc --bytes)" "bytes at the card's end that are not zero"
}

# The beginning of the card contains only zeros, so that no program mistakes the card for an image.
assert_card_has_no_table() { assert_eq 0 "$(head --bytes=1M "$WORK/card" | tr --delete '\0' | wc --bytes)" "bytes of the card's head"; }

# Creates an image with files between which there is no hole of 4 MiB, and sets "image" to its path. Its size is not a multiple of the size
# of a piece.
used_image() {
    image=$(image armhf --boot-fs ext4 --root-size 60)
    head --bytes=6M /dev/urandom >"$WORK/random"
    debugfs -w -R "write $WORK/random random" "$image?offset=$root_offset" 2>/dev/null
}

# Creates pi.img and pi.img.xz, a download of it.
create_download() {
    used_image
    mv "$image" pi.img
    xz -0 --threads=0 --keep pi.img
}

test_a_download_in_any_format_is_unpacked_to_the_card() {
    local image form said
    create_download
    gzip -1 --keep pi.img
    zstd --quiet -1 --keep pi.img
    tar --create --gzip --file pi.tar.gz pi.img
    zip --quiet -1 pi.zip pi.img
    for form in pi.img.xz pi.img.gz pi.img.zst pi.tar.gz pi.zip; do
        card_of 90
        said=$(write_to_card "$WORK/$form")
        assert_contains "$said" '"verified" b true'
        assert_contains "$said" '"compared" b false'
        assert_contains "$said" "\"size\" t $(stat --format %s pi.img)"
        assert_contains "$said" "\"sha256\" s \"$(sha256sum <"$form" | cut -d' ' -f1)\""
        assert_card_is_the_image "$WORK/pi.img"
        free_card
    done
}

test_checksums_are_compared_before_the_partition_table_is_written() {
    local image said wrong
    create_download
    # Checksums of the download, and of the image in it.
    sha256sum pi.img.xz >pi.img.xz.sha256
    sha256sum pi.img >SHA256SUMS
    card_of 90
    said=$(write_to_card "$WORK/pi.img.xz")
    assert_contains "$said" '"compared" b true'
    assert_matches "$said" '"checksum-files" as 2 '
    assert_card_is_the_image "$WORK/pi.img"
    free_card
    for wrong in SHA256SUMS pi.img.xz.sha256; do
        rm -f SHA256SUMS pi.img.xz.sha256
        # Checksums of another file, under both names.
        (sha256sum random | sed 's/random/pi.img.xz/'; sha256sum random | sed 's/random/pi.img/') >"$wrong"
        [[ $wrong == SHA256SUMS ]] || sed -i '2d' "$wrong"
        card_of 90
        assert_fails_with 1 "download it again.*only part of the image and no partition table" -- write_to_card "$WORK/pi.img.xz"
        assert_card_has_no_table
        free_card
    done
    card_of 90
    write_to_card "$WORK/pi.img.xz" no-verify b true >/dev/null
    assert_card_is_the_image "$WORK/pi.img"
    assert_fails_with 1 "download it again" -- write_to_card "$WORK/pi.img.xz" sha256 s "$(printf %064d 7)"
    assert_card_has_no_table
    write_to_card "$WORK/pi.img.xz" sha256 s "$(sha256sum <pi.img | cut -d' ' -f1)" >/dev/null
    assert_card_is_the_image "$WORK/pi.img"
    assert_fails_with 1 "this one is not packed" -- write_to_card "$WORK/pi.img" sha256 s "$(printf %064d 7)"
    free_card
}

test_a_download_without_an_image_leaves_the_card_unchanged() {
    local sum
    card_of 20
    sum=$(sum_of "$WORK/card")
    head --bytes=5M /dev/urandom | gzip >random.gz
    assert_fails_with 1 "do not begin with a partition table" -- write_to_card "$WORK/random.gz"
    : | xz >empty.xz
    assert_fails_with 1 "contains no image" -- write_to_card "$WORK/empty.xz"
    echo words >words
    tar --create --gzip --file words.tgz words
    assert_fails_with 1 "contains no file" -- write_to_card "$WORK/words.tgz"
    printf '\x1f\x8b\x08nothing more' >broken.gz
    assert_fails_with 1 "broken.gz" -- write_to_card "$WORK/broken.gz"
    assert_eq "$sum" "$(sum_of "$WORK/card")" "the card"
    free_card
}

test_a_truncated_or_too_large_image_leaves_no_partition_table() {
    local image download
    used_image
    xz -0 --threads=0 --keep --stdout "$image" >pi.img.xz
    head --bytes=4M pi.img.xz >truncated.img.xz
    # A complete download of a truncated image.
    head --bytes=50M "$image" | xz -0 --threads=0 >short.img.xz
    for download in truncated short; do
        card_of 90
        assert_fails_with 1 "only part of the image and no partition table" -- write_to_card "$WORK/$download.img.xz"
        assert_card_has_no_table
        free_card
    done
    card_of 30
    assert_fails_with 1 "use a larger card" -- write_to_card "$WORK/pi.img.xz"
    assert_card_has_no_table
    free_card
}

test_a_download_is_written_from_the_command_line() {
    local image before
    create_download
    sha256sum pi.img.xz >pi.img.xz.sha256
    card_of 90
    before=$(sum_of "$WORK/card")
    assert_contains "$(piimagesctl --quiet write --dry-run --not-removable pi.img.xz "$card")" "nothing was changed"
    assert_eq "$before" "$(sum_of "$WORK/card")" "the card"
    piimagesctl --quiet write --yes --not-removable pi.img.xz "$card" >said
    assert_contains "$(cat said)" "as published in pi.img.xz.sha256"
    assert_contains "$(cat said)" "written and read back"
    assert_card_is_the_image "$WORK/pi.img"
    free_card
    card_of 90
    piimagesctl --quiet write --yes --not-removable - "$card" <pi.img.xz >said
    assert_contains "$(cat said)" "SHA-256 of standard input"
    assert_card_is_the_image "$WORK/pi.img"
    free_card
    # An uncompressed image can be written in the same way.
    card_of 90
    piimagesctl --quiet write --yes --not-removable - "$card" <pi.img >said
    assert_sound_image "$card" "$(content_of "$WORK/pi.img")"
    assert_eq '' "$(find /var/tmp -maxdepth 1 -name '.standard-input-*')" "files left"
    free_card
}

test_cancelling_a_download_reports_the_state_of_the_card() {
    local image job
    used_image
    # Large enough to take a while.
    truncate --size=2G "$image"
    gzip -1 --stdout "$image" >pi.img.gz
    card_of 90
    job=$(start_job root WriteImage ssa{sv} "$WORK/pi.img.gz" "$card" 1 not-removable b true)
    wait_until 20 eval '! cmp --bytes=512 --quiet "$WORK/card" <(head --bytes=512 /dev/zero | tr "\0" X)'
    busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel || true
    assert_fails_with 1 "only part of the image and no partition table" -- await_job root "$job"
    assert_card_has_no_table
    wait_until 10 eval '! pgrep --exact gzip'
    free_card
}
