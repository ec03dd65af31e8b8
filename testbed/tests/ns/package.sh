# The Debian package in a running system: upgraded, removed, purged and installed again; and the installation without dpkg.
# shellcheck shell=bash
time_limit=180

# dpkg and the programs that it starts install and remove files there.
may_change '/usr/**' '/etc/**' '/lib/**' '/var/**' '/run/systemd/**' '/tmp/piimages*.classes'

deb() { find "$testbed/../packaging/target" -maxdepth 1 -name 'piimages_*.deb'; }

# The suite's other tests require the package, whatever the outcome of this one.
install_again() { dpkg --install "$(deb)" >/dev/null 2>&1; }

# newer_deb: builds the same package with a higher version, and prints its path.
newer_deb() {
    dpkg-deb --raw-extract "$(deb)" "$WORK/newer" >/dev/null
    sed -i 's/^Version: .*/&+newer/' "$WORK/newer/DEBIAN/control"
    # Its files belong to root, whoever unpacked them.
    dpkg-deb --build --root-owner-group "$WORK/newer" "$WORK/newer.deb" >/dev/null
    echo "$WORK/newer.deb"
}

test_machines_and_mounts_outlive_an_upgrade() {
    local image other third mount_point leader before client_job
    trap install_again EXIT
    image=$(pi_image alice)
    other=$(pi_image alice)
    third=$(pi_image alice)
    mount_point=$(mount_image alice "$image")
    start_machine alice "$other" survivor sleep 300
    leader=$(machinectl show survivor --property Leader --value)
    # For example, a long installation in an image: the client that was started before the upgrade gets its output and exit status.
    mkfifo "$WORK/late"
    (status=0; as_user alice piimagesctl run --name upgrading "$third" -- sh -c 'read -r word; echo "got $word"; exit 6' \
        >"$WORK/out" 2>"$WORK/err" <"$WORK/late" || status=$?; echo "$status" >"$WORK/status") &
    client_job=$!
    exec 7>"$WORK/late"
    wait_until 30 machine_runs upgrading
    before=$(daemon_pid)
    dpkg --install "$(newer_deb)" >said 2>&1 || fail "$(cat said)"
    wait "$runner" || true
    echo late >&7
    exec 7>&-
    wait "$client_job"
    assert_eq "6 got late" "$(cat "$WORK/status" "$WORK/out" "$WORK/err" | xargs)"
    assert_matches "$(dpkg-query --show --showformat '${Version}' piimages)" 'newer$'
    [[ $(daemon_pid) != "$before" ]] || fail "the old daemon still runs"
    assert_eq "$leader" "$(machinectl show survivor --property Leader --value)"
    assert_contains "$(as_user alice piimagesctl machines)" survivor
    assert_contains "$(as_user alice piimagesctl list)" "$mount_point"
    as_user alice cat "$mount_point/etc/os-release" >/dev/null
    as_user alice piimagesctl terminate survivor
    umount_image alice "$image"
}

# PiImages' files in the directories in which packages and the daemon create files.
our_files() {
    find /etc /usr /lib /boot /opt /srv /var/cache /var/lib /run -xdev \( -path /var/lib/dpkg -o -path '*testbed*' \) -prune \
        -o -iname '*piimages*' -print
}

test_purging_removes_everything_and_reinstalling_works_immediately() {
    local image other sum
    trap install_again EXIT
    image=$(pi_image alice)
    other=$(pi_image alice)
    sum=$(sum_of "$other")
    mount_image alice "$image" >/dev/null
    mount_image alice "$other" --read-only >/dev/null
    start_machine alice "$image" doomed sleep 300
    dpkg --purge piimages >said 2>&1 || fail "$(cat said)"
    wait "$runner" || true
    assert_lacks "$(cat said)" "stays mounted"
    machine_is_gone doomed || fail "the machine still runs"
    assert_eq '' "$(loops_over "$image")"
    assert_eq '' "$(mounts_below /run/piimages)"
    assert_eq '' "$(our_files)"
    e2fsck -f -n "$image?offset=$root_offset" >said 2>&1 || fail "$(cat said)"
    assert_eq "$sum" "$(sum_of "$other")"
    assert_fails_with 1 'not provided|not activatable|unknown' -- busctl call org.example.PiImages / org.freedesktop.DBus.Peer Ping
    dpkg --install "$(deb)" >said 2>&1 || fail "$(cat said)"
    # Immediately: nothing needs to be started or reloaded manually.
    as_user alice piimagesctl --quiet list
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    assert_eq 2 "$(find /var/cache/piimages -name '*.jsa' | wc -l)" "class archives"
    # An installation in another bed may be recording at this moment.
    wait_until 10 no_recording_is_attached
}

