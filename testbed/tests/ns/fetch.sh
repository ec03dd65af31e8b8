# Fetching what publishers offer, from a local server: lists of operating systems, and images.
# shellcheck shell=bash disable=SC2154
time_limit=120
# shellcheck source=testbed/tests/web
. "$testbed/tests/web"

# Creates alice's directory "here", and the directory "web" with pi.img.xz, which is to be served. Sets "here" and "web" to their paths, and
# "sum" and "packed_sum" to the checksums of the image and of the download.
create_directories() {
    local image
    image=$(pi_image alice armhf)
    here=$(dirname "$image")/here web=$WORK/web
    install -d -o alice "$here"
    mkdir "$web"
    mv "$image" "$web/pi.img"
    xz -0 --keep "$web/pi.img"
    sum=$(sha256sum <"$web/pi.img" | cut -c -64) packed_sum=$(sha256sum <"$web/pi.img.xz" | cut -c -64)
}

# entry NAME URL [FIELDS]: prints an entry of a list.
entry() {
    printf '{"name": "%s", "url": "%s", "extract_size": %s, "release_date": "2026-11-24", "devices": ["pi4-64bit", "pi5-64bit"]%s}' \
        "$1" "$2" "$(stat --format %s "$web/pi.img")" "${3:+, $3}"
}

# sums [DOWNLOAD [IMAGE]]: prints the fields of an entry that contain these checksums.
sums() { printf '"image_download_sha256": "%s", "extract_sha256": "%s"' "${1:-$packed_sum}" "${2:-$sum}"; }

# write_list FILE ENTRY...
write_list() { (IFS=,; echo "{\"os_list\": [${*:2}]}") >"$1"; }

