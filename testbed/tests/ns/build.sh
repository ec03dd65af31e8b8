# Building images from recipes: typical Pifiles, built by an unprivileged user.
# shellcheck shell=bash disable=SC2154
time_limit=240
# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

# create_build_directory [OPTION]...: creates a directory of alice's for builds, which contains only base.img; sets "here" to its path.
create_build_directory() {
    local image
    image=$(pi_image alice armhf "$@")
    here=$(dirname "$image")
    mv "$image" "$here/base.img"
}

# write_recipe NAME: writes standard input to a recipe in the build directory.
write_recipe() { cat >"$here/$1"; }

# build [OPTION]... RECIPE: writes the output to "said".
build() { (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl build "$@") >said 2>&1; }
build_or_fail() { build "$@" || fail "build ended with $? and said: $(cat said)"; }
build_fails() { # REGEX RECIPE
    ! build "$2" || fail "it was built: $(cat said)"
    assert_matches "$(tail -n 1 said)" "$1"
    nothing_is_left
}

nothing_is_left() {
    assert_contains "$(as_user alice piimagesctl list)" "No image mounted."
    assert_eq '' "$(find "$here" -name '.*' ! -name .cache -prune -print)" "drafts"
    assert_eq '' "$(find /tmp -maxdepth 1 -user alice -name 'piimages-build*')" "directories in /tmp"
}

# print_file IMAGE FILE: prints a file in an image in the build directory.
print_file() { in_image "$here/$1" "cat $2"; }

test_a_typical_pifile_is_built() {
    create_build_directory
    mkdir -p "$here/files/site/private"
    echo page >"$here/files/site/index.html"
    printf '%s\n' '#!/bin/sh' 'echo "$KIND $(pwd) $PIMOD"' >"$here/files/setup.sh"
    chmod 700 "$here/files/site/private"
    (cd "$here/files" && tar --create --owner=1234 --group=1234 --file ../site.tar site)
    chown -R alice: "$here"
    write_recipe kiosk.Pifile <<'END'
# Shell as in any script.
FROM "${BASE:-base.img}" 2
TO out.img
PUMP 20M
INCLUDE more
ENV KIND small
WORKDIR /home
INSTALL 755 files/setup.sh /bin/setup
RUN sh -c 'chown 1000:1000 /home/pi; chmod 700 /home/pi'
INSTALL 640 files/setup.sh /home/pi/
INSTALL files/site /home/pi/site
INSTALL files/site /srv
EXTRACT site.tar /srv
RUN sh -c 'setup >/setup.out'
if RUN test -e /etc/none; then RUN touch /wrong; fi
RUN tee /etc/motd <<EOF
hello $(echo there) @@KIND@@
EOF
RUN <<'EOF'
echo one >/lines
echo two >>/lines
EOF
for name in a b; do RUN touch "/$name"; done
RUN touch /@@KIND@@
HOST touch host-was-here
version=$(RUN cat /etc/hostname)
[ -z "$version" ] || echo "the image is $version"
ZERO
CHECK
SHRINK 8M
PACK out.img.zst
END
    write_recipe more.Pifile <<<'INSTALL files/setup.sh /home/pi/.profile'
    mkdir "$here/elsewhere"
    build_or_fail kiosk.Pifile
    assert_contains "$(cat said)" "kiosk.Pifile:16: RUN tee /etc/motd"
    assert_contains "$(cat said)" "the image is $(print_file out.img /etc/hostname)"
    assert_eq "small /home true" "$(print_file out.img /setup.out)"
    assert_eq "hello there @@KIND@@" "$(print_file out.img /etc/motd)"
    assert_eq $'one\ntwo' "$(print_file out.img /lines)"
    assert_eq page "$(print_file out.img /srv/index.html)"
    assert_eq page "$(print_file out.img /srv/site/index.html)"
    assert_contains "$(in_image "$here/out.img" "stat /bin/setup")" "Mode:  0755"
    assert_contains "$(in_image "$here/out.img" "stat /srv/private")" "Mode:  0700"
    assert_contains "$(in_image "$here/out.img" "stat /home/pi/setup.sh")" "Mode:  0640"
    assert_contains "$(in_image "$here/out.img" "stat /home/pi")" "Mode:  0700"
    assert_eq page "$(print_file out.img /home/pi/site/index.html)"
    assert_contains "$(in_image "$here/out.img" "stat /home/pi/site/private")" "Mode:  0700"
    assert_eq 0:0 "$(owner_in_image "$here/out.img" /bin/setup)"
    assert_eq 0:0 "$(owner_in_image "$here/out.img" /srv/site/index.html)"
    assert_contains "$(in_image "$here/out.img" "stat /small")" "Type: regular"
    assert_lacks "$(in_image "$here/out.img" "stat /wrong")" "Type: regular"
    assert_contains "$(in_image "$here/out.img" "stat /home/pi/.profile")" "Type: regular"
    [[ -e $here/host-was-here && -s $here/out.img.zst ]] || fail "not all is there: $(ls "$here")"
    assert_eq alice "$(stat --format %U "$here/out.img")"
    assert_eq 700 "$(stat --format %a "$here/.cache/piimages")"
    nothing_is_left
}

