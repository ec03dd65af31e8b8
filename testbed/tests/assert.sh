# General assertions and functions of the tests; each test sources this file. A test is a function test_what_is_true. It runs with "set -e"
# in a separate process, as root, in the empty directory $WORK on a real disk, and passes if it returns.
# shellcheck shell=bash

testbed=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=testbed/inside/session
. "$testbed/inside/session"
# shellcheck source=testbed/tests/system-state
. "$testbed/tests/system-state"
# shellcheck source=testbed/tests/invariant
. "$testbed/tests/invariant"

fail() { trap - ERR; echo "FAILED (${BASH_SOURCE[-2]##*/}:${BASH_LINENO[-3]}): $*" >&2; exit 1; }

skip() { trap - ERR; echo "SKIPPED: $*" >&2; exit 77; }

assert_eq() { # EXPECTED ACTUAL [WHAT]
    [[ $1 == "$2" ]] || fail "${3:-value}: expected ${1@Q}, got ${2@Q}"
}

assert_contains() { # TEXT PART
    [[ $1 == *"$2"* ]] || fail "expected ${2@Q} in ${1@Q}"
}

assert_lacks() { # TEXT PART
    [[ $1 != *"$2"* ]] || fail "did not expect ${2@Q} in ${1@Q}"
}

assert_matches() { # TEXT REGEX
    [[ $1 =~ $2 ]] || fail "expected ${1@Q} to match $2"
}

# assert_fails_with STATUS REGEX -- COMMAND...: the command exits with exactly this status and prints a matching message on standard error.
assert_fails_with() {
    local expected=$1 regex=$2 status=0 message
    shift 3
    message=$("$@" 2>&1 >/dev/null) || status=$?
    assert_eq "$expected" "$status" "exit status of $* (which said ${message@Q})"
    assert_matches "$message" "$regex"
}

# sum_of FILE: prints a checksum, to detect whether a file has changed. Images are large, and sha256sum takes seconds per gigabyte.
sum_of() { cksum <"$1"; }

# wait_until SECONDS COMMAND...: waits until the command succeeds, for a state that is reached asynchronously; fails after SECONDS. Use this
# function instead of sleep.
wait_until() {
    # One more, because the current second has already begun.
    local deadline=$((SECONDS + $1 + 1))
    shift
    until "$@" >/dev/null 2>&1; do
        (( SECONDS < deadline )) || fail "still not: $*"
        sleep 0.05
    done
}

# as_user NAME COMMAND...: runs the command as a user who is logged in at the seat, in the foreground session ("active" in polkit's terms).
as_user() { as_user_in active "$@"; }

# as_user_in active|inactive|remote|none NAME COMMAND...
as_user_in() {
    local kind=$1 user=$2
    shift 2
    ensure_user "$user"
    (enter_session "$user" "$kind" && exec_as "$user" "$@")
}

# image ARCH|real [OPTION]...: makes a copy of a tiny image or of the real one (see images/) in $WORK, and prints its path.
image() {
    local copy builder=("$testbed/images/tiny" "$1")
    copy=$(mktemp --suffix=.img "$WORK/$1.XXXXXX")
    [[ $1 != real ]] || builder=("$testbed/images/real")
    cp --sparse=always "$("${builder[@]}" "${@:2}")" "$copy"
    echo "$copy"
}

# user_image NAME ARCH|real [OPTION]...: the same, owned by that user, in a directory that only they can access.
user_image() {
    local user=$1 directory=$WORK/$1 copy
    shift
    ensure_user "$user"
    copy=$(image "$@")
    install -d -m 700 -o "$user" "$directory"
    chown "$user:" "$copy"
    mv "$copy" "$directory"
    echo "$directory/${copy##*/}"
}

# assert_nothing_left FILE, where FILE was written by "system_state >FILE". The runner makes the same check after every test; a test
# calls this function if nothing may be left at an earlier point.
assert_nothing_left() {
    local left
    left=$(await_state "$1") || fail "left behind: $left"
}
