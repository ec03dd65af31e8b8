# Unpacking, packing and copying images.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=120

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# append_hole IMAGE: extends the image by a large hole; prints its path.
append_hole() {
    truncate --size 4G "$1"
    echo "$1"
}

assert_sparse_copy() { # ORIGINAL COPY
    same_content "$1" "$2" || fail "the content differs"
    (( $(du --block-size=1K "$2" | cut -f1) <= $(du --block-size=1K "$1" | cut -f1) + 1024 )) || fail "it is not sparse"
    assert_eq alice "$(stat --format %U "$2")"
}

test_a_packed_image_unpacks_to_the_same_image() {
    local image suffix directory
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    for suffix in xz gz zst; do
        # Only zstd is fast enough for the size of a card.
        [[ $suffix != zst ]] || append_hole "$image" >/dev/null
        run_job alice PackImage ssa{sv} "$image" "$directory/packed.$suffix" 0
        (( $(stat --format %s "$directory/packed.$suffix") < 16 << 20 )) || fail "it is not packed"
        # Programs that write cards need the unpacked size.
        [[ $suffix != zst ]] || zstd -lv "$directory/packed.zst" 2>/dev/null | grep -qF "($(stat --format %s "$image") B)" \
            || fail "it does not tell the image's size"
        run_job alice UnpackImage ssa{sv} "$directory/packed.$suffix" "$directory/$suffix.img" 0
        assert_sparse_copy "$image" "$directory/$suffix.img"
        rm "$directory/$suffix.img"
    done
}

test_archives_with_one_image_unpack() {
    local image directory
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    (
        cd "$directory" || exit
        mv "$image" "pi os.img"
        echo words >README
        zip --quiet pi.zip README "pi os.img"
        tar --create --gzip --file pi.tar.gz README "pi os.img"
        tar --create --xz --file pi.tar.xz "pi os.img" README
        bzip2 --keep --stdout "pi os.img" >pi.img.bz2
    )
    for archive in pi.zip pi.tar.gz pi.tar.xz pi.img.bz2; do
        run_job alice UnpackImage ssa{sv} "$directory/$archive" "$directory/unpacked.img" 0
        assert_sparse_copy "$directory/pi os.img" "$directory/unpacked.img"
        rm "$directory/unpacked.img"
    done
}

test_the_published_checksum_is_compared() {
    local image directory said
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    (cd "$directory" && gzip <"$image" >pi.img.gz && sha256sum pi.img.gz >pi.img.gz.sha256)
    said=$(run_job alice UnpackImage ssa{sv} "$directory/pi.img.gz" "$directory/a.img" 0)
    assert_contains "$said" '"verified" b true'
    assert_contains "$said" "$(sha256sum <"$directory/pi.img.gz" | cut -d' ' -f1)"
    sed -i 's/^..../0000/' "$directory/pi.img.gz.sha256"
    assert_fails_with 1 "download it again" -- run_job alice UnpackImage ssa{sv} "$directory/pi.img.gz" "$directory/b.img" 0
    [[ ! -e $directory/b.img ]] || fail "something was kept"
}

test_unpacking_anything_but_a_single_image_is_refused() {
    local image directory
    image=$(user_image alice armhf)
    directory=$(dirname "$image")
    (cd "$directory" && cp "$image" two.img && tar --create --gzip --file two.tar.gz "${image##*/}" two.img && zip --quiet two.zip -- *.img
        echo words >words && zip --quiet none.zip words && head --bytes=100000 two.tar.gz >cut.tar.gz)
    for archive in two.tar.gz two.zip; do
        assert_fails_with 1 several -- run_job alice UnpackImage ssa{sv} "$directory/$archive" "$directory/new.img" 0
    done
    assert_fails_with 1 "contains no file" -- run_job alice UnpackImage ssa{sv} "$directory/none.zip" "$directory/new.img" 0
    assert_fails_with 1 "gzip failed|unexpected end" -- run_job alice UnpackImage ssa{sv} "$directory/cut.tar.gz" "$directory/new.img" 0
    assert_fails_with 1 "not compressed" -- run_job alice UnpackImage ssa{sv} "$image" "$directory/new.img" 0
    assert_fails_with 1 "already exists" -- run_job alice UnpackImage ssa{sv} "$directory/two.zip" "$directory/two.img" 0
    assert_fails_with 1 "cannot write to its directory|cannot access the directory" -- run_job alice UnpackImage ssa{sv} "$directory/two.zip" /root/new.img 0
    assert_fails_with 1 "cannot write to its directory" -- run_job alice UnpackImage ssa{sv} "$directory/two.zip" /etc/new.img 0
    [[ ! -e $directory/new.img ]] || fail "something was kept"
}

test_unpacking_a_decompression_bomb_ends_before_the_disk_is_full() {
    local directory=$WORK/alice
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    mount -t tmpfs -o size=100M,mode=777 small "$directory"
    head --bytes=300M /dev/zero | tr '\0' a | gzip >"$directory/bomb.img.gz"
    chown alice: "$directory/bomb.img.gz"
    assert_fails_with 1 "not enough space" -- run_job alice UnpackImage ssa{sv} "$directory/bomb.img.gz" "$directory/bomb.img" 0
    assert_eq bomb.img.gz "$(ls -A "$directory")"
    umount "$directory"
}

