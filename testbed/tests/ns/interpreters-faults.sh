# Registering an interpreter permanently and unregistering it: the daemon is killed at each step, and each step fails once; see
# kill_anywhere.sh and each_step_fails.sh.
# shellcheck shell=bash
time_limit=400
# shellcheck disable=SC2034  # for the suite
alone=yes

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

test_a_kill_at_any_step_of_registering_and_unregistering_leaves_nothing() { faults_of_interpreters kill; }

test_a_failure_of_any_step_of_registering_and_unregistering_leaves_nothing() { faults_of_interpreters fail; }

faults_of_interpreters() { faults_as root remove_aarch64_entry "$1" register unregister; }

aarch64_entry=/proc/sys/fs/binfmt_misc/qemu-aarch64

remove_aarch64_entry() { [[ ! -e $aarch64_entry ]] || echo -1 >"$aarch64_entry"; }

# The kernel's entries are shared by all beds.
put_back() { [[ -e $aarch64_entry ]] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >"${aarch64_entry%/*}/register"; }
