# The Debian package in a system that runs: upgraded, removed, purged and installed again; and the installation without dpkg.
# shellcheck shell=bash
time_limit=180

# dpkg and what it starts put the product there, and take it away.
may_change '/usr/**' '/etc/**' '/lib/**' '/var/**' '/run/systemd/**' '/tmp/piimages*.classes'

deb() { find "$testbed/../packaging/target" -maxdepth 1 -name 'piimages_*.deb'; }

# The suite's other tests want it installed, whatever this one came to.
install_again() { dpkg --install "$(deb)" >/dev/null 2>&1; }

# newer_deb: the same package with a higher version.
newer_deb() {
    dpkg-deb --raw-extract "$(deb)" "$WORK/newer" >/dev/null
    sed -i 's/^Version: .*/&+newer/' "$WORK/newer/DEBIAN/control"
    # Whatever unpacks it, it is root's.
    dpkg-deb --build --root-owner-group "$WORK/newer" "$WORK/newer.deb" >/dev/null
    echo "$WORK/newer.deb"
}

test_an_upgrade_leaves_machines_and_mounts_to_the_new_daemon() {
    local image other third mount_point leader before client_job
    trap install_again EXIT
    image=$(pi_image alice)
    other=$(pi_image alice)
    third=$(pi_image alice)
    mount_point=$(mount_image alice "$image")
    start_machine alice "$other" survivor sleep 300
    leader=$(machinectl show survivor --property Leader --value)
    # A long installation in an image, say, whose client was started before the upgrade and sees its end.
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

# Whatever of ours is where packages and the daemon put things.
our_files() {
    find /etc /usr /lib /boot /opt /srv /var/cache /var/lib /run -xdev \( -path /var/lib/dpkg -o -path '*testbed*' \) -prune \
        -o -iname '*piimages*' -print
}

test_purging_takes_all_away_and_the_bus_starts_what_is_installed_again() {
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
    # At once: nothing has been started or reloaded by hand.
    as_user alice piimagesctl --quiet list
    assert_eq armv7l "$(run_in alice "$image" uname -m)"
    assert_eq 2 "$(find /var/cache/piimages -name '*.jsa' | wc -l)" "class archives"
    # Somebody else's installation may be at it just now.
    wait_until 10 nothing_is_recorded
}

# nothing_is_recorded: no image of record-start-up's is attached, or has a loop device waiting for its end.
nothing_is_recorded() { ! losetup --list --noheadings --output BACK-FILE | grep --quiet '/tmp/tmp\..*/pi\.img'; }

test_a_mount_in_use_outlives_the_removal_whole_and_is_told() {
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
    # The next daemon finds it as it was.
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

# A machine that does not end, on a /run of its own, whose owner puts a link to the host where a mount point was, as soon as something is
# to be unmounted.
test_removal_follows_no_link_that_an_image_puts_in_its_way() {
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

# What the daemon looks for on the host, the package names.
test_the_packages_that_the_daemon_wants_are_named() {
    local package named count=0
    named=$(dpkg-query --show --showformat '${Depends}, ${Recommends}, ${Suggests}' piimages)
    while read -r package; do
        assert_matches "$named" "(^|[ ,|])$package(\$|[ ,|])"
        count=$((count + 1))
    done < <(sed -n 's/.*"\([a-z0-9-]*\)", [^"]*".*Severity.*/\1/p; s/.*new RequiredProgram("[^"]*", "\([^"]*\)".*/\1/p' \
        "$testbed/../daemon/src/main/java/org/example/piimages/daemon/diagnosis/HostChecks.java" | sort -u)
    (( count >= 4 )) || fail "only $count packages"
}

test_without_dpkg_it_is_installed_and_taken_away_by_a_script() {
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

# Not being able to make them is no error of the installation's, and must not be one that nobody sees.
test_class_archives_are_made_without_a_word_and_used() {
    local program
    rm -f /var/cache/piimages/*.jsa
    /usr/libexec/piimages/record-start-up >said 2>&1
    assert_eq '' "$(cat said)"
    for program in piimagesctl/cli piimagesd/daemon; do
        # Java refuses to start where it cannot use it; the daemon has no bus to go to.
        DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent java "@/usr/share/piimages/${program%/*}.options" -Xshare:on \
            "-XX:SharedArchiveFile=/var/cache/piimages/${program%/*}.jsa" -jar "/usr/share/piimages/lib/piimages-${program#*/}.jar" \
            --version >said 2>&1 || true
        assert_matches "$(cat said)" '^piimagesctl [0-9]|java.net.SocketException: No such file'
    done
}

# On a slow computer its daemon could end, by its time limit, before the image was unmounted.
test_making_class_archives_leaves_nothing_when_the_image_is_not_unmounted() {
    # Short, because a socket is in it.
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
    wait_until 10 nothing_is_recorded
}

# As where the bus is dbus-broker.
test_without_dbus_daemon_there_are_no_class_archives_and_it_is_told() {
    mkdir bin
    ln -s /usr/bin/* bin
    rm bin/dbus-daemon
    PATH=$PWD/bin /usr/libexec/piimages/record-start-up >said 2>&1
    assert_contains "$(cat said)" 'dbus-daemon is not installed, so no class archives are created'
    assert_eq 1 "$(wc -l <said)"
}

# From Java 24 on it tells on standard error of native libraries that no manifest allows.
test_a_command_says_nothing_of_the_java_it_runs_on() {
    local jar
    as_user alice piimagesctl list >/dev/null 2>said
    assert_eq '' "$(cat said)"
    for jar in cli daemon; do
        assert_contains "$(unzip -p "/usr/share/piimages/lib/piimages-$jar.jar" META-INF/MANIFEST.MF)" 'Enable-Native-Access: ALL-UNNAMED'
    done
}

# Debian 13 and later want no package's files below /lib, /bin and /sbin, which are links.
test_the_package_has_its_files_below_usr() {
    assert_eq '' "$(dpkg-deb --contents "$(deb)" | awk '{ print $6 }' | grep -v -E '^\./($|usr/)' || true)"
}

# A module that is loaded after the daemon has started, as loop and mmc_block are, brings devices that it may use: none is allowed by a name
# that is looked up when the unit starts, and the numbers are those of the kernel.
test_devices_are_allowed_whenever_their_drivers_come() {
    local allowed major name
    allowed=$(systemctl show --property DeviceAllow --value piimagesd.service)
    # ProtectClock= adds the clock.
    assert_eq '' "$(grep -v -E -x '(block-[0-9]+|/dev/char/[0-9]+:[0-9]+) rw|char-rtc r' <<<"$allowed" || true)"
    while read -r major name; do
        grep -q -x "block-$major rw" <<<"$allowed" || fail "$name devices, major number $major, are not allowed: $allowed"
    done < <(sed '1,/^Block devices:/d' /proc/devices | grep -E ' (loop|sd|mmc|blkext|device-mapper)$')
    assert_contains "$(systemctl show --property Wants --property After piimagesd.service)" modprobe@loop.service
}

# allowed_calls SET...: the system calls of systemd's sets.
allowed_calls() {
    local word
    for word in $(systemd-analyze syscall-filter "$@" | sed -n 's/^ \+\([@a-z0-9_-]\+\)$/\1/p'); do
        case $word in
            @*) allowed_calls "$word" ;;
            *) echo "$word" ;;
        esac
    done
}

# The system calls by which the daemon asks the kernel through the C library, by the kernel's names.
system_calls() {
    grep -rhoE 'Libc\.(call|callLong|callInfallible|syscall)\("?(SystemCall\.)?[A-Za-z0-9_]+' "$testbed/../daemon/src/main" \
        "$testbed/../dbus/src/main" | sed 's/.*[(".]//; s/.*/\L&/; s/^p\(read\|write\)$/p\164/; s/^statvfs$/statfs/; s/^isatty$/ioctl/; s/^waitpid$/wait4/; s/^posix_spawn$/vfork\nexecve/
            /^getpagesize$/d' | sort -u
}

# What the unit's filter forbids fails with EPERM, which would be taken for the kernel's answer.
test_the_units_filter_allows_what_the_daemon_calls() {
    local call
    allowed_calls @system-service @mount >allowed
    (( $(system_calls | wc -l) > 30 )) || fail "only these were found: $(system_calls)"
    for call in $(system_calls); do
        grep -q -x "$call" allowed || fail "the daemon calls $call, which its unit forbids"
        # Of these LockPersonality=, RestrictRealtime=, RestrictSUIDSGID= and the like allow no more than some arguments.
        assert_lacks ' personality sched_setscheduler mknod mknodat sethostname setdomainname settimeofday clock_settime ' " $call "
    done
}

# from_jars PROGRAM: how many classes its processes have taken from jars since they were told to log them.
from_jars() { cat /tmp/"$1"-*.classes | grep --count 'source: file:' || true; }

# What is not in the archives takes its time with each first call: a start, a mount, a run.
test_class_archives_have_what_mounts_and_runs() {
    local image program options=/usr/share/piimages
    # shellcheck disable=SC2064  # now: the variable is gone when the trap runs
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
    (( $(from_jars piimagesctl) <= 10 )) || fail "$(from_jars piimagesctl) classes of piimagesctl are not in its archive"
    (( $(from_jars piimagesd) <= 10 )) || fail "$(from_jars piimagesd) classes of piimagesd are not in its archive"
}
