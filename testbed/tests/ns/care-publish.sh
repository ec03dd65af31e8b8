# The files that pack --metadata creates beside the packed image, verified with the programs that read them, sha256sum and bmaptool, and
# with the rules of Raspberry Pi Imager's lists.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=240

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

pack() { as_user alice piimagesctl --quiet pack --metadata "$@"; }

# number NAME RESULT: prints the number with that name in a job's result.
number() { sed -n 's/.*"'"$1"'" t \([0-9]*\).*/\1/p' <<<"$2"; }

# assert_bmaptool_writes PACKED IMAGE: a card with old data to which bmaptool has written the image contains the image's files and a
# filesystem without errors. The target must be a device, because bmaptool truncates a file before it writes to it.
assert_bmaptool_writes() {
    write_by_map "$1" "$2" --bmap "${1%.*}.bmap"
    assert_sound_image "$card" "$(content_of "$2")"
}

# write_by_map PACKED IMAGE [OPTION]...: writes the image with bmaptool to a new card; sets "card".
write_by_map() {
    [[ ! ${card:-} ]] || free_card
    card_of $(($(stat --format %s "$2") / (1 << 20) + 1))
    bmaptool copy "${@:3}" "$1" "$card" >"$WORK/said" 2>&1 || fail "bmaptool: $(cat "$WORK/said")"
}

