# Functions with which the tests use PiImages and inspect the results; sourced after assert.sh.
# shellcheck shell=bash

manager=(org.example.PiImages /org/example/PiImages org.example.PiImages.Manager)
client=$programs/client
root_offset=$((20 << 20)) # of the tiny images; see images/layout

# pi_image USER [ARCH [OPTION]...]: makes a tiny image owned by that user, with a boot partition that every kernel can mount.
pi_image() { user_image "$1" "${2:-armhf}" --boot-fs ext4 "${@:3}"; }

# install_polkit_rule NAME: installs standard input as a rule, which applies a moment later. It is renamed into place, because polkitd reads a
# file when it is created, and does not always notice what is written to it afterwards.
install_polkit_rule() {
    cat >"/etc/polkit-1/rules.d/$1.new"
    chmod 644 "/etc/polkit-1/rules.d/$1.new"
    mv "/etc/polkit-1/rules.d/$1.new" "/etc/polkit-1/rules.d/$1"
}

# mount_image USER IMAGE [OPTION]...: prints the mount point.
mount_image() { as_user "$1" piimagesctl mount "${@:3}" "$2"; }

umount_image() { as_user "$1" piimagesctl umount "$2"; }

# run_in USER IMAGE COMMAND...
run_in() { as_user "$1" piimagesctl run "$2" -- "${@:3}"; }

# The host's Debian release: bookworm, trixie or sid. The os-release of sid has the codename of the next stable release.
host_release() {
    if grep --quiet --no-messages ' sid main' /etc/apt/sources.list; then
        echo sid
    else
        sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
    fi
}

# start_machine USER IMAGE NAME COMMAND...: runs the command in the background; sets "runner" to the PID of the client, and returns when the
# machine is running.
start_machine() {
    ensure_user "$1"
    (trap - ERR; as_user "$1" "$client" run "$2" name="$3" -- "${@:4}" </dev/null >"$WORK/$3.out" 2>"$WORK/$3.err") &
    runner=$!
    # An emulated run of a Debian system first copies the host's tools.
    wait_until 60 machine_runs "$3"
}

# A machine is registered shortly before its unit has started; stopping it in between causes a conflict of systemd's jobs.
machine_runs() {
    machinectl show "$1" --property State 2>/dev/null | grep -q running && systemctl is-active --quiet "piimages-$1.service"
}

# The state of a booted machine's systemd, followed by the status of the units that failed.
state_of_machine() {
    local state unit
    state=$(systemctl --machine="$1" is-system-running) || true
    echo "$state"
    [[ $state != running ]] || return 0
    for unit in $(systemctl --machine="$1" --failed --no-legend --plain | cut --delimiter=' ' --fields=1); do
        systemctl --machine="$1" status --no-pager "$unit" || true
    done
}

machine_is_gone() { ! machinectl show "$1" 2>/dev/null && ! systemctl is-active --quiet "piimages-$1.service"; }

# assert_refused ERROR REGEX -- COMMAND...: the client receives this error from PiImages, with a matching text.
assert_refused() { assert_fails_with 1 "^$1: .*$2" "${@:3}"; }

# The mount points at and below a directory, one per line, as the kernel lists them.
mounts_below() { awk -v top="$1" '$5 == top || index($5, top "/") == 1 { print $5 }' /proc/1/mountinfo; }

# The loop devices backed by this file.
loops_over() { losetup --noheadings --raw --output NAME --associated "$1"; }

# in_image IMAGE COMMAND: runs a debugfs command on the root filesystem of a tiny image, which must not be mounted.
in_image() { debugfs -R "$2" "$1?offset=$root_offset" 2>/dev/null; }

# superblock IMAGE: prints the superblock of the root of a tiny image like dumpe2fs -h, which accepts no offset since e2fsprogs 1.47.2.
superblock() { in_image "$1" "show_super_stats -h"; }

# The path of the user-mode emulator for that CPU (arm, aarch64); its name depends on the release.
emulator() { command -v "qemu-$1-static" || command -v "qemu-$1"; }

