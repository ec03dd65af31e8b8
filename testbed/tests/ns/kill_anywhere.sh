# The daemon is killed before every step that changes something, and at random moments: machines keep running, the next call finds,
# completes or undoes what was begun, nothing is left, and no image is damaged. With PIIMAGES_FAULTS=., each step of each verb is tried, not
# each step once.
# shellcheck shell=bash
time_limit=400

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

test_a_kill_at_any_step_of_mounting_and_unmounting_leaves_nothing() { faults kill mount unmount; }

test_a_kill_at_any_step_of_running_and_booting_leaves_nothing() { faults kill run boot terminate; }

test_a_kill_at_any_step_of_growing_and_shrinking_leaves_nothing() { faults kill grow shrink; }

test_a_kill_at_any_step_of_copying_and_packing_leaves_nothing() { faults kill copy pack publish; }

test_a_kill_at_any_moment_leaves_nothing() { faults random mount=15 unmount=15 run=20 boot=5 grow=15 shrink=10 copy=5; }
