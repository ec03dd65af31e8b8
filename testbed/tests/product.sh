# How tests use PiImages and look at what it did; sourced after assert.sh.
# shellcheck shell=bash

manager=(org.example.PiImages /org/example/PiImages org.example.PiImages.Manager)
client=$programs/client
root_offset=$((20 << 20)) # of the tiny images; see images/layout

# pi_image USER [ARCH [OPTION]...]: a tiny image of that user's, whose boot partition every kernel mounts.
pi_image() { user_image "$1" "${2:-armhf}" --boot-fs ext4 "${@:3}"; }

# mount_image USER IMAGE [OPTION]...: prints where.
mount_image() { as_user "$1" piimagesctl mount "${@:3}" "$2"; }

umount_image() { as_user "$1" piimagesctl umount "$2"; }

# run_in USER IMAGE COMMAND...
run_in() { as_user "$1" piimagesctl run "$2" -- "${@:3}"; }

# The Debian release that the host is: bookworm, trixie, sid. By its os-release, sid is the release that testing will become.
host_release() {
    if grep --quiet --no-messages ' sid main' /etc/apt/sources.list; then
        echo sid
    else
        sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
    fi
}

# start_machine USER IMAGE NAME COMMAND...: in the background; sets "runner" to the caller's process, returns when it runs.
start_machine() {
    ensure_user "$1"
    (trap - ERR; as_user "$1" "$client" run "$2" name="$3" -- "${@:4}" </dev/null >"$WORK/$3.out" 2>"$WORK/$3.err") &
    runner=$!
    # An emulated run of a Debian begins with copying the tools of the host.
    wait_until 60 machine_runs "$3"
}

# It is registered a moment before its unit has started; stopping it in between is a conflict for systemd.
machine_runs() {
    machinectl show "$1" --property State 2>/dev/null | grep -q running && systemctl is-active --quiet "piimages-$1.service"
}

machine_is_gone() { ! machinectl show "$1" 2>/dev/null && ! systemctl is-active --quiet "piimages-$1.service"; }

# assert_refused ERROR REGEX -- COMMAND...: the client was answered with that error of ours, in these words.
assert_refused() { assert_fails_with 1 "^$1: .*$2" "${@:3}"; }

# What the kernel has mounted at and below a folder, a line for each.
mounts_below() { awk -v top="$1" '$5 == top || index($5, top "/") == 1 { print $5 }' /proc/1/mountinfo; }

# The loop devices that have this file behind them.
loops_over() { losetup --noheadings --raw --output NAME --associated "$1"; }

# in_image IMAGE COMMAND: asks debugfs of a tiny image's root, which nobody has mounted.
in_image() { debugfs -R "$2" "$1?offset=$root_offset" 2>/dev/null; }

# superblock IMAGE: what dumpe2fs -h says of a tiny image's root; that one has not understood an offset since e2fsprogs 1.47.2.
superblock() { in_image "$1" "show_super_stats -h"; }

# The user-mode emulator of that CPU (arm, aarch64), whatever the release calls it.
emulator() { command -v "qemu-$1-static" || command -v "qemu-$1"; }

# put_into_image IMAGE COMMAND...: debugfs's commands, each an argument, on a tiny image's root. Fails where one did.
put_into_image() {
    local image=$1 command words said
    for command in "${@:2}"; do
        read -r -a words <<<"$command"
        # These two take a name, not a path: they go to the folder first.
        case ${words[0]} in
            mknod) printf 'cd %s\nmknod %s\ncd /\n' "${words[1]%/*}/" "${words[1]##*/} ${words[*]:2}" ;;
            write) printf 'cd %s\nwrite %s\ncd /\n' "${words[2]%/*}/" "${words[1]} ${words[2]##*/}" ;;
            *) echo "$command" ;;
        esac
    done | debugfs -w -f - "$image?offset=$root_offset" >/dev/null 2>"$WORK/debugfs"
    # Its exit status tells nothing; on standard error the first line is its version.
    said=$(grep -v -e '^debugfs ' -e '^$' "$WORK/debugfs") || return 0
    fail "debugfs: $said"
}

# UID:GID of a file in a tiny image.
owner_in_image() {
    in_image "$1" "stat $2" | sed -n 's/^User: *\([0-9]*\) *Group: *\([0-9]*\).*/\1:\2/p'
}

# A checksum over all there is in a folder of a tiny image: names, owners, modes, times and contents.
checksum_in_image() {
    local copy
    copy=$(mktemp -d "$WORK/copy.XXXXXX")
    in_image "$1" "rdump $2 $copy"
    # rdump gives files their times back, but neither folders nor links.
    (cd "$copy" && { tar --create --sort=name --mtime=@0 -- *; find . -type f -printf '%p %T@\n' | sort; }) | sha256sum
    rm -r "$copy"
}

# kernel_package DIRECTORY: a package like the Raspberry Pi's kernels, whose files reach the boot partition by its script.
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

# A thread that ends meanwhile is left out, and not all of them with it.
daemon_threads() { cat "/proc/$(daemon_pid)"/task/*/comm 2>/dev/null | sort; }

# Java's own threads and those of the daemon that last; one for news is among them, which the watchdog keeps, and since Java 25 one of the
# common pool, which has the timers. How many of Java's compile is Java's own affair.
lasting_threads='java|VM .*|C[12] Compiler.*|Cleaner-0|Common-Cleaner|CompletableFutu|Finalizer|Monitor Deflati|Native Heap Tri'
lasting_threads+='|Notification Th|Reference Handl|Service Thread|Signal Dispatch|Sweeper thread|DestroyJavaVM|dbus-reader|job-clock|lookout|cards'

# The others, which end when they have had nothing to do for a minute.
passing_threads() {
    daemon_threads | grep --line-regexp --invert-match --extended-regexp "$lasting_threads" | awk '!/^(news|ForkJoinPool\.co)$/ || seen[$0]++'
}
no_passing_threads() { [[ -z $(passing_threads) ]]; }
# Waits until the daemon has only the threads that last.
await_idle_threads() {
    (wait_until 75 no_passing_threads) || { echo "threads that are still there:"; passing_threads | uniq --count; return 1; }
}

# Ends the daemon on the spot, and returns when the bus knows: a call before would still go to it, and be lost with it.
kill_daemon() {
    local pid
    pid=$(daemon_pid)
    # It may be about to start; kill(1) takes 0 for ourselves.
    [[ $pid != 0 ]] || return 0
    kill -KILL "$pid"
    wait_until 10 test ! -e "/proc/$pid"
    wait_until 10 bus_has_forgotten "$pid"
    # systemd would soon refuse to start what dies so often.
    systemctl reset-failed piimagesd.service 2>/dev/null || true
}

bus_has_forgotten() {
    [[ $(busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetConnectionUnixProcessID s org.example.PiImages 2>/dev/null) \
        != "u $1" ]]
}
