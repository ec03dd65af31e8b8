# The daemon dies before every step that changes something, and at random moments: machines keep running, the next call finds, completes or
# undoes what was begun, nothing is left, and no image is damaged. PIIMAGES_FAULTS=. tries each step of each verb, not each step once.
# shellcheck shell=bash
time_limit=400

# shellcheck source=testbed/tests/faults.sh
. "$testbed/tests/faults.sh"

test_killed_at_every_step_of_mounting_and_unmounting() { faults kill mount unmount; }

test_killed_at_every_step_of_running_and_booting() { faults kill run boot terminate; }

test_killed_at_every_step_of_growing_and_shrinking() { faults kill grow shrink; }

test_killed_at_every_step_of_copying_and_packing() { faults kill copy pack publish; }

test_killed_at_any_moment() { faults random mount=15 unmount=15 run=20 boot=5 grow=15 shrink=10 copy=5; }