# zstd writes the image itself unless there is little space. Then the daemon counts the written bytes; an image that fits is still unpacked.
test_an_image_that_needs_most_of_the_free_space_unpacks() {
    local directory="$WORK/little"
    mkdir "$directory"
    mount -t tmpfs -o size=700M,mode=777 little "$directory"
    # Incompressible data, without holes.
    head --bytes=250M /dev/urandom >"$WORK/all.img"
    zstd -q "$WORK/all.img" -o "$WORK/all.zst"
    chown alice "$WORK/all.zst"
    run_job alice UnpackImage ssa{sv} "$WORK/all.zst" "$directory/all.img" 0
    cmp "$WORK/all.img" "$directory/all.img" || fail "the content differs"
    umount "$directory"
}

# is_under_way JOB: the job has processed some bytes.
is_under_way() {
    local done_bytes
    done_bytes=$(busctl get-property org.example.PiImages "$1" org.example.PiImages.Job BytesDone) || return 1
    (( ${done_bytes#t } > 0 ))
}

# The tools read the files themselves, so the daemon observes their progress from outside.
test_packing_and_unpacking_report_their_progress() {
    local directory=$WORK/alice job
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    # Compressible data takes time to unpack.
    { base64 --wrap=0 /dev/urandom || true; } | head --bytes=96M >"$directory/all.img"
    head --bytes=16M "$directory/all.img" >"$directory/some.img"
    xz -T0 -0 --keep "$directory/all.img"
    chown alice "$directory"/*
    job=$(start_job alice PackImage ssa{sv} "$directory/some.img" "$directory/some.xz" 0)
    wait_until 20 is_under_way "$job"
    await_job alice "$job"
    job=$(start_job alice UnpackImage ssa{sv} "$directory/all.img.xz" "$directory/xz.img" 0)
    wait_until 20 is_under_way "$job"
    await_job alice "$job"
    # A format for which the daemon writes the image.
    gzip <"$directory/all.img" >"$directory/all.gz"
    chown alice "$directory/all.gz"
    job=$(start_job alice UnpackImage ssa{sv} "$directory/all.gz" "$directory/gz.img" 0)
    wait_until 20 is_under_way "$job"
    await_job alice "$job"
}

test_a_copy_is_sparse_and_owned_by_the_caller() {
    local image directory
    image=$(append_hole "$(user_image alice armhf)")
    directory=$(dirname "$image")
    run_job alice CopyImage ssa{sv} "$image" "$directory/copy.img" 0
    assert_sparse_copy "$image" "$directory/copy.img"
    assert_fails_with 1 "already exists" -- run_job alice CopyImage ssa{sv} "$image" "$directory/copy.img" 0
}

test_tools_run_as_the_caller_and_without_capabilities() {
    local image directory job
    image=$(append_hole "$(user_image alice armhf)")
    directory=$(dirname "$image")
    job=$(start_job alice PackImage ssa{sv} "$image" "$directory/packed.xz" 0)
    wait_until 10 pgrep --exact --uid alice xz
    assert_eq "0000000000000000" "$(awk '/^CapEff/ { print $2 }' "/proc/$(pgrep --exact --newest --uid alice xz)/status")"
    as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
    assert_fails_with 1 cancelled -- await_job alice "$job"
    wait_until 10 eval '! pgrep --exact --uid alice xz'
    [[ ! -e $directory/packed.xz ]] || fail "something was kept"
}

test_archives_with_paths_outside_of_the_directory_are_refused() {
    local directory=$WORK/alice image archive
    image=$(user_image alice armhf)
    (
        cd "$directory" || exit
        tar --create --gzip --absolute-names --transform 's:^:../../:' --file climbing.tar.gz "${image##*/}"
        tar --create --gzip --absolute-names --file absolute.tar.gz "$image"
        python3 -c 'import sys, zipfile; zipfile.ZipFile("climbing.zip", "w").write(sys.argv[1], "../../evil.img")' "$image"
    )
    for archive in climbing.tar.gz absolute.tar.gz climbing.zip; do
        assert_fails_with 1 "outside of the target directory" -- run_job alice UnpackImage ssa{sv} "$directory/$archive" "$directory/new.img" 0
    done
    [[ ! -e $directory/new.img && ! -e $WORK/evil.img && ! -e $WORK/../evil.img ]] || fail "something was kept"
}

# Gibibytes of zeros take no space, so they are not refused because of their size.
test_gibibytes_of_zeros_unpack_to_a_sparse_file() {
    local directory=$WORK/alice
    ensure_user alice
    install -d -m 700 -o alice "$directory"
    truncate --size 3G zeros
    zstd --quiet --sparse zeros -o "$directory/bomb.img.zst"
    run_job alice UnpackImage ssa{sv} "$directory/bomb.img.zst" "$directory/bomb.img" 0
    assert_eq "$((3 << 30))" "$(stat --format %s "$directory/bomb.img")"
    # zstd writes the last byte.
    (( $(stat --format %b "$directory/bomb.img") <= 8 )) || fail "it takes room: $(stat --format %b "$directory/bomb.img") blocks"
}
