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
        command cat -- "$errors" >&2
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
    fi
    if [[ -n $output && /dev/fd/1 -ef /dev/fd/2 ]]; then
        errors=$output
    elif ! [[ /dev/fd/2 -ef /dev/fd/$__pi_stderr ]]; then
        errors=$(command mktemp "$__pi_scratch/errors.XXXXXX")
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
    {
        command flock 201
        printf '%s\0' 9 "$2" "$3" "$PWD" '' '' '' FAILED "$1" "$4" >&"$__pi_requests"
    } 201>"$__pi_scratch/turn"
}

# __pi_has_command TEXT: whether it has a command of the Pifile, or calls a function that has one.
__pi_has_command() {
    local IFS=$' \t\n' pattern='(^|[^[:alnum:]_])(RUN|INSTALL|EXTRACT|CONFIGURE|INCLUDE)([^[:alnum:]_]|$)' word
    if [[ $1 =~ $pattern ]]; then return 0; fi
    for word in ${1//[^[:alnum:]_]/ }; do
        if [[ $(builtin declare -f "$word" || true) =~ $pattern ]]; then return 0; fi
    done
    return 1
}

# __pi_end: waits for commands of the Pifile in the background, which would be left out if the script ended before they begin.
__pi_end() {
    local status=0 line text='' pids=()
    # Not in a subshell, which does not list the jobs that have ended.
    {
        builtin jobs -l
        echo '[end]'
    } 2>/dev/null >"$__pi_scratch/jobs" || exit 0
    while (( status == 0 )) && IFS= read -r line; do
        if [[ $line == '['* ]]; then
            __pi_wait "$text" "${pids[@]}" || status=$?
            text='' pids=()
        fi
        # The first line of each process of a pipeline; a command can have further lines.
        if [[ $line =~ ^(\[[0-9]+\][+ -]|\ {4})\ *([0-9]+)\  ]]; then pids+=("${BASH_REMATCH[2]}"); fi
        text+=$line$'\n'
    done <"$__pi_scratch/jobs"
    exit "$status"
}

# __pi_wait TEXT [PID]...: waits for a pipeline if it has a command of the Pifile; returns the status of its last command.
__pi_wait() {
    local status=0 pid
    if (( $# > 1 )) && __pi_has_command "$1"; then
        for pid in "${@:2}"; do
            status=0
            builtin wait "$pid" || status=$?
        done
    fi
    return "$status"
}

set -euET
trap 'if (( $? == 0 )) && [[ ${FUNCNAME[0]-} != __pi_* ]]; then __pi_end; fi' EXIT
trap '__pi_failed "$?" "${BASH_SOURCE[0]-}" "$LINENO" "$BASH_COMMAND"' ERR
trap 'case ${FUNCNAME[0]-} in RUN | __pi_*) ;; *) exec 200<&0 ;; esac' DEBUG
exec 200<&0
