# Defines the commands of a Pifile as bash functions; bash reads this file before the Pifile (BASH_ENV). Each command sends a request to
# piimagesctl: the number of fields, then the fields, each terminated by a NUL. The reply is a line with an exit status. bash reads the
# Pifile once for each stage; a command that belongs to another stage is not executed, and its reply is 0.
# shellcheck shell=bash
unset BASH_ENV

# Standard input has the answers; it is nobody else's.
__pi_scratch=${BASH_SOURCE[0]%/*}
exec {__pi_replies}<&0 {__pi_requests}>"$__pi_scratch/requests" {__pi_stdout}>&1 {__pi_stderr}>&2 </dev/null
declare -A __pi_variables=([PIMOD]=true)

# __pi_call INPUT OUTPUT ERRORS COMMAND [ARGUMENT]...: from the line that called the function that calls this.
__pi_call() {
    local status output=$2 errors=$3
    {
        # One at a time, also of what runs in the background: the next answer is this one's.
        command flock 201
        printf '%s\0' $(( $# + 3 )) "${BASH_SOURCE[2]}" "${BASH_LINENO[1]}" "$PWD" "$@" >&"$__pi_requests"
        # Nobody answers any more where the build has ended.
        read -r -u "$__pi_replies" status || exit 125
    } 201>"$__pi_scratch/turn"
    if [[ -n $output ]]; then
        command cat -- "$output"
        # Not removed: it is written again if the step has to be executed again.
        : >"$output"
    fi
    if [[ -n $errors && $errors != "$output" ]]; then
        # It may be closed (2>&-).
        if [[ -e /dev/fd/2 ]]; then command cat -- "$errors" >&2; fi
        : >"$errors"
    fi
    return "$status"
}

# __pi_substitute ARGUMENT...: @@NAME@@ stands for what ENV has set.
__pi_substitute() {
    local name
    __pi_words=("$@")
    for name in "${!__pi_variables[@]}"; do
        __pi_words=("${__pi_words[@]//"@@$name@@"/"${__pi_variables[$name]}"}")
    done
}

FROM() { __pi_call '' '' '' FROM "$@"; }
TO() { __pi_call '' '' '' TO "$@"; }
INPLACE() { __pi_call '' '' '' INPLACE "$@"; }
PUMP() { __pi_call '' '' '' PUMP "$@"; }
GROW() { __pi_call '' '' '' GROW "$@"; }
ADDPART() { __pi_call '' '' '' ADDPART "$@"; }
INSTALL() { __pi_call '' '' '' INSTALL "$@"; }
EXTRACT() { __pi_call '' '' '' EXTRACT "$@"; }
PATH() { __pi_call '' '' '' PATH "$@"; }
WORKDIR() { __pi_call '' '' '' WORKDIR "$@"; }
CONFIGURE() { __pi_call '' '' '' CONFIGURE "$@"; }
ZERO() { __pi_call '' '' '' ZERO "$@"; }
SHRINK() { __pi_call '' '' '' SHRINK "$@"; }
CHECK() { __pi_call '' '' '' CHECK "$@"; }
PACK() { __pi_call '' '' '' PACK "$@"; }
WRITE() { __pi_call '' '' '' WRITE "$@"; }

ENV() {
    __pi_call '' '' '' ENV "$@"
    if (( $# > 1 )) && [[ -n $1 ]]; then
        __pi_variables[$1]=$2
    elif [[ -n ${1-} ]]; then
        unset '__pi_variables[$1]'
    fi
}

# What is redirected to it, and not what a loop around it reads, is its input; the trap below tells one from the other.
RUN() {
    local input='' output='' errors=''
    if ! [[ /dev/fd/0 -ef /dev/fd/200 ]]; then
        input=$(command mktemp "$__pi_scratch/input.XXXXXX")
        command cat >"$input"
    fi
    if ! [[ /dev/fd/1 -ef /dev/fd/$__pi_stdout ]]; then
        output=$(command mktemp "$__pi_scratch/output.XXXXXX")
        command chmod 666 "$output"
    fi
    if [[ -n $output && /dev/fd/1 -ef /dev/fd/2 ]]; then
        errors=$output
    elif ! [[ /dev/fd/2 -ef /dev/fd/$__pi_stderr ]]; then
        errors=$(command mktemp "$__pi_scratch/errors.XXXXXX")
        # The root of the image may open it by name, as /dev/stderr.
        command chmod 666 "$errors"
    fi
    __pi_substitute "$@"
    __pi_call "$input" "$output" "$errors" RUN "${__pi_words[@]}"
}

HOST() {
    __pi_substitute "$@"
    __pi_call '' '' '' HOST "${__pi_words[@]}" || return 0
    "${__pi_words[@]}"
}

INCLUDE() {
    local file=${1-}
    [[ $file == *.Pifile ]] || file=$file.Pifile
    # pimod takes the name without whatever ending it has.
    if ! [[ -e $file ]]; then file=${1%.*}.Pifile; fi
    # A name alone is looked for in $PATH first.
    [[ $file == */* ]] || file=./$file
    __pi_call '' '' '' INCLUDE "${1-}" "$file"
    # shellcheck source=/dev/null
    source "$file"
}

__pi_failed() { # STATUS FILE LINE COMMAND
    : >"$__pi_scratch/failed"
    {
        command flock 201
        printf '%s\0' 9 "$2" "$3" "$PWD" '' '' '' FAILED "$1" "$4" >&"$__pi_requests"
    } 201>"$__pi_scratch/turn"
}

# Ends the script when the commands in its background have ended: a command of the Pifile that has not begun would be left out. What failed
# in the background fails the build, unless the recipe has killed it.
__pi_end() {
    local status=0 pid line
    # Not in a subshell, which does not list the jobs that have ended.
    builtin jobs -l 2>/dev/null >"$__pi_scratch/jobs" || exit 0
    while IFS= read -r line; do
        if [[ $line =~ ^\[[0-9]+\][+\ -]\ +[0-9]+\ Exit\ ([0-9]+)\  ]]; then exit "${BASH_REMATCH[1]}"; fi
    done <"$__pi_scratch/jobs"
    __pi_report_background
    while true; do
        status=0 pid=
        builtin wait -n -p pid || status=$?
        [[ -n ${pid-} ]] || exit 0
        if (( status > 128 )) && ! [[ -e $__pi_scratch/failed ]]; then continue; fi
        (( status == 0 )) || exit "$status"
    done
}

# If the background takes more than a moment: says what is waited for, since it may never end.
__pi_report_background() {
    local line pause
    for pause in 0 0.1 0.2 0.3 0.4; do
        command sleep "$pause"
        builtin jobs -r 2>/dev/null >"$__pi_scratch/jobs" || return 0
        [[ -s $__pi_scratch/jobs ]] || return 0
    done
    while IFS= read -r line; do
        if [[ $line =~ ^\[[0-9]+\][+\ -]\ +Running\ +(.*) ]]; then
            echo "waiting for a command in the background: ${BASH_REMATCH[1]}" >&"$__pi_stderr"
        fi
    done <"$__pi_scratch/jobs"
}

set -euET
trap 'if (( $? == 0 )) && [[ ${FUNCNAME[0]-} != __pi_* ]]; then __pi_end; fi' EXIT
trap '__pi_failed "$?" "${BASH_SOURCE[0]-}" "$LINENO" "$BASH_COMMAND"' ERR
trap 'case ${FUNCNAME[0]-} in RUN | __pi_*) ;; *) exec 200<&0 ;; esac' DEBUG
exec 200<&0
