# Downloads in the forms that publishers use: archives with additional files, other names, layers, long windows, several frames.
# shellcheck shell=bash disable=SC1083,SC2034,SC2154
time_limit=300

# shellcheck source=testbed/tests/care
. "$testbed/tests/care"

# Makes a directory with alice's raspios.img in it, and changes to it.
directory_of_images() {
    local image
    image=$(user_image alice armhf)
    mkdir "${image%/*}/download"
    cd "${image%/*}/download" || exit
    mv "$image" raspios.img
}

# unpacks FILE...: each file is unpacked to the image.
unpacks() {
    local file
    for file in "$@"; do
        chown -R alice .
        rm -f out.img
        as_user alice piimagesctl unpack "$file" out.img >/dev/null || fail "$file does not unpack"
        cmp raspios.img out.img || fail "$file unpacks to something else"
    done
}

# refused WHY FILE
refused() {
    chown -R alice .
    rm -f out.img
    assert_fails_with 1 "$1" -- as_user alice piimagesctl unpack "$2" out.img
    [[ ! -e out.img ]] || fail "something was kept"
}

test_what_lies_beside_the_image_in_an_archive_is_passed_over() {
    directory_of_images
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
    unpacks readme.zip mac.zip odd.zip mac.tar.xz mac.tgz plain.tar odd.tar.gz
    cp raspios.img b.wic
    zip -q two.zip raspios.img b.wic
    tar czf two.tar.gz raspios.img b.wic
    refused 'several images, "raspios.img" and "b.wic"' two.zip
    refused 'several images, "raspios.img" and "b.wic"' two.tar.gz
}

test_seven_zip_archives_are_read_by_its_own_tool() {
    directory_of_images
    mkdir __MACOSX a
    head -c 200 /dev/zero >__MACOSX/._raspios.img
    cp raspios.img 'a/pi [1] *é.IMG'
    echo x >README.txt
    7zz a -bd plain.7z raspios.img README.txt >/dev/null
    7zz a -bd mac.7z raspios.img __MACOSX >/dev/null
    7zz a -bd -mx=1 odd.7z a README.txt >/dev/null
    unpacks plain.7z mac.7z odd.7z
    cp raspios.img b.wic
    7zz a -bd -mx=1 two.7z raspios.img b.wic >/dev/null
    7zz a -bd -mx=1 none.7z README.txt >/dev/null
    7zz a -bd -mx=1 -psecret locked.7z raspios.img >/dev/null
    7zz a -bd -mx=1 -psecret -mhe=on hidden.7z raspios.img >/dev/null
    head -c 100000 plain.7z >cut.7z
    refused 'several images' two.7z
    refused 'contains no file whose name ends in' none.7z
    refused '7zz failed: .*Wrong password' locked.7z
    refused '7zz failed: .*Wrong password' hidden.7z
    refused '7zz failed' cut.7z
    ! pgrep --exact 7zz || fail "7zz still waits for a password"
}

test_other_names_and_one_more_layer() {
    local name
    directory_of_images
    for name in core.wic UP.IMG fedora.raw; do
        cp raspios.img "$name"
        zip -q "$name.zip" "$name"
        tar czf "$name.tar.gz" "$name"
        unpacks "$name.zip" "$name.tar.gz"
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
    unpacks xz.zip zst.zip xz.tar gz.tgz raspios.img.gz.xz raspios.img.xz.zst
    gzip -1k raspios.img.gz.xz
    refused "packed again with" raspios.img.gz.xz.gz
    head -c 100000 raspios.img.xz >cut.img.xz
    zip -q0 cut.zip cut.img.xz
    refused "xz failed" cut.zip
}

test_names_that_do_not_fit_into_a_tar_header() {
    local long
    directory_of_images
    long=$(printf '%060d/%060d' 1 2)
    mkdir -p "$long"
    cp raspios.img "$long/raspios.img"
    tar --format=gnu -czf gnu.tar.gz "${long%%/*}"
    tar --format=posix -czf posix.tar.gz "${long%%/*}"
    unpacks gnu.tar.gz posix.tar.gz
    tar --format=gnu -cSzf sparse.tar.gz raspios.img
    tar --format=posix -cSzf sparse-posix.tar.gz raspios.img
    refused "archived with tar --sparse.*tar --extract" sparse.tar.gz
    refused "archived with tar --sparse.*tar --extract" sparse-posix.tar.gz
}

test_several_frames_and_streams_are_one_image() {
    local part
    directory_of_images
    split -n3 raspios.img part.
    for part in part.a?; do
        zstd -qc "$part" >>frames.zst
        xz -0c "$part" >>streams.xz
        gzip -1c "$part" >>members.gz
        bzip2 -1c "$part" >>streams.bz2
        lz4 -qc "$part" >>frames.lz4
    done
    # A skippable frame, with which pzstd's files begin.
    printf '\120\052\115\030\004\000\000\000abcd' | cat - frames.zst >skipped.zst
    xz --format=lzma -0kc raspios.img >raspios.img.lzma
    unpacks frames.zst streams.xz members.gz streams.bz2 frames.lz4 skipped.zst raspios.img.lzma
    tar c raspios.img | lz4 -q >pi.tar.lz4
    unpacks pi.tar.lz4
}

test_zstd_with_a_window_of_two_gibibytes() {
    directory_of_images
    # From a pipe, its window is what was asked for, however short it is.
    zstd -q1 --long=31 <raspios.img >long.img.zst
    assert_contains "$(zstd -lv long.img.zst)" "2.00 GiB"
    # With the memory controller of cgroup v1, the unit has no limit; MemoryRoomTest tests the arithmetic.
    if grep -qs memory /sys/fs/cgroup/cgroup.controllers; then
        may_change '/run/systemd/system.control' '/run/systemd/system.control/**'
        systemctl set-property --runtime piimagesd MemoryMax=1G
        refused "window of 2048 MiB .*unpack it on a host with more memory" long.img.zst
        systemctl set-property --runtime piimagesd MemoryMax=infinity
    fi
    if (( $(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) > 5 << 20 )); then unpacks long.img.zst; fi
    zstd -q1 --long=28 <raspios.img >less.img.zst
    unpacks less.img.zst
}

test_a_root_filesystem_is_called_one() {
    directory_of_images
    mkdir -p tree/etc tree/usr/bin tree/boot
    touch tree/etc/fstab
    tar czf rootfs.tar.gz -C tree .
    refused "archive of a root filesystem" rootfs.tar.gz
    tar czf words.tar.gz tree/boot
    refused "contains no file.*\.wic" words.tar.gz
}

test_7z_is_unpacked_by_its_tool_or_names_it() {
    directory_of_images
    printf '7z\274\257\047\034\000\004' >none.7z
    if command -v 7zz 7z 7za 7zr >/dev/null; then
        refused "failed" none.7z
    else
        refused "7zz is not installed; install the package 7zip" none.7z
    fi
}

test_standard_input_is_unpacked() {
    local sum
    directory_of_images
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
