# Downloads in the forms that publishers use: archives with additional files, other names, layers, long windows, several frames.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=300

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# Creates a directory that contains alice's raspios.img, and changes to it.
enter_image_directory() {
    local image
    image=$(user_image alice armhf)
    mkdir "${image%/*}/download"
    cd "${image%/*}/download" || exit
    mv "$image" raspios.img
}

# assert_unpacks FILE...: each file unpacks to the image.
assert_unpacks() {
    local file
    for file in "$@"; do
        chown -R alice .
        rm -f out.img
        as_user alice piimagesctl unpack "$file" out.img >/dev/null || fail "$file does not unpack"
        cmp raspios.img out.img || fail "$file unpacks to something else"
    done
}

# assert_unpack_fails REGEX FILE: unpacking fails with this error, and creates no file.
assert_unpack_fails() {
    chown -R alice .
    rm -f out.img
    assert_fails_with 1 "$1" -- as_user alice piimagesctl unpack "$2" out.img
    [[ ! -e out.img ]] || fail "something was kept"
}

test_other_files_in_an_archive_are_ignored_and_a_second_image_is_refused() {
    enter_image_directory
    mkdir __MACOSX a
    head -c 200 /dev/zero >__MACOSX/._raspios.img
    cp __MACOSX/._raspios.img ._raspios.img
    cp raspios.img "a/pi [1] é.IMG"
    echo x >README.txt
    zip -q readme.zip raspios.img README.txt
    zip -q mac.zip raspios.img __MACOSX/._raspios.img
    zip -qr odd.zip a __MACOSX README.txt
    tar cJf mac.tar.xz __MACOSX/._raspios.img raspios.img
    tar czf mac.tgz ._raspios.img raspios.img README.txt
    tar cf plain.tar README.txt raspios.img
    tar czf odd.tar.gz a
    assert_unpacks readme.zip mac.zip odd.zip mac.tar.xz mac.tgz plain.tar odd.tar.gz
    cp raspios.img b.wic
    zip -q two.zip raspios.img b.wic
    tar czf two.tar.gz raspios.img b.wic
    assert_unpack_fails 'several images, "raspios.img" and "b.wic"' two.zip
    assert_unpack_fails 'several images, "raspios.img" and "b.wic"' two.tar.gz
}

# make_zip ZIP FILES ENTRY...: creates a zip with this many empty files between the first entry and the others, which are raspios.img.
make_zip() {
    python3 - "$@" <<'END'
import sys, zipfile
path, files, first, *others = sys.argv[1:]
with zipfile.ZipFile(path, "w") as archive:
    archive.write("raspios.img" if others else "/etc/hostname", first)
    for number in range(int(files)):
        archive.writestr(f"a-directory-of-documents/with-a-long-name-of-a-chapter/page-{number:06}.html", "")
    for other in others or ["raspios.img"]:
        archive.write("raspios.img", other)
END
}

test_all_files_of_a_large_archive_are_considered() {
    enter_image_directory
    make_zip first.zip 1000 README
    assert_unpacks first.zip
    make_zip two.zip 1000 a.img b.img
    assert_unpack_fails 'several images, "a.img" and "b.img"' two.zip
    make_zip large.zip 60000 README
    assert_unpack_fails 'list of the files in it is longer than 4 MiB' large.zip
}

# reads_a_hole FILE: the daemon has read this file to far beyond its data.
reads_a_hole() {
    local pid fd
    pid=$(daemon_pid)
    for fd in "/proc/$pid/fd"/*; do
        if [[ $(readlink "$fd") == "$PWD/$1" ]] && (( $(awk '/^pos/ { print $2 }' "/proc/$pid/fdinfo/${fd##*/}") > 1 << 29 )); then
            return
        fi
    done
    return 1
}