test_unchanged_steps_are_not_repeated() {
    local number
    create_build_directory
    echo first >"$here/file"
    write_recipe pi.Pifile <<'END'
FROM base.img
RUN sh -c 'date +%s%N >/when'
INSTALL file /etc/
RUN sh -c 'cat /etc/file >/copy; date +%s%N >/after'
END
    build_or_fail --dry-run pi.Pifile
    assert_contains "$(cat said)" "pi.Pifile:3: INSTALL file /etc/ (to do)"
    [[ ! -e $here/pi.img ]] || fail "the dry run has made it"
    build_or_fail pi.Pifile
    number=$(stat --format %i "$here/pi.img")
    build_or_fail pi.Pifile
    assert_contains "$(cat said)" "(0 steps, 3 cached, unchanged)"
    assert_eq "$number" "$(stat --format %i "$here/pi.img")" "number of the image, which was to be left alone"
    as_user alice touch "$here/pi.img"
    build_or_fail pi.Pifile
    assert_contains "$(cat said)" "(0 steps, 3 cached)"
    build_or_fail --dry-run pi.Pifile
    assert_contains "$(cat said)" "pi.Pifile:3: INSTALL file /etc/ (cached: "
    echo second >"$here/file"
    build_or_fail pi.Pifile
    assert_contains "$(cat said)" "(2 steps, 1 cached)"
    assert_eq second "$(print_file pi.img /copy)"
    build_or_fail --target-step 3 pi.Pifile
    assert_lacks "$(in_image "$here/pi.img" "stat /copy")" "Type: regular"
    as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl cache remove
    assert_contains "$(as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl cache)" "The cache is empty."
    nothing_is_left
}

# The steps that are executed again write their output again, although nobody reads it.
test_output_and_errors_are_redirected() {
    local name
    create_build_directory
    for name in a b; do
        write_recipe pi.Pifile <<END
FROM base.img
v=\$(RUN cat /etc/passwd 2>/dev/null)
RUN sh -c 'echo out; echo error >&2; echo end' >>both 2>&1
RUN sh -c 'echo out; echo error >&2' 2>>errors
RUN touch "/\${v%%:*}-$name"
END
        build_or_fail pi.Pifile
        assert_eq $'out\nerror\nend' "$(cat "$here/both")"
        assert_eq error "$(cat "$here/errors")"
        assert_lacks "$(cat said)" $'\nerror'
        assert_contains "$(in_image "$here/pi.img" "stat /root-$name")" "Type: regular"
        rm "$here/both" "$here/errors"
    done
    assert_contains "$(cat said)" "(1 step, 3 cached)"
    nothing_is_left
}

test_concurrent_builds_share_the_cache() {
    local name builders=()
    create_build_directory
    for name in a b; do
        write_recipe "$name.Pifile" <<<$'FROM base.img\nRUN sleep 1\nRUN touch /here\nRUN touch /there'
        (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl build "$name.Pifile") >"said-$name" 2>&1 &
        builders+=($!)
    done
    for name in a b; do
        wait "${builders[0]}" || fail "build ended with $? and said: $(cat said-*)"
        builders=("${builders[@]:1}")
        assert_contains "$(in_image "$here/$name.img" "stat /there")" "Type: regular"
    done
    nothing_is_left
}

test_a_failing_step_creates_no_image() {
    create_build_directory
    echo mine >"$here/pi.img"
    write_recipe pi.Pifile <<'END'
FROM base.img
RUN touch /good
RUN sh -c 'echo it says why >&2; exit 7'
RUN touch /never
END
    build_fails "pi.Pifile:3: RUN sh -c .* exited with status 7; no image was created" pi.Pifile
    assert_contains "$(cat said)" "it says why"
    assert_eq mine "$(cat "$here/pi.img")"
    write_recipe typo.Pifile <<<$'FROM base.img\nINSTAL x /y'
    build_fails "typo.Pifile:2: INSTAL x /y: exited with status 127" typo.Pifile
    write_recipe none.Pifile <<<$'FROM base.img\nRUN /bin/none'
    build_fails "none.Pifile:2: RUN /bin/none: exited with status 127" none.Pifile
    write_recipe none.Pifile <<<$'FROM base.img\nWORKDIR /none\nRUN true'
    build_fails "none.Pifile:3: RUN true: " none.Pifile
}

