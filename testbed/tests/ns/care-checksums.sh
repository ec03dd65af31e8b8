# Verifying downloads against the checksum files that publishers put beside them, in all their formats.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=240

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# Creates a directory of alice's that contains a download, raspios.img.xz, and its content, and changes to it. Sets "packed" and "inside" to
# the checksums of the download and of its content, and "zero" to a wrong checksum.
create_download() {
    local image
    image=$(user_image alice armhf)
    mkdir "${image%/*}/download"
    cd "${image%/*}/download" || exit
    mv "$image" raspios.img
    xz -0k raspios.img
    chown -R alice .
    packed=$(sha256sum <raspios.img.xz) packed=${packed%% *}
    inside=$(sha256sum <raspios.img) inside=${inside%% *}
    printf -v zero %064d 0
}

unpack() {
    rm -f o.img
    as_user alice piimagesctl unpack "$@" raspios.img.xz o.img
}

# assert_unpack_fails REGEX [STATUS]: unpacking fails with this error, and leaves no file.
assert_unpack_fails() {
    assert_fails_with "${2:-1}" "$1" -- unpack
    [[ ! -e o.img ]] || fail "something was kept"
    assert_eq "" "$(find . -name '.piimages*')" "hidden files"
}

# assert_verified_by FILE: unpacking succeeds, and the output names the file with which the download was compared.
assert_verified_by() {
    assert_contains "$(unpack)" "$packed, as published in $1"
    cmp raspios.img o.img || fail "the content differs"
}

test_a_wrong_checksum_in_any_format_is_an_error() {
    create_download
    echo "SHA256 (raspios.img.xz) = $zero" >raspios.img.xz.sha256
    assert_unpack_fails "SHA-256 is $packed, but raspios.img.xz.sha256 says $zero"
    printf '\357\273\277%s  raspios.img.xz\r\n' "$zero" >raspios.img.xz.sha256
    assert_unpack_fails "but raspios.img.xz.sha256 says $zero"
    printf '%s *raspios.img.xz\r\n' "$zero" | iconv -f UTF-8 -t UTF-16 >raspios.img.xz.sha256
    assert_unpack_fails "but raspios.img.xz.sha256 says $zero"
    echo "$zero" >raspios.img.xz.sha256
    assert_unpack_fails "and that of the image in it $inside, but raspios.img.xz.sha256 says $zero"
    rm raspios.img.xz.sha256
    for list in SHA256SUMS sha256sum.txt sha256sums CHECKSUM Fedora-CHECKSUM; do
        printf '%s  other.img.xz\n%s  ./raspios.img.xz\n' "$packed" "$zero" >"$list"
        assert_unpack_fails "but $list says $zero"
        rm "$list"
    done
    echo "$zero$zero  raspios.img.xz" >raspios.img.xz.sha512
    assert_unpack_fails "SHA-512 is .* but raspios.img.xz.sha512 says 000"
    rm raspios.img.xz.sha512
    echo "${zero:0:32}  raspios.img.xz" >raspios.img.xz.md5
    assert_unpack_fails "MD5 is .* but raspios.img.xz.md5 says 000"
    rm raspios.img.xz.md5
    echo "$zero  raspios.img" >SHA256SUMS
    assert_unpack_fails "SHA-256 of the image in it is $inside, but SHA256SUMS says $zero"
}

test_a_matching_checksum_is_reported_with_its_file() {
    create_download
    sha256sum raspios.img >raspios.img.xz.sha256
    assert_verified_by raspios.img.xz.sha256
    sha256sum --tag raspios.img.xz >raspios.img.xz.sha256
    assert_verified_by raspios.img.xz.sha256
    echo "${inside^^}" >raspios.img.xz.sha256
    assert_verified_by raspios.img.xz.sha256
    sha512sum -b raspios.img.xz >SHA512SUMS
    assert_verified_by "SHA512SUMS, raspios.img.xz.sha256"
    rm raspios.img.xz.sha256 SHA512SUMS
    sha256sum raspios.img >raspios.img.sha256
    assert_verified_by raspios.img.sha256
    rm raspios.img.sha256
    md5sum raspios.img.xz >MD5SUMS
    assert_contains "$(unpack)" "as published in MD5SUMS by MD5, which detects damage but not forgery"
    rm MD5SUMS
    # A symbolic link to the download, with another name.
    sha256sum raspios.img.xz >SHA256SUMS
    mkdir elsewhere
    ln -s ../raspios.img.xz elsewhere/latest.img.xz
    chown alice elsewhere
    assert_contains "$(as_user alice piimagesctl unpack elsewhere/latest.img.xz)" "as published in SHA256SUMS"
    # In a directory that can be entered but not listed.
    mv raspios.img.xz SHA256SUMS elsewhere/
    chmod 711 elsewhere && chown root elsewhere
    assert_contains "$(as_user alice piimagesctl unpack elsewhere/raspios.img.xz "$PWD/o2.img")" "as published in SHA256SUMS"
}

