# Injects faults into the daemon; sourced by the tests that use testbed/faults, a Java agent, and testbed/tests/faults, which plans the
# faults and reports what goes wrong.
# shellcheck shell=bash

fault_directory=/run/testbed-faults

# From now on, every daemon that is started runs with the agent, until the test ends, also if it fails.
start_daemon_with_faults() { # [JAVA OPTION]...
    trap end_of_faults EXIT
    mkdir -p "$fault_directory" /run/systemd/system/piimagesd.service.d
    printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironment="JDK_JAVA_OPTIONS=-javaagent:%s=%s %s"\n' \
        "$testbed/faults/target/faults.jar" "$fault_directory" "$*" >/run/systemd/system/piimagesd.service.d/faults.conf
    systemctl daemon-reload
    systemctl restart piimagesd.service
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