# Simulates a user at a terminal who types commands in the shell, and finds what the failing step left.
test_shell_on_error_starts_a_shell_after_a_failing_step() {
    local status=0
    create_build_directory
    write_recipe pi.Pifile <<'END'
FROM base.img
ENV GREETING hello
RUN touch /good
WORKDIR /etc
RUN sh -c 'touch /half; exit 7'
RUN touch /never
END
    (cd "$here" && printf '%s\n' 'echo "$GREETING-from-$PWD" /good /half /never*; exit 3' | as_user alice env XDG_CACHE_HOME="$here/.cache" \
        script --quiet --return --command 'piimagesctl build --shell-on-error pi.Pifile' /dev/null) >said 2>&1 || status=$?
    assert_eq 1 "$status"
    assert_matches "$(tr -d '\r' <said)" $'\nhello-from-/etc /good /half /never\\*\n'
    assert_contains "$(tail -n 1 said)" "pi.Pifile:5: RUN sh -c touch /half; exit 7: exited with status 7; no image was created"
    nothing_is_left
    assert_eq '' "$(find "$here" -name pi.img)"
    assert_fails_with 2 "requires a terminal" -- as_user alice piimagesctl build --shell-on-error "$here/pi.Pifile" </dev/null
}

test_an_image_is_changed_in_place_and_configured() {
    local link
    mkdir -p extra/usr/lib/rpi-preseed extra/etc
    touch extra/usr/lib/rpi-preseed/rpi-preseed
    create_build_directory --extra-root "$WORK/extra"
    install -o alice -m 600 /dev/null "$here/mine"
    write_recipe pi.Pifile <<END
INPLACE base.img
RUN ln -s $here/mine /etc/link
RUN mkdir -p $here
RUN touch $here/mine
GROW +8M
CONFIGURE --hostname kiosk --ssh
INSTALL pi.Pifile /etc/link
END
    build_or_fail pi.Pifile
    # A link in the image is resolved within the image.
    assert_eq '' "$(cat "$here/mine")"
    assert_contains "$(print_file base.img "$here/mine")" "INPLACE base.img"
    assert_contains "$(as_user alice piimagesctl configure --show "$here/base.img")" "hostname: kiosk"
    nothing_is_left
}

test_packed_sources_are_verified() {
    create_build_directory
    zstd -q "$here/base.img"
    write_recipe pi.Pifile <<<$'FROM base.img.zst\nRUN touch /here'
    build_or_fail --sha256="$(sha256sum "$here/base.img.zst" | cut -c -64)" pi.Pifile
    assert_contains "$(in_image "$here/pi.img" "stat /here")" "Type: regular"
    echo "$(printf '%064d' 0)  base.img.zst" >"$here/base.img.zst.sha256"
    build_fails "pi.Pifile:1|base.img.zst" pi.Pifile
}

# Ctrl-C may be pressed at any time, for example while the image is copied or while a command runs in it. Only in the first case here, bash
# receives the signal as well, as it does when the keys are pressed on a terminal.
test_ctrl_c_leaves_nothing() {
    local builder status=0
    create_build_directory
    write_recipe pi.Pifile <<<$'FROM base.img\nRUN touch /here\nRUN sleep 4711\nRUN touch /never'
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" timeout --signal INT 1.5 piimagesctl build pi.Pifile) >said 2>&1 || status=$?
    assert_eq 124 "$status" "exit status of the build that was interrupted, which said $(cat said)"
    nothing_is_left
    (cd "$here" && as_user alice env --default-signal=INT XDG_CACHE_HOME="$here/.cache" piimagesctl build pi.Pifile) >said 2>&1 &
    builder=$!
    wait_until 60 pgrep --full "sleep 4711"
    pkill --signal INT --uid alice --full "piimages-cli.jar build"
    status=0
    wait "$builder" || status=$?
    assert_eq 130 "$status" "exit status of the build, which said $(cat said)"
    wait_until 20 eval '! pgrep --full "sleep 4711"'
    nothing_is_left
    [[ ! -e $here/pi.img ]] || fail "an image was made"
    assert_lacks "$(cat said)" never
}

# The machine of the killed build may still be running, and its image mounted.
test_a_build_is_repeated_at_once_after_sigkill() {
    local builder
    create_build_directory
    write_recipe pi.Pifile <<<$'FROM base.img\nRUN touch /here\nRUN sleep 4713'
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl build pi.Pifile) >said 2>&1 &
    builder=$!
    wait_until 60 pgrep --full "sleep 4713"
    pkill --signal KILL --uid alice --full "piimages-cli.jar build"
    write_recipe pi.Pifile <<<$'FROM base.img\nRUN touch /here\nRUN touch /there'
    build_or_fail pi.Pifile
    wait "$builder" || true
    assert_contains "$(in_image "$here/pi.img" "stat /there")" "Type: regular"
    wait_until 20 eval '! pgrep --full "sleep 4713"'
    find /tmp -maxdepth 1 -user alice -name 'piimages-build*' -exec rm -r {} +
    nothing_is_left
}