# A job reads such a file itself, without a tool that could be killed; reading a hole of this size takes hours.
test_unpacking_an_endless_archive_can_be_cancelled() {
    local name job
    enter_image_directory
    tar cf end.tar raspios.img
    gzip -1k raspios.img
    python3 - <<'END'
import tarfile
header = tarfile.TarInfo("raspios.img.gz")
header.size = 8 << 40
with open("inner.tar", "wb") as archive:
    archive.write(header.tobuf(tarfile.GNU_FORMAT))
    archive.write(open("raspios.img.gz", "rb").read())
END
    chown alice . ./*
    for name in end.tar inner.tar; do
        truncate --size=9T "$name"
        job=$(start_job alice UnpackImage 'ssa{sv}' "$PWD/$name" "$PWD/out.img" 0)
        wait_until 60 reads_a_hole "$name"
        as_user alice busctl call org.example.PiImages "$job" org.example.PiImages.Job Cancel
        assert_fails_with 1 cancelled -- as_user alice busctl call --timeout=20 org.example.PiImages "$job" org.example.PiImages.Job Wait
        rm "$name"
    done
}

test_seven_zip_archives_are_unpacked() {
    enter_image_directory
    mkdir __MACOSX a
    head -c 200 /dev/zero >__MACOSX/._raspios.img
    cp raspios.img 'a/pi [1] *é.IMG'
    echo x >README.txt
    7zz a -bd plain.7z raspios.img README.txt >/dev/null
    7zz a -bd mac.7z raspios.img __MACOSX >/dev/null
    7zz a -bd -mx=1 odd.7z a README.txt >/dev/null
    assert_unpacks plain.7z mac.7z odd.7z
    cp raspios.img b.wic
    7zz a -bd -mx=1 two.7z raspios.img b.wic >/dev/null
    7zz a -bd -mx=1 none.7z README.txt >/dev/null
    7zz a -bd -mx=1 -psecret locked.7z raspios.img >/dev/null
    7zz a -bd -mx=1 -psecret -mhe=on hidden.7z raspios.img >/dev/null
    head -c 100000 plain.7z >cut.7z
    assert_unpack_fails 'several images' two.7z
    assert_unpack_fails 'contains no file whose name ends in' none.7z
    assert_unpack_fails '7zz failed: .*Wrong password' locked.7z
    assert_unpack_fails '7zz failed: .*Wrong password' hidden.7z
    assert_unpack_fails '7zz failed' cut.7z
    ! pgrep --exact 7zz || fail "7zz still waits for a password"
}

test_other_suffixes_and_a_second_compression_are_supported() {
    local name
    enter_image_directory
    for name in core.wic UP.IMG fedora.raw; do
        cp raspios.img "$name"
        zip -q "$name.zip" "$name"
        tar czf "$name.tar.gz" "$name"
        assert_unpacks "$name.zip" "$name.tar.gz"
    done
    xz -0k raspios.img
    zstd -q raspios.img
    gzip -1k raspios.img
    zip -q0 xz.zip raspios.img.xz
    zip -q0 zst.zip raspios.img.zst
    tar cf xz.tar raspios.img.xz
    tar czf gz.tgz raspios.img.gz
    tar cf inner.img.tar raspios.img
    xz -0k <raspios.img.gz >raspios.img.gz.xz
    zstd -q raspios.img.xz -o raspios.img.xz.zst
    assert_unpacks xz.zip zst.zip xz.tar gz.tgz raspios.img.gz.xz raspios.img.xz.zst
    gzip -1k raspios.img.gz.xz
    assert_unpack_fails "packed again with" raspios.img.gz.xz.gz
    head -c 100000 raspios.img.xz >cut.img.xz
    zip -q0 cut.zip cut.img.xz
    assert_unpack_fails "xz failed" cut.zip
}

test_long_names_in_tar_archives_are_supported_and_sparse_archives_are_refused() {
    local long
    enter_image_directory
    long=$(printf '%060d/%060d' 1 2)
    mkdir -p "$long"
    cp raspios.img "$long/raspios.img"
    tar --format=gnu -czf gnu.tar.gz "${long%%/*}"
    tar --format=posix -czf posix.tar.gz "${long%%/*}"
    assert_unpacks gnu.tar.gz posix.tar.gz
    tar --format=gnu -cSzf sparse.tar.gz raspios.img
    tar --format=posix -cSzf sparse-posix.tar.gz raspios.img
    assert_unpack_fails "archived with tar --sparse.*tar --extract" sparse.tar.gz
    assert_unpack_fails "archived with tar --sparse.*tar --extract" sparse-posix.tar.gz
}

test_files_of_several_frames_or_streams_unpack_to_one_image() {
    local part
    enter_image_directory
    split -n3 raspios.img part.
    for part in part.a?; do
        zstd -qc "$part" >>frames.zst
        xz -0c "$part" >>streams.xz
        gzip -1c "$part" >>members.gz
        bzip2 -1c "$part" >>streams.bz2
        lz4 -qc "$part" >>frames.lz4
    done
    # A skippable frame, with which the files of pzstd begin.
    printf '\120\052\115\030\004\000\000\000abcd' | cat - frames.zst >skipped.zst
    xz --format=lzma -0kc raspios.img >raspios.img.lzma
    assert_unpacks frames.zst streams.xz members.gz streams.bz2 frames.lz4 skipped.zst raspios.img.lzma
    tar c raspios.img | lz4 -q >pi.tar.lz4
    assert_unpacks pi.tar.lz4
}

test_zstd_files_with_a_window_of_2_gib_unpack_if_memory_permits() {
    enter_image_directory
    # If the input is a pipe, the window has the requested size, however short the input is.
    zstd -q1 --long=31 <raspios.img >long.img.zst
    assert_contains "$(zstd -lv long.img.zst)" "2.00 GiB"
    # With the memory controller of cgroup v1, the unit has no limit; AvailableMemoryTest tests the arithmetic.
    if grep -qs memory /sys/fs/cgroup/cgroup.controllers; then
        may_change '/run/systemd/system.control' '/run/systemd/system.control/**'
        systemctl set-property --runtime piimagesd MemoryMax=1G
        assert_unpack_fails "window of 2048 MiB .*unpack it on a host with more memory" long.img.zst
        systemctl set-property --runtime piimagesd MemoryMax=infinity
    fi
    if (( $(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) > 5 << 20 )); then assert_unpacks long.img.zst; fi
    zstd -q1 --long=28 <raspios.img >less.img.zst
    assert_unpacks less.img.zst
}

test_xz_files_with_a_dictionary_of_4_gib_are_refused() {
    enter_image_directory
    xz -0k raspios.img
    # The header of the first block: its size, flags, the filter LZMA2, the size of its dictionary, padding and a checksum.
    python3 - <<'END'
import zlib
content = bytearray(open("raspios.img.xz", "rb").read())
end = 12 + 4 * content[12]
at = content.index(b"\x21\x01", 12) + 2
content[at] = 40
content[end:end + 4] = zlib.crc32(content[12:end]).to_bytes(4, "little")
open("hungry.img.xz", "wb").write(content)
END
    assert_unpack_fails "such a large dictionary" hungry.img.xz
    assert_unpacks raspios.img.xz
}

test_an_archive_of_a_root_filesystem_is_recognized() {
    enter_image_directory
    mkdir -p tree/etc tree/usr/bin tree/boot
    touch tree/etc/fstab
    tar czf rootfs.tar.gz -C tree .
    assert_unpack_fails "archive of a root filesystem" rootfs.tar.gz
    tar czf words.tar.gz tree/boot
    assert_unpack_fails "contains no file.*\.wic" words.tar.gz
}

test_a_damaged_7z_archive_or_a_missing_7zz_is_reported() {
    enter_image_directory
    printf '7z\274\257\047\034\000\004' >none.7z
    if command -v 7zz 7z 7za 7zr >/dev/null; then
        assert_unpack_fails "failed" none.7z
    else
        assert_unpack_fails "7zz is not installed; install the package 7zip" none.7z
    fi
}

test_standard_input_is_unpacked() {
    local sum
    enter_image_directory
    gzip -1k raspios.img
    sum=$(sha256sum <raspios.img.gz) sum=${sum%% *}
    zip -q pi.zip raspios.img
    chown -R alice .
    as_user alice bash -c 'cat pi.zip | piimagesctl unpack - out.img' >said
    cmp raspios.img out.img || fail "it unpacks to something else"
    assert_contains "$(<said)" "SHA-256 of standard input: "
    assert_contains "$(as_user alice bash -c 'piimagesctl unpack --sha256="$1" - o2.img <raspios.img.gz' - "$sum")" "$sum, as given"
    printf -v sum %064d 0
    assert_fails_with 1 "but the given checksum says" -- \
        as_user alice bash -c 'piimagesctl unpack --sha256="$1" - o3.img <raspios.img.gz' - "$sum"
    [[ ! -e o3.img ]] || fail "something was kept"
    assert_fails_with 2 "specify it" -- as_user alice bash -c 'piimagesctl unpack - <raspios.img.gz'
    assert_fails_with 1 "no such directory" -- as_user alice bash -c 'piimagesctl unpack - none/o.img <raspios.img.gz'
    assert_eq "" "$(find . -name '.*-*')" "hidden files"
}

test_metadata_that_openwrt_appends_to_an_image_is_ignored() {
    enter_image_directory
    gzip -1kc raspios.img >plain.img.gz
    { cat plain.img.gz; printf '\0\0\0\0\0\0\0\0{ "metadata_version": "1.1" }\nFWx0\1\2\3\4\1\0\0\0\0\0\0\x3c# fake certificateFWx0\1\2\3\4\0\0\0\0\0\0\0\x22'
    } >openwrt.img.gz
    { cat plain.img.gz; head -c 1000 /dev/zero; } >padded.img.gz
    { cat plain.img.gz; echo more; } >more.img.gz
    assert_unpacks openwrt.img.gz padded.img.gz
    assert_unpack_fails 'other data follows the compressed data.*gzip --decompress --stdout FILE' more.img.gz
    # bzip2 ignores what follows, which may be the rest of the image with a damaged beginning, as pbzip2 packs images in many parts.
    { head -c 1M raspios.img | bzip2 -1; echo more; } >more.img.bz2
    { bzip2 -1kc raspios.img; head -c 1000 /dev/zero; } >padded.img.bz2
    assert_unpacks padded.img.bz2
    assert_unpack_fails 'other data follows the compressed data' more.img.bz2
    # Also within an archive.
    zip -q0 more.zip more.img.bz2
    tar cf more.tar more.img.bz2
    assert_unpack_fails 'other data follows the compressed data' more.zip
    assert_unpack_fails 'other data follows the compressed data' more.tar
}

test_formats_that_are_not_those_of_downloads_are_named() {
    enter_image_directory
    qemu-img convert -f raw -O qcow2 raspios.img disk.qcow2
    printf 'Rar!\x1a\7\1\0more' >image.rar
    assert_unpack_fails 'qcow2.*qemu-img convert -O raw' disk.qcow2
    assert_unpack_fails 'rar archive; unpack it first' image.rar
    assert_fails_with 2 'if it is an image, it does not have to be unpacked' -- as_user alice piimagesctl unpack raspios.img out.img
}

test_errors_about_zip_archives_say_why() {
    enter_image_directory
    zip -q1 plain.zip raspios.img
    head -c 100000 plain.zip >cut.zip
    zip -q1 -P secret locked.zip raspios.img
    python3 -c 'import zipfile; zipfile.ZipFile("lzma.zip", "w", zipfile.ZIP_LZMA).write("raspios.img")'
    cp plain.zip damaged.zip
    printf damaged | dd of=damaged.zip bs=1 seek=50000 conv=notrunc status=none
    assert_unpack_fails 'incomplete or damaged: the directory at its end is missing; download it again' cut.zip
    assert_unpack_fails 'it is encrypted' locked.zip
    assert_unpack_fails 'a method that unzip does not support.*7zz' lzma.zip
    assert_unpack_fails 'unzip failed: .*(bad CRC|invalid compressed data)' damaged.zip
}

test_archives_of_boot_files_are_not_images() {
    enter_image_directory
    touch bootcode.bin
    cp raspios.img recovery.img
    zip -q1 noobs.zip bootcode.bin recovery.img
    tar czf noobs.tar.gz recovery.img bootcode.bin
    assert_unpack_fails 'the files of a boot partition' noobs.zip
    assert_unpack_fails 'the files of a boot partition' noobs.tar.gz
}