# assert_only IMAGE FILE...: the directory of the image contains these files only.
assert_only() {
    local directory=${1%/*}
    shift
    assert_eq "$(printf '%s\n' "$@" | sort)" "$(find "$directory" -mindepth 1 -printf '%P\n' | sort)" "the files in the directory"
}

# Creates an image whose free blocks contain old data, with a file of zeros whose blocks are holes of the image; prints its path.
used_image() {
    local image block blocks block_size
    image=$(user_image alice armhf --boot-fs ext4 --root-size 150)
    head --bytes=8M /dev/urandom >gone
    head --bytes=4M /dev/urandom >zeros
    head --bytes=3M /dev/urandom >kept
    printf '%s\n' 'write gone gone' 'write zeros zeros' 'write kept kept' 'rm gone' | debugfs -w -f - "$image?offset=$root_offset" >/dev/null 2>&1
    blocks=$(debugfs -R 'blocks zeros' "$image?offset=$root_offset" 2>/dev/null)
    block_size=$(debugfs -R stats "$image?offset=$root_offset" 2>/dev/null | sed -n 's/^Block size: *//p')
    for block in $blocks; do
        fallocate --punch-hole --offset $((root_offset + block * block_size)) --length "$block_size" "$image"
    done
    rm gone zeros kept
    echo "$image"
}

# assert_manifest FILE IMAGE PACKED INIT_FORMAT DEVICE...: the manifest conforms to the schema of Raspberry Pi Imager, and is correct.
assert_manifest() {
    python3 - "$@" <<'END' || fail "the manifest is not as Raspberry Pi Imager wants it: $(cat "$1")"
import datetime, hashlib, json, os, sys, urllib.parse
path, image, packed, init_format, *devices = sys.argv[1:]
def digest(name):
    with open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
manifest = json.load(open(path, encoding="utf-8"))
# Other keys are not allowed at the top level, and the list is required.
assert set(manifest) == {"imager", "os_list"}, set(manifest)
entry, = manifest["os_list"]
# The fields that an operating system requires.
for key in "name", "description", "icon", "url", "extract_sha256", "release_date":
    assert isinstance(entry[key], str) and entry[key], key
for key in "extract_size", "image_download_size":
    assert type(entry[key]) is int and entry[key] > 0, key
assert entry["init_format"] in {"systemd", "cloudinit", "cloudinit-rpi", "rpi-preseed", "none"}
datetime.date.fromisoformat(entry["release_date"])
# At least one model, and each of them can be chosen.
known = {tag for model in manifest["imager"]["devices"] for tag in model["tags"]}
assert entry["devices"] and set(entry["devices"]) == known, (entry["devices"], known)
for model in manifest["imager"]["devices"]:
    assert model["name"] and model["description"] and model["matching_type"] in {"exclusive", "inclusive"}, model
# The values are correct.
url = urllib.parse.urlsplit(entry["url"])
assert url.scheme == "file" and url.netloc == "" and urllib.parse.unquote(url.path) == packed, entry["url"]
assert entry["extract_size"] == os.path.getsize(image) and entry["extract_sha256"] == digest(image)
assert entry["image_download_size"] == os.path.getsize(packed) and entry["image_download_sha256"] == digest(packed)
assert entry["init_format"] == init_format, entry["init_format"]
assert entry["devices"] == devices, entry["devices"]
END
}

test_bmaptool_writes_the_image_to_a_card_with_old_data() {
    local image directory said
    image=$(used_image)
    directory=$(dirname "$image")
    said=$(pack "$image" "$directory/pi os.img.xz" 2>&1)
    assert_lacks "$said" "note: all of"
    (cd "$directory" && sha256sum --check --strict "pi os.img.xz.sha256") || fail "sha256sum is not content"
    assert_bmaptool_writes "$directory/pi os.img.xz" "$image"
    # In free space, the card still has its old content.
    (( $(tr --delete --complement X <"$WORK/card" | wc --bytes) > 100 << 20 )) || fail "most free blocks were written"
    # The file of zeros contains zeros on the card, although its blocks are holes of the image.
    debugfs -R "dump zeros zeros" "$card?offset=$root_offset" 2>/dev/null
    cmp zeros <(head --bytes=4M /dev/zero)
    # bmaptool also finds the block map by its name, beside the image.
    write_by_map "$directory/pi os.img.xz" "$image"
    assert_contains "$(cat said)" "pi os.img.bmap"
    assert_sound_image "$card"
    assert_eq "alice 600" "$(stat --format '%U %a' "$image" "$directory"/pi* | sort -u | sed 's/alice 6[04][04]/alice 600/' | sort -u)"
    as_user alice piimagesctl --quiet unpack "$directory/pi os.img.xz" "$directory/again.img"
    cmp "$image" "$directory/again.img"
}

# By a call on the bus, so that nothing is mounted; with a FAT boot partition.
test_free_space_of_fat_is_not_mapped_in_any_format() {
    local image directory said suffix
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    for suffix in gz zst bz2; do
        said=$(run_job alice PackImage ssa{sv} "$image" "$directory/$suffix.img.$suffix" 1 metadata b true)
        assert_contains "$said" '"note" s ""'
        assert_eq "$(stat --format %s "$image")" "$(number image-size "$said")"
        (( $(number mapped "$said") < $(number image-size "$said") )) || fail "everything is mapped"
        (cd "$directory" && sha256sum --check --strict "$suffix.img.$suffix.sha256") || fail "sha256sum is not content"
        assert_bmaptool_writes "$directory/$suffix.img.$suffix" "$image"
        head --bytes=$root_offset card | tail --bytes=+$((boot_offset + 1)) >boot
        fsck.fat -n boot || fail "fsck.fat is not content"
    done
    assert_manifest "$directory/gz.img.rpi-imager-manifest" "$image" "$directory/gz.img.gz" none \
        pi5-64bit pi4-64bit pi3-64bit pi5-32bit pi4-32bit pi3-32bit pi2-32bit pi1-32bit
}

test_everything_is_mapped_if_free_space_is_not_known() {
    local directory=$WORK/alice said
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    # No partition table, no filesystem, an incomplete block at the end, and more holes than data.
    head --bytes=3M /dev/urandom >"$directory/some.img"
    truncate --size=$(((9 << 20) + 512)) "$directory/some.img"
    chown alice: "$directory/some.img"
    said=$(run_job alice PackImage ssa{sv} "$directory/some.img" "$directory/some.xz" 1 metadata b true)
    assert_contains "$said" "all of the image is in the block map, because it has no valid partition table"
    assert_eq "$(((9 << 20) + 512))" "$(number mapped "$said")"
    write_by_map "$directory/some.xz" "$directory/some.img" --bmap "$directory/some.bmap"
    cmp --bytes=$(((9 << 20) + 512)) "$directory/some.img" card
}

test_a_filesystem_that_was_not_unmounted_is_mapped_completely() {
    local image directory
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    # As if it had not been unmounted.
    debugfs -w -R 'set_super_value state 0' "$image?offset=$root_offset" 2>/dev/null
    assert_contains "$(run_job alice PackImage ssa{sv} "$image" "$directory/pi.img.gz" 1 metadata b true)" \
        "all of partition 2 is in the block map, because"
}

test_the_manifest_describes_the_image() {
    local image directory
    mkdir -p extra/etc/cloud
    touch extra/etc/cloud/cloud.cfg extra/etc/rpi-issue
    image=$(user_image alice arm64 --boot-fs ext4 --extra-root "$WORK/extra")
    directory=$(dirname "$image")
    pack "$image" "$directory/ü & 100%.img.gz" >said 2>&1
    assert_lacks "$(cat said)" "note:"
    assert_manifest "$directory/ü & 100%.img.rpi-imager-manifest" "$image" "$directory/ü & 100%.img.gz" cloudinit-rpi \
        pi5-64bit pi4-64bit pi3-64bit
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
}

test_notes_report_what_the_manifest_cannot_express() {
    local image directory
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    as_user alice piimagesctl pack --metadata "$image" "$directory/pi.img.gz" >said 2>&1
    assert_matches "$(cat said)" "note: the manifest does not let Raspberry Pi Imager set the image up, because .*first-boot settings"
    assert_manifest "$directory/pi.img.rpi-imager-manifest" "$image" "$directory/pi.img.gz" none \
        pi5-32bit pi4-32bit pi3-32bit pi2-32bit pi1-32bit
    # A file that cannot be mounted.
    head --bytes=1M /dev/urandom >"$directory/none.img"
    chown alice: "$directory/none.img"
    as_user alice piimagesctl pack --metadata "$directory/none.img" "$directory/none.img.gz" >said 2>&1
    assert_contains "$(cat said)" "note: the manifest is for all models, because"
    assert_contains "$(cat said)" "note: all of the image is in the block map, because it has no valid partition table"
}

test_an_existing_file_is_refused_before_anything_is_written() {
    local image directory suffix
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    for suffix in img.xz img.xz.sha256 img.bmap img.rpi-imager-manifest; do
        echo mine >"$directory/pi.$suffix"
        assert_fails_with 2 "pi.$suffix already exists; remove it, or specify another name" -- pack "$image" "$directory/pi.img.xz"
        assert_only "$image" "${image##*/}" "pi.$suffix"
        assert_eq mine "$(cat "$directory/pi.$suffix")"
        rm "$directory/pi.$suffix"
    done
}

test_a_dry_run_and_a_cancelled_pack_leave_nothing() {
    local image directory rehearsed
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    rehearsed=$(pack --dry-run "$image" "$directory/pi.img.xz" 2>/dev/null)
    assert_contains "$rehearsed" "nothing was changed"
    assert_only "$image" "${image##*/}"
    assert_eq "$(pack "$image" "$directory/pi.img.xz" 2>/dev/null)" "${rehearsed%$'\n'*}" "what was foretold"
    rm "$directory"/pi.*
    truncate --size 8G "$image"
    assert_fails_with 124 "" -- as_user alice timeout --signal INT 8 piimagesctl pack --metadata "$image" "$directory/pi.img.xz"
    assert_only "$image" "${image##*/}"
    assert_lacks "$(as_user alice piimagesctl --json=short jobs)" running
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
}

# is_under_way JOB: the job has processed some bytes.
is_under_way() {
    local done_bytes
    done_bytes=$(busctl get-property org.example.PiImages "$1" org.example.PiImages.Job BytesDone) || return 1
    (( ${done_bytes#t } > 0 ))
}

# The files are named one after another; if a name is taken, those that were named before are removed again.
test_a_name_that_is_taken_in_the_meantime_leaves_none_of_the_files() {
    local image directory suffix job
    image=$(user_image alice armhf --boot-fs ext4)
    truncate --size 400M "$image"
    directory=$(dirname "$image")
    for suffix in img.gz img.gz.sha256 img.bmap img.rpi-imager-manifest; do
        job=$(start_job alice PackImage ssa{sv} "$image" "$directory/pi.img.gz" 1 metadata b true)
        wait_until 20 is_under_way "$job"
        echo mine >"$directory/pi.$suffix"
        assert_fails_with 1 "pi.$suffix: a file of that name was created in the meantime" -- await_job alice "$job"
        assert_only "$image" "${image##*/}" "pi.$suffix"
        assert_eq mine "$(cat "$directory/pi.$suffix")"
        rm "$directory/pi.$suffix"
    done
}

test_a_full_disk_leaves_none_of_the_files() {
    local directory=$WORK/alice
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    mount -t tmpfs -o size=20M,mode=777 small "$directory"
    head --bytes=60M /dev/urandom >all.img
    chown alice: all.img
    assert_fails_with 1 "No space left|not enough space" -- run_job alice PackImage ssa{sv} "$WORK/all.img" "$directory/pi.img.gz" 1 metadata b true
    assert_eq "" "$(ls -A "$directory")"
    umount "$directory"
}

test_values_that_raspberry_pi_imager_does_not_know_are_refused() {
    local image directory
    image=$(user_image alice armhf --boot-fs ext4)
    directory=$(dirname "$image")
    assert_fails_with 1 "is not an init-format" -- run_job alice PackImage ssa{sv} "$image" "$directory/pi.xz" 2 metadata b true init-format s sysvinit
    assert_fails_with 1 "no Raspberry Pi has a CPU" -- run_job alice PackImage ssa{sv} "$image" "$directory/pi.xz" 2 metadata b true architecture s x86_64
    assert_fails_with 1 "unknown option" -- run_job alice PackImage ssa{sv} "$image" "$directory/pi.xz" 1 init-format s none
    assert_only "$image" "${image##*/}"
}