test_an_unusable_checksum_file_is_an_error() {
    create_download
    echo "<html>not found</html>" >raspios.img.xz.sha256
    assert_unpack_fails "raspios.img.xz.sha256 beside it contains no checksum in a known format.*--no-verify"
    echo "${packed:0:60}  raspios.img.xz" >raspios.img.xz.sha256
    assert_unpack_fails "line 1 of raspios.img.xz.sha256 does not consist of a checksum and a name"
    sha256sum raspios.img.xz >raspios.img.xz.sha256
    chmod 0 raspios.img.xz.sha256
    assert_unpack_fails "cannot read its checksum file raspios.img.xz.sha256.*--no-verify" 4
    ln -sf nowhere raspios.img.xz.sha256
    assert_unpack_fails "cannot read its checksum file raspios.img.xz.sha256" 3
    rm raspios.img.xz.sha256
    printf '%s  raspios.img.xz\n%s  raspios.img.xz\n' "$packed" "$zero" >SHA256SUMS
    assert_unpack_fails "two different SHA-256 checksums"
    b2sum raspios.img.xz >raspios.img.xz.b2
    rm SHA256SUMS
    assert_unpack_fails "by an unknown function"
}

test_a_checksum_list_without_the_download_is_reported() {
    create_download
    echo "$zero  other.img.xz" >SHA256SUMS
    echo "$zero" >other.img.xz.sha256
    assert_contains "$(unpack)" "not verified, no checksum found: it is not listed in SHA256SUMS"
    assert_contains "$(unpack --json=short)" '"silent-files":["SHA256SUMS"]'
}

test_a_checksum_on_the_command_line_replaces_those_in_files() {
    create_download
    echo "$zero  raspios.img.xz" >SHA256SUMS
    assert_contains "$(unpack --sha256="$packed")" "as given"
    assert_contains "$(unpack --sha256="${inside^^}")" "as given"
    assert_contains "$(unpack --no-verify)" "not verified, as requested"
    rm SHA256SUMS
    assert_fails_with 1 "but the given checksum says $zero" -- unpack --sha256="$zero"
    assert_fails_with 2 "64 hexadecimal digits" -- unpack --sha256=
    assert_fails_with 2 "mutually exclusive" -- unpack --sha256="$packed" --no-verify
    assert_fails_with 1 "64 hexadecimal digits" -- run_job alice UnpackImage ssa{sv} "$PWD/raspios.img.xz" "$PWD/o.img" 1 sha256 s ""
    assert_fails_with 1 "but the given checksum says" -- unpack --dry-run --sha256="$zero"
    [[ ! -e o.img ]] || fail "something was kept"
}

test_checksums_are_found_by_the_name_of_the_image_in_an_archive() {
    create_download
    mv raspios.img inner.img
    zip -q pi.zip inner.img
    echo "$zero  inner.img" >SHA256SUMS
    assert_fails_with 1 "SHA-256 of the image in it is $inside, but SHA256SUMS says" -- as_user alice piimagesctl unpack pi.zip
    [[ ! -e pi.img ]] || fail "something was kept"
    sha256sum inner.img >SHA256SUMS
    assert_contains "$(as_user alice piimagesctl unpack pi.zip)" "as published in SHA256SUMS"
}

test_too_many_checksums_are_an_error() {
    local number
    create_download
    head -c 200K /dev/zero | tr '\0' '#' >other-0.img.xz.sha256
    for number in {1..30}; do ln other-0.img.xz.sha256 "other-$number.img.xz.sha256"; done
    assert_unpack_fails "has more than 4 MiB of checksum files; to continue, specify the checksum with --sha256=HEX"
    unpack "--sha256=$packed"
    rm other-*
    printf 'a\n%.0s' {1..30000} >SHA256SUMS
    assert_unpack_fails "has more than 20000 lines of checksums"
}