# Additional environment variables of piimagesctl.
environment=()
ctl() { (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" "${environment[@]}" piimagesctl "$@"); }

# fetch_or_fail ARGUMENT...: writes the output to "said".
fetch_or_fail() { ctl fetch "$@" >said 2>&1 || fail "fetch ended with $? and said: $(cat said)"; }

# fetch_fails STATUS REGEX ARGUMENT...: fails with an error of one line, and creates no file.
fetch_fails() {
    local before
    before=$(ls "$here")
    assert_fails_with "$1" "^piimagesctl: [^"$'\n'"]*$2" -- ctl --quiet fetch "${@:3}"
    assert_eq "$before" "$(ls "$here")" "files of alice's"
}

nothing_is_left() { assert_eq '' "$(find "$here" -path "$here/.cache" -prune -o -name '.*' -print)" "files left"; }

test_a_list_is_shown_with_the_lists_to_which_it_refers() {
    create_directories
    serve "$web"
    # Two lists that refer to each other.
    write_list "$web/more.json" "$(entry Deep "$open/pi.img.xz")" "{\"name\": \"back\", \"subitems_url\": \"$secure/list.json\"}"
    write_list "$web/list.json" "$(entry One "$open/pi.img.xz")" \
        "{\"name\": \"Other\", \"subitems\": [$(entry Two "$open/pi.img.xz"), {\"name\": \"Far\", \"subitems_url\": \"$secure/more.json\"}]}" \
        "{\"name\": \"gone\", \"subitems_url\": \"$secure/gone.json\"}" "$(entry '\u001b[31mred' "$open/pi.img.xz")"
    fetch_or_fail "$secure/list.json"
    assert_matches "$(cat said)" 'NAME +SIZE +DOWNLOAD +RELEASED +DEVICES'
    assert_matches "$(cat said)" $'\n''One +[0-9.]+ MiB +- +2026-11-24 +pi4-64bit pi5-64bit'
    assert_matches "$(cat said)" $'\n''Other / Two '
    assert_matches "$(cat said)" $'\n''Other / Far / Deep '
    assert_contains "$(cat said)" '\x1b[31mred'
    assert_contains "$(cat said)" "4 images listed."
    assert_matches "$(cat said)" "the list is incomplete: cannot read the list $secure/gone.json: the server returned status 404"
    assert_eq "$(printf '/%s.json \n' gone list more)" "$(asked | sort)"
    ctl --json=short fetch "$secure/list.json" >json 2>/dev/null
    assert_eq '["Other", "Far"] Deep 2026-11-24' \
        "$(python3 -c 'import json, sys; e = json.load(sys.stdin)[-1]; print(json.dumps(e["groups"]), e["name"], e["released"])' <json)"
}

test_an_image_is_fetched_by_its_name() {
    create_directories
    serve "$web"
    write_list "$web/list.json" "$(entry 'Pi OS (64-bit)' "$open/pi.img.xz" "$(sums)")" "$(entry 'Pi OS (32-bit)' "$open/none.img.xz" "$(sums)")"
    fetch_or_fail --dry-run "$secure/list.json" 64
    assert_contains "$(cat said)" "URL: $open/pi.img.xz (to be downloaded)"
    assert_contains "$(cat said)" "file: $here/pi.img (unpacked)"
    assert_contains "$(cat said)" "compared with: the checksums in the list (image_download_sha256, extract_sha256)"
    [[ ! -e $here/pi.img ]] || fail "the dry run has made it"
    fetch_fails 2 "'pi os' is ambiguous in the list .*; specify one of 'Pi OS \(64-bit\)', 'Pi OS \(32-bit\)'" "$secure/list.json" 'pi os'
    fetch_fails 3 "there is no 'none' in the list" "$secure/list.json" none
    fetch_or_fail "$secure/list.json" 'Pi OS (64-bit)'
    cmp "$web/pi.img" "$here/pi.img"
    assert_eq alice "$(stat --format %U "$here/pi.img")"
    assert_matches "$(tail -n 1 said)" "^$here/pi.img: [0-9.]+ MiB \(verified: the checksums in the list"
    assert_contains "$(ctl cache)" "$open/pi.img.xz"
    # A second time, from the cache, as it was downloaded.
    rm "$web/pi.img.xz"
    fetch_or_fail --keep-packed "$secure/list.json" 64 copy.img.xz
    assert_eq "$packed_sum" "$(sha256sum <"$here/copy.img.xz" | cut -c -64)"
    ctl --json=short fetch "$secure/list.json" 64 second.img >json
    assert_contains "$(cat json)" '"verified":true'
    cmp "$web/pi.img" "$here/second.img"
    nothing_is_left
}

test_a_download_is_resumed_after_the_connection_was_cut() {
    local size
    create_directories
    serve_openly "$web"
    write_list "$here/list.json" "$(entry Pi "$open/pi.img.xz" "$(sums)")"
    size=$(stat --format %s "$web/pi.img.xz")
    served_as pi.img.xz cut $((size / 2))
    fetch_fails 1 "cannot download $open/pi.img.xz: .*; repeat the command to resume the download" list.json pi
    assert_contains "$(ctl cache)" "$open/pi.img.xz (incomplete)"
    rm "$web/.server/pi.img.xz.cut"
    fetch_or_fail --dry-run list.json pi
    assert_contains "$(cat said)" "(to be resumed"
    fetch_or_fail list.json pi
    cmp "$web/pi.img" "$here/pi.img"
    assert_matches "$(asked | tail -n 1)" "/pi.img.xz bytes=[1-9][0-9]*-"
    assert_lacks "$(ctl cache)" incomplete
    nothing_is_left
}

test_a_download_that_differs_from_the_list_is_not_kept() {
    local wrong
    create_directories
    serve_openly "$web"
    wrong=$(printf %064d 7)
    write_list "$here/packed.json" "$(entry Pi "$open/pi.img.xz" "$(sums "$wrong")")"
    write_list "$here/image.json" "$(entry Pi "$open/pi.img.xz" "$(sums "$packed_sum" "$wrong")")"
    write_list "$here/size.json" "$(entry Pi "$open/pi.img.xz" "$(sums), \"image_download_size\": 7")"
    fetch_fails 1 "the SHA-256 of the download $open/pi.img.xz is $packed_sum, but the list says $wrong" packed.json pi
    assert_lacks "$(ctl cache)" incomplete
    fetch_fails 1 "bytes, but the list says 7 bytes" size.json pi
    fetch_fails 1 "pi.img.xz.*; no file was created; to discard the download: piimagesctl cache remove [0-9a-f]{12}" image.json pi
    fetch_fails 1 "no file was created" --sha256 "$wrong" "$open/pi.img.xz"
    fetch_fails 1 "no file was created" --sha256 "$wrong" --keep-packed "$open/pi.img.xz"
    # The server reports a wrong length.
    ctl cache remove
    served_as pi.img.xz length 9999999
    fetch_fails 1 "cannot download" image.json pi
    nothing_is_left
}

test_an_endless_download_is_stopped_before_the_disk_is_full() {
    create_directories
    serve_openly "$web"
    write_list "$here/list.json" "$(entry Pi "$open/pi.img.xz" "$(sums)")"
    served_as pi.img.xz endless yes
    install -d -o alice "$here/.cache"
    mount -t tmpfs -o size=90M,mode=777 tmpfs "$here/.cache"
    trap 'kill "$server"; umount "$here/.cache"' EXIT
    fetch_fails 1 "there is no space for more than [0-9]+ MiB of it" list.json pi
    assert_contains "$(ctl cache)" "The cache is empty."
    # A download that is too large for the free space is not even begun.
    rm "$web/.server/pi.img.xz.endless"
    served_as pi.img.xz length 999999999
    fetch_fails 1 "it needs 953 MiB in .*, where [0-9]+ MiB are free" list.json pi
    nothing_is_left
}

test_an_existing_file_is_not_overwritten() {
    create_directories
    serve_openly "$web"
    write_list "$here/list.json" "$(entry Pi "$open/pi.img.xz" "$(sums)")"
    as_user alice bash -c "echo mine >'$here/pi.img'"
    fetch_fails 2 "$here/pi.img already exists; remove it, or specify another name" list.json pi
    fetch_fails 3 "there is no directory $here/none" list.json pi none/pi.img
    fetch_fails 4 "is not writable for you" list.json pi /etc/pi.img
    assert_eq '' "$(asked)" "requests"
    assert_eq mine "$(cat "$here/pi.img")"
}

test_a_url_requires_a_checksum() {
    create_directories
    serve "$web"
    fetch_fails 1 "there is no checksum file for pi.img.xz beside it; specify .*--sha256=HEX, or .*--no-verify" "$secure/pi.img.xz"
    fetch_fails 2 "http does not authenticate the server" "$open/pi.img.xz"
    fetch_or_fail --sha256="$packed_sum" "$open/pi.img.xz" given.img
    fetch_or_fail --no-verify "$secure/pi.img.xz" unverified.img
    assert_contains "$(cat said)" "(compared with nothing, as requested)"
    (cd "$web" && sha256sum pi.img.xz pi.img >SHA256SUMS)
    fetch_or_fail "$secure/pi.img.xz" listed.img
    assert_contains "$(cat said)" "(verified: the checksum files beside it)"
    # An uncompressed image.
    fetch_or_fail "$secure/pi.img"
    for name in given unverified listed pi; do
        cmp "$web/pi.img" "$here/$name.img"
        rm "$here/$name.img"
    done
    ctl cache remove
    echo "$(printf %064d 7)  pi.img.xz" >"$web/SHA256SUMS"
    fetch_fails 1 "no file was created" "$secure/pi.img.xz"
    nothing_is_left
}

test_the_file_name_may_be_in_the_url_of_a_redirection() {
    create_directories
    serve "$web"
    (cd "$web" && sha256sum pi.img.xz >pi.img.xz.sha256)
    served_as latest redirect newest
    served_as newest redirect "/directory/pi.img.xz"
    fetch_or_fail "$secure/latest"
    cmp "$web/pi.img" "$here/pi.img"
    assert_contains "$(ctl cache)" "$secure/directory/pi.img.xz"
    assert_contains "$(asked)" "/directory/pi.img.xz.sha256"
    # Recipes use the same download until it is removed.
    printf 'FROM %s\n' "$secure/latest" | as_user alice tee "$here/new.Pifile" >/dev/null
    served_as latest redirect none
    ctl build new.Pifile >said 2>&1 || true
    assert_contains "$(cat said)" "$secure/latest: the server returned status 404; check the URL"
    served_as latest redirect newest
    ctl build new.Pifile >said 2>&1 || fail "the build said: $(cat said)"
    served_as latest redirect none
    ctl build new.Pifile >said 2>&1 || fail "the build said: $(cat said)"
}

test_the_file_name_may_be_in_the_answer_of_the_server() {
    create_directories
    serve "$web"
    mv "$web/pi.img.xz" "$web/get"
    served_as get disposition 'attachment; filename="../../pi.img.xz"'
    fetch_fails 1 "there is no checksum file for pi.img.xz beside it; specify the checksum with --sha256" "$secure/get"
    served_as get cut 5000
    fetch_fails 1 "repeat the command to resume the download" --sha256="$packed_sum" "$secure/get"
    rm "$web/.server/get.cut"
    fetch_or_fail --sha256="$packed_sum" "$secure/get"
    assert_matches "$(asked | tail -n 1)" "/get bytes=5000-"
    cmp "$web/pi.img" "$here/pi.img"
    assert_contains "$(ctl cache)" "$secure/get#filename=pi.img.xz"
    printf 'FROM %s\n' "$secure/get" | as_user alice tee "$here/new.Pifile" >/dev/null
    ctl build --no-verify new.Pifile >said 2>&1 || fail "the build said: $(cat said)"
    nothing_is_left
}

test_requests_are_sent_to_the_proxy() {
    create_directories
    serve "$web"
    environment=(http_proxy="http://alice:secret@${open#http://}/" https_proxy="alice:secret@${open#http://}" no_proxy=127.0.0.1)
    fetch_or_fail --sha256="$packed_sum" http://images.invalid/pi.img.xz
    assert_matches "$(asked)" 'http://images.invalid/pi.img.xz'
    assert_eq '' "$(asked | grep --invert-match '^http://images.invalid/' || true)" "questions to others"
    cmp "$web/pi.img" "$here/pi.img"
    rm "$here/pi.img"
    fetch_or_fail --no-verify "$secure/pi.img.xz"
    assert_matches "$(asked | tail -n 1)" '^/pi.img.xz'
    fetch_fails 1 "the proxy $open \(https_proxy\) cannot connect to images.invalid \(status 501\); check the URL, or exclude" \
        --no-verify https://images.invalid/pi.img.xz
    environment=(ALL_PROXY=alice:secret@127.0.0.1:1)
    fetch_fails 1 "the proxy http://127.0.0.1:1 \(ALL_PROXY\) cannot be reached: [^;]*; check the variable" https://images.invalid/pi.img.xz
    environment=(all_proxy=socks5h://alice:secret@127.0.0.1)
    fetch_fails 1 "the variable all_proxy specifies a proxy of the type socks5h, which is not supported" https://images.invalid/list.json
    nothing_is_left
}

# keys ARGUMENT...: runs keytool(1) on key stores of this test.
keys() {
    local said
    said=$(keytool -J-XX:-UsePerfData -storepass changeit "$@" 2>&1) || fail "keytool $1: $said"
}

# The server uses a certificate that expired a week ago, issued by a trusted authority.
serve_expired() {
    keys -genkeypair -keystore authority.p12 -alias authority -keyalg EC -dname CN=authority -ext bc:c
    keys -exportcert -keystore authority.p12 -alias authority -rfc -file authority.pem
    keys -genkeypair -keystore server.p12 -alias server -keyalg EC -dname CN=server
    keys -certreq -keystore server.p12 -alias server -file request
    keys -gencert -keystore authority.p12 -alias authority -infile request -outfile "$web/.server/cert.pem" -rfc \
        -ext SAN=ip:127.0.0.1 -startdate -9d -validity 2
    openssl pkcs12 -in server.p12 -passin pass:changeit -nodes -nocerts -out "$web/.server/key.pem" 2>/dev/null
    keys -importcert -noprompt -cacerts -alias authority -file authority.pem
    kill "$server"
    serve_openly "$web"
}

test_only_valid_certificates_are_accepted() {
    create_directories
    serve "$web"
    (cd "$web" && sha256sum pi.img.xz >pi.img.xz.sha256)
    served_as pi.img.xz cut 5000
    fetch_fails 1 "repeat the command to resume the download" "$secure/pi.img.xz"
    rm "$web/.server/pi.img.xz.cut"
    fetch_or_fail "$secure/pi.img.xz"
    assert_matches "$(asked | tail -n 1)" "/pi.img.xz bytes=5000-"
    ctl cache remove
    rm "$here/pi.img"
    fetch_fails 1 "certificate is not valid for this server: .*localhost" "${secure/127.0.0.1/localhost}/pi.img.xz"
    keytool -J-XX:-UsePerfData -delete -cacerts -storepass changeit -alias testbed >/dev/null 2>&1
    fetch_fails 1 "not issued by an authority that Java trusts here; to add one, see update-ca-certificates" "$secure/pi.img.xz"
    # An authority is added as by an administrator.
    may_change '/etc/ssl/certs/**' '/usr/local/share/ca-certificates/**' '/etc/ca-certificates/**' '/etc/ca-certificates.conf'
    # update-ca-certificates runs Java and a trigger of dpkg's.
    may_change '/tmp/hsperfdata_root' '/tmp/hsperfdata_root/**' '/var/lib/dpkg/**' '/var/log/dpkg.log'
    cp "$web/.server/cert.pem" /usr/local/share/ca-certificates/testbed.crt
    update-ca-certificates >ca 2>&1 || fail "update-ca-certificates: $(cat ca)"
    fetch_or_fail "$secure/pi.img.xz"
    ctl cache remove
    rm "$here/pi.img"
    serve_expired
    fetch_fails 1 "certificate has expired" "$secure/pi.img.xz"
    mv /etc/ssl/certs/java/cacerts cacerts
    fetch_fails 1 "install ca-certificates-java" "$secure/pi.img.xz"
    mv cacerts /etc/ssl/certs/java/cacerts
}

test_hostile_lists_and_servers_do_no_harm() {
    create_directories
    serve "$web"
    echo secret >"$here/secret.img.gz"
    write_list "$here/list.json" "$(entry File "file://$here/secret.img.gz" "$(sums)")" "$(entry Line "$open/a%0Ab.img.xz" "$(sums)")" \
        "$(entry Above "$open/..%2F..%2Fpi.img.xz" "$(sums)")" "{\"name\": \"passwd\", \"subitems_url\": \"/etc/passwd\"}" \
        "{\"name\": \"Down\", \"subitems_url\": \"$secure/down.json\"}"
    served_as down.json redirect "$open/list.json"
    served_as down.img.xz redirect "$open/pi.img.xz"
    fetch_or_fail list.json
    assert_contains "$(cat said)" "refers to the list '/etc/passwd', which is not a URL"
    assert_contains "$(cat said)" "$secure/down.json: the server redirects from https to $open/list.json"
    fetch_fails 2 "'File' of the list list.json: file://$here/secret.img.gz is a local file" list.json File
    fetch_fails 2 "does not end with a file name" list.json Line
    fetch_fails 1 "redirects from https to http" --no-verify "$secure/down.img.xz"
    # The file is created in the current directory, whatever the URL contains.
    served_as '..%2F..%2Fpi.img.xz' redirect "$open/pi.img.xz"
    fetch_or_fail list.json Above
    cmp "$web/pi.img" "$here/pi.img"
    echo '{"os_list": 7}' >"$web/wrong.img.xz"
    fetch_fails 1 "has no os_list, .*; it begins as JSON does, so it was not taken for an image" "$secure/wrong.img.xz"
    head --bytes=5M /dev/zero | tr '\0' '[' >"$web/large.json"
    fetch_fails 1 "it is larger than 4 MiB" "$secure/large.json"
    head --bytes=1M /dev/zero | tr '\0' '[' >"$web/deep.json"
    fetch_fails 1 "large.json|deep.json" "$secure/deep.json"
    nothing_is_left
}

test_progress_is_shown_on_a_terminal() {
    create_directories
    serve_openly "$web"
    served_as pi.img.xz slow $(($(stat --format %s "$web/pi.img.xz") / 15))
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" script --quiet --return --command \
        "piimagesctl fetch --sha256=$packed_sum $open/pi.img.xz" /dev/null) </dev/null >said 2>&1 || fail "it said: $(cat said)"
    assert_contains "$(cat said)" "downloading $open/pi.img.xz"
    assert_matches "$(cat said)" $'\r\e\\[Kdownload \\[#+-*\\] +[1-9][0-9]?% of [0-9.]+ [KM]iB, [0-9.]+ [KM]?i?B/s, 0:0[0-9] left'
    cmp "$web/pi.img" "$here/pi.img"
}

test_a_download_can_be_resumed_after_ctrl_c() {
    local fetcher status=0
    create_directories
    serve_openly "$web"
    write_list "$here/list.json" "$(entry Pi "$open/pi.img.xz" "$(sums)")"
    served_as pi.img.xz slow 4096
    (cd "$here" && as_user alice env --default-signal=INT XDG_CACHE_HOME="$here/.cache" piimagesctl fetch list.json pi) >said 2>&1 &
    fetcher=$!
    wait_until 30 eval 'test -s "$here"/.cache/piimages/downloads/*/.pi.img.xz.part'
    pkill --signal INT --uid alice --full "piimages-cli.jar fetch"
    wait "$fetcher" || status=$?
    assert_eq 130 "$status" "exit status of what was interrupted, which said $(cat said)"
    assert_eq list.json "$(ls "$here")"
    nothing_is_left
    assert_contains "$(ctl cache)" "$open/pi.img.xz (incomplete)"
    rm "$web/.server/pi.img.xz.slow"
    fetch_or_fail list.json pi
    cmp "$web/pi.img" "$here/pi.img"
    assert_matches "$(asked | tail -n 1)" "bytes=[1-9][0-9]*-"
}
