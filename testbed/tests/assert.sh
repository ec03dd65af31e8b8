# What tests are written with; sourced for each test. A test is a function test_what_is_true; it runs with "set -e" in a
# subshell of its own, as root, in the empty directory $WORK on a real disk, and has passed if it returns.
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

# assert_fails_with STATUS REGEX -- COMMAND...: that very status, and a message on standard error that matches.
assert_fails_with() {
    local expected=$1 regex=$2 status=0 message
    shift 3
    message=$("$@" 2>&1 >/dev/null) || status=$?
    assert_eq "$expected" "$status" "exit status of $* (which said ${message@Q})"
    assert_matches "$message" "$regex"
}

# sum_of FILE: to tell whether a file is what it was. Images have gigabytes, of which sha256sum takes seconds for each.
sum_of() { cksum <"$1"; }

# wait_until SECONDS COMMAND...: for what comes about by itself. Never sleep instead.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        (( SECONDS < deadline )) || fail "still not: $*"
        sleep 0.05
    done
}

# as_user NAME COMMAND...: logged in at the seat, in the foreground: "active" in polkit's words.
as_user() { as_user_in active "$@"; }

# as_user_in active|inactive|remote|none NAME COMMAND...
as_user_in() {
    local kind=$1 user=$2
    shift 2
    ensure_user "$user"
    (enter_session "$user" "$kind" && exec_as "$user" "$@")
}

# image ARCH|real [OPTION]...: a fresh copy of a tiny or the real image (see images/) in $WORK; prints its path.
image() {
    local copy builder=("$testbed/images/tiny" "$1")
    copy=$(mktemp --suffix=.img "$WORK/$1.XXXXXX")
    [[ $1 != real ]] || builder=("$testbed/images/real")
    cp --sparse=always "$("${builder[@]}" "${@:2}")" "$copy"
    echo "$copy"
}

# user_image NAME ARCH|real [OPTION]...: the same, belonging to that user, in a directory of theirs.
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

# Every test ends with this one of itself; a test calls it where nothing may be left in its middle.
# assert_nothing_left FILE, where FILE was made by "system_state >FILE".
assert_nothing_left() {
    local left
    left=$(await_state "$1") || fail "left behind: $left"
}