# No image of record-start-up is attached to a loop device, not even to one that is detached when its last user closes it.
no_recording_is_attached() { ! losetup --list --noheadings --output BACK-FILE | grep --quiet '/tmp/tmp\..*/pi\.img'; }

test_a_mount_in_use_outlives_the_removal_and_is_reported() {
    local image other mount_point
    trap 'kill "$holder" 2>/dev/null || true; install_again' EXIT
    image=$(pi_image alice)
    other=$(pi_image alice)
    mount_point=$(mount_image alice "$image")
    mount_image alice "$other" >/dev/null
    tail --follow "$mount_point/etc/os-release" >/dev/null &
    holder=$!
    dpkg --remove piimages >said 2>&1 || fail "$(cat said)"
    assert_contains "$(cat said)" "in use by tail (pid $holder"
    assert_contains "$(cat said)" "$mount_point stays mounted; to unmount it when it is no longer in use: umount --recursive '$mount_point'"
    mountpoint --quiet "$mount_point/boot/firmware" || fail "unmounted by halves"
    assert_eq '' "$(loops_over "$other")"
    install_again
    # The next daemon finds the mount unchanged.
    assert_contains "$(as_user alice piimagesctl list)" "$mount_point"
    dpkg --remove piimages >said 2>&1 || fail "$(cat said)"
    kill "$holder"
    wait "$holder" || true
    umount --recursive "$mount_point"
    assert_eq '' "$(loops_over "$image")"
    install_again
    assert_contains "$(as_user alice piimagesctl list)" 'No image mounted'
    assert_eq '' "$(mounts_below "$mount_point")"
    trap - EXIT
}