# As left by a build whose directory was removed while its image was mounted.
test_a_mount_of_a_deleted_draft_is_not_used() {
    local draft
    create_build_directory
    draft=$here/.pi.img.building/pi.img
    install --directory --owner=alice "$here/.pi.img.building"
    install --owner=alice "$here/base.img" "$draft"
    mount_image alice "$draft" >/dev/null
    rm -r "$here/.pi.img.building"
    echo words >"$here/site"
    write_recipe pi.Pifile <<<$'FROM base.img\nINSTALL site /site\nRUN true'
    build_or_fail pi.Pifile
    assert_contains "$(in_image "$here/pi.img" "stat /site")" "Type: regular"
    as_user alice piimagesctl umount "$draft"
    nothing_is_left
}

# The signal is sent to the build only, as when a service is stopped.
test_sigterm_ends_commands_that_a_recipe_runs_on_the_host() {
    local builder status=0
    create_build_directory
    write_recipe pi.Pifile <<<$'FROM base.img\nRUN touch /here\nHOST sleep 4712\nRUN touch /never'
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" piimagesctl build pi.Pifile) >said 2>&1 &
    builder=$!
    wait_until 60 pgrep --full "^sleep 4712"
    pkill --signal TERM --uid alice --full "piimages-cli.jar build"
    wait "$builder" || status=$?
    assert_eq 143 "$status" "exit status of the build, which said $(cat said)"
    wait_until 10 eval '! pgrep --full "^sleep 4712"'
    nothing_is_left
    [[ ! -e $here/pi.img ]] || fail "an image was made"
}

# The daemon is paused at two steps: before anybody knows the machine, and when the caller knows it, but systemd does not.
test_ctrl_c_while_a_command_is_being_started_leaves_nothing() {
    ctrl_c_at MachineDirectories.claim:createDirectory
    ctrl_c_at Systemd.startTransient:call
}

ctrl_c_at() { # STEP
    local builder status=0
    create_build_directory
    write_recipe pi.Pifile <<<$'FROM base.img\nRUN sleep 4712'
    as_user alice true
    start_daemon_with_faults
    rm -f "$fault_directory/fired"
    echo "1 PAUSE $1 1" >"$fault_directory/plan"
    (cd "$here" && as_user alice env --default-signal=INT XDG_CACHE_HOME="$here/.cache" piimagesctl build pi.Pifile) >said 2>&1 &
    builder=$!
    wait_until 60 test -e "$fault_directory/fired"
    pkill --signal INT --uid alice --full "piimages-cli.jar build"
    wait "$builder" || status=$?
    assert_eq 130 "$status" "exit status of the build, which said $(cat said)"
    nothing_is_left
    start_daemon_without_faults
}

test_a_zip_without_modes_is_extracted_regardless_of_the_umask() {
    create_build_directory
    # Archives that were created on MS-DOS contain no modes.
    python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    page = zipfile.ZipInfo("dos/page")
    page.create_system, page.external_attr = 0, 0x20
    archive.writestr(page, "page\n")' "$here/dos.zip"
    chown alice: "$here/dos.zip"
    write_recipe zip.Pifile <<<$'FROM base.img\nEXTRACT dos.zip /srv'
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" sh -c 'umask 077 && exec piimagesctl build zip.Pifile')
    assert_contains "$(in_image "$here/zip.img" "stat /srv/dos")" "Mode:  0755"
    assert_contains "$(in_image "$here/zip.img" "stat /srv/dos/page")" "Mode:  0644"
}

test_the_first_step_copies_setuid_bits_and_links_and_extracts_linked_archives() {
    create_build_directory
    echo page >"$here/page"
    (cd "$here" && tar --create --file site-1.tar page && ln -s site-1.tar site.tar && ln -s page link)
    chown -hR alice: "$here"
    write_recipe su.Pifile <<<$'FROM base.img\nINSTALL /bin/su /bin/copy-of-su'
    build_or_fail su.Pifile
    assert_contains "$(in_image "$here/su.img" "stat /bin/copy-of-su")" "Mode:  04755"
    write_recipe site.Pifile <<<$'FROM base.img\nEXTRACT site.tar /srv'
    (cd "$here" && as_user alice env XDG_CACHE_HOME="$here/.cache" TAR_OPTIONS=--strip-components=1 piimagesctl build site.Pifile)
    assert_eq page "$(print_file site.img /srv/page)"
    write_recipe key.Pifile <<<$'FROM base.img\nINSTALL link /bin/link'
    build_or_fail key.Pifile
    assert_contains "$(in_image "$here/key.img" "stat /bin/link")" "Type: symlink"
}
