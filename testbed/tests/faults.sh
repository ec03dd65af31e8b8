# Injects faults into the daemon; sourced by the tests that use testbed/faults, which makes a copy of the daemon that can fail, and
# testbed/tests/faults, which plans the faults and reports what goes wrong.
# shellcheck shell=bash

fault_directory=/run/testbed-faults

# From now on, until the test ends, also if it fails, a copy of the daemon runs that can be made to fail.
start_daemon_with_faults() { # [JAVA OPTION]...
    local java=(/usr/bin/java @/usr/share/piimages/piimagesd.options "-Dpiimages.faults=$fault_directory" "$@")
    trap end_of_faults EXIT
    make_daemon_with_faults
    [[ ! -e $fault_directory/piimagesd.jsa ]] || java+=("-XX:SharedArchiveFile=$fault_directory/piimagesd.jsa")
    mkdir -p /run/systemd/system/piimagesd.service.d
    printf '%s\n' '[Unit]' StartLimitIntervalSec=0 '[Service]' Environment=LC_ALL=C.UTF-8 ExecStart= \
        "ExecStart=${java[*]} -jar $fault_directory/lib/piimages-daemon.jar" >/run/systemd/system/piimagesd.service.d/faults.conf
    systemctl daemon-reload
    systemctl restart piimagesd.service
}

make_daemon_with_faults() {
    [[ ! -e $fault_directory/lib ]] || return 0
    mkdir -p "$fault_directory/lib"
    ln -s /usr/share/piimages/lib/*.jar "$fault_directory/lib"
    rm "$fault_directory/lib/piimages-daemon.jar"
    java -XX:-UsePerfData -jar "$testbed/faults/target/faults.jar" /usr/share/piimages/lib/piimages-daemon.jar "$fault_directory/lib/piimages-daemon.jar"
}

# The daemon starts hundreds of times: a class archive, as the installed daemon has one, halves the time of a start.
archive_daemon_with_faults() { # IMAGE
    [[ ! -e $fault_directory/piimagesd.jsa ]] || return 0
    start_daemon_with_faults "-XX:ArchiveClassesAtExit=$fault_directory/piimagesd.jsa"
    piimagesctl mount "$1"
    piimagesctl umount "$1"
    systemctl stop piimagesd.service
    [[ -e $fault_directory/piimagesd.jsa ]]
}

end_of_faults() {
    [[ ! -e /run/systemd/system/piimagesd.service.d/faults.conf ]] || start_daemon_without_faults
    put_back
}

# Restores what else a test has changed beyond its end. Tests that need it redefine this function.
put_back() { true; }

start_daemon_without_faults() {
    rm -r /run/systemd/system/piimagesd.service.d
    systemctl daemon-reload
    systemctl restart piimagesd.service
}

# faults kill|fail VERB..., faults random VERB=COUNT...: while a machine of root runs, which must survive all faults.
faults() { faults_as alice true "$@"; }

# faults_as USER SETUP kill|fail|random VERB...: as that user; the command SETUP is run once the machine runs.
faults_as() {
    local user=$1 setup=$2 how=$3 verb
    shift 3
    archive_daemon_with_faults "$(image armhf --boot-fs ext4)"
    start_daemon_with_faults
    # What a death at a step leaves behind depends on what was done before: for each group of verbs, all steps count as untried.
    rm -f "$fault_directory/tried-kill"
    start_machine root "$(image armhf --boot-fs ext4)" survivor sleep 1000
    # Makes the user's session the active one of the seat again.
    as_user "$user" true
    "$setup"
    for verb in "$@"; do
        "$testbed/tests/faults" "$how" "$fault_directory" "$user" "${verb%=*}" "$(pi_image "$user")" "${verb#*=}"
    done
    machinectl terminate survivor
    wait "$runner" || true
    wait_until 15 machine_is_gone survivor
    start_daemon_without_faults
}