# A machine that cannot be stopped, on a separate /run. As soon as something is about to be unmounted, its owner replaces a directory above
# a mount point by a link to a directory of the host.
test_removal_follows_no_link_in_an_image() {
    local root=/run/piimages/machines/evil/root
    mkdir -p bin host/firmware
    printf '#!/bin/sh\n' | tee bin/systemctl >bin/piimagesctl
    cat >bin/umount <<END
#!/bin/sh
if mv $root/boot $root/was 2>/dev/null; then ln -s "$PWD/host" $root/boot; fi
exec /usr/bin/umount "\$@"
END
    chmod 755 bin/*
    cat >removal <<END
mount --types tmpfs ours /run
mkdir -p /run/systemd/system $root
mount --types tmpfs image $root
mkdir -p $root/boot/firmware
mount --types tmpfs boot $root/boot/firmware
mount --types tmpfs hosts '$PWD/host/firmware'
PATH='$PWD/bin':\$PATH '$testbed/../packaging/src/control/prerm' remove
awk '{ print \$5 }' /proc/self/mountinfo >mounted
END
    unshare --mount --propagation private bash -e removal >said 2>&1 || fail "$(cat said)"
    grep --quiet --line-regexp "$PWD/host/firmware" mounted || fail "the host's mount is gone: $(cat said)"
    assert_eq '' "$(cat said)"
    assert_eq '' "$(grep "^$root" mounted || true)" "what is left of the machine"
}

# The package depends on, recommends or suggests the packages that the daemon checks for on the host.
test_the_package_names_the_packages_that_the_daemon_checks_for() {
    local package named count=0
    named=$(dpkg-query --show --showformat '${Depends}, ${Recommends}, ${Suggests}' piimages)
    while read -r package; do
        assert_matches "$named" "(^|[ ,|])$package(\$|[ ,|])"
        count=$((count + 1))
    done < <(sed -n 's/.*"\([a-z0-9-]*\)", [^"]*".*Severity.*/\1/p; s/.*new RequiredProgram("[^"]*", "\([^"]*\)".*/\1/p' \
        "$testbed/../daemon/src/main/java/org/example/piimages/daemon/diagnosis/HostChecks.java" | sort -u)
    (( count >= 4 )) || fail "only $count packages"
}

test_the_script_installs_and_removes_the_build_without_dpkg() {
    local image script
    trap install_again EXIT
    script=$testbed/../packaging/install
    dpkg --purge piimages >said 2>&1 || fail "$(cat said)"
    "$script"
    image=$(pi_image alice)
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    systemctl cat piimagesd.service >/dev/null
    man --where piimagesctl >/dev/null
    mount_image alice "$image" >/dev/null
    "$script" --remove
    assert_eq '' "$(mounts_below /run/piimages)"
    assert_eq '' "$(our_files)"
    DESTDIR=$WORK/elsewhere "$script"
    assert_eq 755 "$(stat --format %a "$WORK/elsewhere/usr/bin/piimagesctl")"
    [[ -e $WORK/elsewhere/usr/lib/systemd/system/piimagesd.service && ! -e $WORK/elsewhere/lib ]] || fail "not where it belongs"
    DESTDIR=$WORK/elsewhere "$script" --remove
    assert_eq '' "$(find "$WORK/elsewhere" -type f)"
}

# If they cannot be created, the installation does not fail, so only this test would notice.
test_class_archives_are_created_without_output_and_used() {
    local program
    rm -f /var/cache/piimages/*.jsa
    /usr/libexec/piimages/record-start-up >said 2>&1
    assert_eq '' "$(cat said)"
    for program in piimagesctl/cli piimagesd/daemon; do
        # Java refuses to start if it cannot use the archive. The daemon has no bus to connect to.
        DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent java "@/usr/share/piimages/${program%/*}.options" -Xshare:on \
            "-XX:SharedArchiveFile=/var/cache/piimages/${program%/*}.jsa" -jar "/usr/share/piimages/lib/piimages-${program#*/}.jar" \
            --version >said 2>&1 || true
        assert_matches "$(cat said)" '^piimagesctl [0-9]|java.net.SocketException: No such file'
    done
}

# On a slow computer, the time limit could end the recorded daemon before the image was unmounted.
test_creating_class_archives_leaves_nothing_if_the_unmount_fails() {
    # The path is short, because it contains a socket.
    directory=$(mktemp --directory /tmp/archives.XXXXXX)
    trap 'rm -rf --one-file-system "$directory"' EXIT
    chmod 755 "$directory"
    mkdir bin
    ln -s /usr/bin/* bin
    rm bin/timeout
    printf '%s\n' '#!/bin/sh' 'case $* in *" umount "*) echo >>umounts; exit 124 ;; esac' 'exec /usr/bin/timeout "$@"' >bin/timeout
    chmod 755 bin/timeout
    TMPDIR=$directory PATH=$PWD/bin:/usr/sbin /usr/libexec/piimages/record-start-up >said 2>&1
    [[ -e umounts ]] || fail "it has not come to the umount"
    assert_eq '' "$(cat said)" "what it said"
    assert_eq '' "$(ls -A "$directory")" "what is left"
    assert_eq 2 "$(find /var/cache/piimages -name '*.jsa' | wc -l)" "class archives"
    wait_until 10 no_recording_is_attached
}

# As on a system with dbus-broker.
test_without_dbus_daemon_class_archives_are_skipped_with_a_message() {
    mkdir bin
    ln -s /usr/bin/* bin
    rm bin/dbus-daemon
    PATH=$PWD/bin /usr/libexec/piimages/record-start-up >said 2>&1
    assert_contains "$(cat said)" 'dbus-daemon is not installed, so no class archives are created'
    assert_eq 1 "$(wc -l <said)"
}

# Java 24 and later print a warning on standard error about native libraries, unless the manifest permits them.
test_a_command_prints_no_warnings_of_java() {
    local jar
    as_user alice piimagesctl list >/dev/null 2>said
    assert_eq '' "$(cat said)"
    for jar in cli daemon; do
        assert_contains "$(unzip -p "/usr/share/piimages/lib/piimages-$jar.jar" META-INF/MANIFEST.MF)" 'Enable-Native-Access: ALL-UNNAMED'
    done
}

# In Debian 13 and later, packages must not contain files below /lib, /bin and /sbin, which are links.
test_the_package_contains_only_files_below_usr() {
    assert_eq '' "$(dpkg-deb --contents "$(deb)" | awk '{ print $6 }' | grep -v -E '^\./($|usr/)' || true)"
}

# The daemon may use devices whose modules, such as loop and mmc_block, are loaded after it has started. So the unit allows no device by a
# name, which is looked up when the unit starts, but by major numbers; these must be those of the kernel.
test_devices_are_allowed_whenever_their_drivers_are_loaded() {
    local allowed major name
    allowed=$(systemctl show --property DeviceAllow --value piimagesd.service)
    # ProtectClock= adds the clock.
    assert_eq '' "$(grep -v -E -x '(block-[0-9]+|/dev/char/[0-9]+:[0-9]+) rw|char-rtc r' <<<"$allowed" || true)"
    while read -r major name; do
        grep -q -x "block-$major rw" <<<"$allowed" || fail "$name devices, major number $major, are not allowed: $allowed"
    done < <(sed '1,/^Block devices:/d' /proc/devices | grep -E ' (loop|sd|mmc|blkext|device-mapper)$')
    assert_contains "$(systemctl show --property Wants --property After piimagesd.service)" modprobe@loop.service
}

# allowed_calls SET...: prints the system calls in these sets of systemd.
allowed_calls() {
    local word
    for word in $(systemd-analyze syscall-filter "$@" | sed -n 's/^ \+\([@a-z0-9_-]\+\)$/\1/p'); do
        case $word in
            @*) allowed_calls "$word" ;;
            *) echo "$word" ;;
        esac
    done
}

# The system calls that the daemon makes through the C library, by the kernel's names.
system_calls() {
    grep -rhoE 'Libc\.(call|callLong|callInfallible|syscall)\("?(SystemCall\.)?[A-Za-z0-9_]+' "$testbed/../daemon/src/main" \
        "$testbed/../dbus/src/main" | sed 's/.*[(".]//; s/.*/\L&/; s/^p\(read\|write\)$/p\164/; s/^statvfs$/statfs/; s/^isatty$/ioctl/; s/^waitpid$/wait4/; s/^posix_spawn$/vfork\nexecve/
            /^getpagesize$/d' | sort -u
}

# A call that the unit's filter forbids fails with EPERM, which would be mistaken for the kernel's answer.
test_the_units_filter_allows_what_the_daemon_calls() {
    local call
    allowed_calls @system-service @mount >allowed
    (( $(system_calls | wc -l) > 30 )) || fail "only these were found: $(system_calls)"
    for call in $(system_calls); do
        grep -q -x "$call" allowed || fail "the daemon calls $call, which its unit forbids"
        # LockPersonality=, RestrictRealtime=, RestrictSUIDSGID= and similar settings allow these calls with certain arguments only.
        assert_lacks ' personality sched_setscheduler mknod mknodat sethostname setdomainname settimeofday clock_settime ' " $call "
    done
}

# classes_from_jars PROGRAM: prints how many classes its processes have loaded from jar files since logging was enabled.
classes_from_jars() { cat /tmp/"$1"-*.classes | grep --count 'source: file:' || true; }

# Classes that are not in the archives slow down each start, and the first mount and run.
test_class_archives_contain_the_classes_for_mounts_and_runs() {
    local image program options=/usr/share/piimages
    # shellcheck disable=SC2064  # expanded now, because the variable is unset when the trap runs
    trap "cp -r '$WORK/kept/.' $options; systemctl stop piimagesd" EXIT
    mkdir "$WORK/kept"
    cp $options/*.options "$WORK/kept"
    for program in piimagesctl piimagesd; do
        sed -i "s|^-Xlog:disable|&\n-Xlog:class+load:file=/tmp/$program-%p.classes|" "$options/$program.options"
    done
    systemctl stop piimagesd
    image=$(pi_image alice)
    as_user alice piimagesctl mount "$image" >/dev/null
    as_user alice piimagesctl list >/dev/null
    as_user alice piimagesctl umount "$image"
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    (( $(cat /tmp/piimagesd-*.classes | wc -l) > 1000 )) || fail "they are not logged"
    (( $(classes_from_jars piimagesctl) <= 10 )) || fail "$(classes_from_jars piimagesctl) classes of piimagesctl are not in its archive"
    (( $(classes_from_jars piimagesd) <= 10 )) || fail "$(classes_from_jars piimagesd) classes of piimagesd are not in its archive"
}