# put_into_image IMAGE COMMAND...: runs debugfs commands, one per argument, on the root of a tiny image. Fails if one of them fails.
put_into_image() {
    local image=$1 command words said
    for command in "${@:2}"; do
        read -r -a words <<<"$command"
        # These two commands accept a name, not a path: change to the directory first.
        case ${words[0]} in
            mknod) printf 'cd %s\nmknod %s\ncd /\n' "${words[1]%/*}/" "${words[1]##*/} ${words[*]:2}" ;;
            write) printf 'cd %s\nwrite %s\ncd /\n' "${words[2]%/*}/" "${words[1]} ${words[2]##*/}" ;;
            *) echo "$command" ;;
        esac
    done | debugfs -w -f - "$image?offset=$root_offset" >/dev/null 2>"$WORK/debugfs"
    # The exit status does not show whether a command has failed; the first line on standard error is the version.
    said=$(grep -v -e '^debugfs ' -e '^$' "$WORK/debugfs") || return 0
    fail "debugfs: $said"
}

# UID:GID of a file in a tiny image.
owner_in_image() {
    in_image "$1" "stat $2" | sed -n 's/^User: *\([0-9]*\) *Group: *\([0-9]*\).*/\1:\2/p'
}

# A checksum of everything in a directory of a tiny image: names, owners, modes, times and contents.
checksum_in_image() {
    local copy
    copy=$(mktemp -d "$WORK/copy.XXXXXX")
    in_image "$1" "rdump $2 $copy"
    # rdump restores the times of files, but not those of directories and links.
    (cd "$copy" && { tar --create --sort=name --mtime=@0 -- *; find . -type f -printf '%p %T@\n' | sort; }) | sha256sum
    rm -r "$copy"
}

# kernel_package DIRECTORY: builds kernel.deb, a package like the Raspberry Pi's kernels: its postinst script copies the kernel to
# DIRECTORY, where the boot partition is mounted.
kernel_package() {
    mkdir -p package/DEBIAN package/usr/lib/linux-image-test
    echo "a kernel" >package/usr/lib/linux-image-test/kernel7.img
    printf '%s\n' 'Package: linux-image-test' 'Version: 1' 'Architecture: armhf' 'Maintainer: Nobody <nobody@example.org>' \
        'Description: a kernel' >package/DEBIAN/control
    printf '%s\n' '#!/bin/sh' 'set -e' "cp /usr/lib/linux-image-test/kernel7.img $1/kernel7.img" >package/DEBIAN/postinst
    chmod 755 package/DEBIAN/postinst
    dpkg-deb --build --root-owner-group package kernel.deb >/dev/null
}

daemon_pid() { systemctl show piimagesd.service --property MainPID --value; }

# If a thread exits during the listing, only that one is omitted.
daemon_threads() { cat "/proc/$(daemon_pid)"/task/*/comm 2>/dev/null | sort; }

# The threads of Java and of the daemon that exist as long as the process. In addition, one thread "news" never exits, because the
# watchdog uses it, and since Java 25 one thread of the common pool, which serves timers. Java decides how many compiler threads it has.
permanent_threads='java|VM .*|C[12] Compiler.*|Cleaner-0|Common-Cleaner|CompletableFutu|Finalizer|Monitor Deflati|Native Heap Tri'
permanent_threads+='|Notification Th|Reference Handl|Service Thread|Signal Dispatch|Sweeper thread|DestroyJavaVM|dbus-reader|job-clock|lookout|cards'

# The other threads, which exit after a minute without work.
temporary_threads() {
    daemon_threads | grep --line-regexp --invert-match --extended-regexp "$permanent_threads" | awk '!/^(news|ForkJoinPool\.co)$/ || seen[$0]++'
}
no_temporary_threads() { [[ -z $(temporary_threads) ]]; }
# Waits until the daemon has only its permanent threads.
await_idle_threads() {
    (wait_until 75 no_temporary_threads) || { echo "threads that are still there:"; temporary_threads | uniq --count; return 1; }
}

# Kills the daemon, and waits until the bus has disconnected it: an earlier call would still be sent to the killed process, and be lost.
kill_daemon() {
    local pid
    pid=$(daemon_pid)
    # MainPID is 0 if the daemon is not running, for example about to start; kill(1) would signal our own process group.
    [[ $pid != 0 ]] || return 0
    kill -KILL "$pid"
    wait_until 10 test ! -e "/proc/$pid"
    wait_until 10 bus_has_disconnected "$pid"
    # Otherwise systemd would soon refuse to start the service, because it fails so often.
    systemctl reset-failed piimagesd.service 2>/dev/null || true
}

bus_has_disconnected() {
    [[ $(busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetConnectionUnixProcessID s org.example.PiImages 2>/dev/null) \
        != "u $1" ]]
}
