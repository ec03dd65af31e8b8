# Defines the commands of a Pifile as bash functions; bash reads this file before the Pifile (BASH_ENV). Each command sends a request to
# piimagesctl: the number of fields, then the fields, each terminated by a NUL. The reply is a line with an exit status. bash reads the
# Pifile once for each stage; a command that belongs to another stage is not executed, and its reply is 0.
# shellcheck shell=bash
unset BASH_ENV

# Standard input has the answers; it is nobody else's.
__pi_scratch=${BASH_SOURCE[0]%/*}
exec {__pi_replies}<&0 {__pi_requests}>"$__pi_scratch/requests" {__pi_stdout}>&1 </dev/null
declare -A __pi_variables=([PIMOD]=true)

# __pi_call INPUT OUTPUT COMMAND [ARGUMENT]...: from the line that called the function that calls this.
__pi_call() {
    local status output=$2
    {
        # One at a time, also of what runs in the background: the next answer is this one's.
        command flock 201
        printf '%s\0' $(( $# + 3 )) "${BASH_SOURCE[2]}" "${BASH_LINENO[1]}" "$PWD" "$@" >&"$__pi_requests"
        # Nobody answers any more where the build has ended.
        read -r -u "$__pi_replies" status || exit 125
    } 201>"$__pi_scratch/turn"
    if [[ -n $output ]]; then
        command cat -- "$output"
        command rm -f -- "$output"
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

FROM() { __pi_call '' '' FROM "$@"; }
TO() { __pi_call '' '' TO "$@"; }
INPLACE() { __pi_call '' '' INPLACE "$@"; }
PUMP() { __pi_call '' '' PUMP "$@"; }
GROW() { __pi_call '' '' GROW "$@"; }
ADDPART() { __pi_call '' '' ADDPART "$@"; }
INSTALL() { __pi_call '' '' INSTALL "$@"; }
EXTRACT() { __pi_call '' '' EXTRACT "$@"; }
PATH() { __pi_call '' '' PATH "$@"; }
WORKDIR() { __pi_call '' '' WORKDIR "$@"; }
CONFIGURE() { __pi_call '' '' CONFIGURE "$@"; }
ZERO() { __pi_call '' '' ZERO "$@"; }
SHRINK() { __pi_call '' '' SHRINK "$@"; }
CHECK() { __pi_call '' '' CHECK "$@"; }
PACK() { __pi_call '' '' PACK "$@"; }
WRITE() { __pi_call '' '' WRITE "$@"; }

ENV() {
    __pi_call '' '' ENV "$@"
    if (( $# > 1 )) && [[ -n $1 ]]; then
        __pi_variables[$1]=$2
    elif [[ -n ${1-} ]]; then
        unset '__pi_variables[$1]'
    fi
}

# What is redirected to it, and not what a loop around it reads, is its input; the trap below tells one from the other.
RUN() {
    local input='' output=''
    if ! [[ /dev/fd/0 -ef /dev/fd/200 ]]; then
        input=$(command mktemp "$__pi_scratch/input.XXXXXX")
        command cat >"$input"
    fi
    if ! [[ /dev/fd/1 -ef /dev/fd/$__pi_stdout ]]; then
        output=$(command mktemp "$__pi_scratch/output.XXXXXX")
    fi
    __pi_substitute "$@"
    __pi_call "$input" "$output" RUN "${__pi_words[@]}"
}

HOST() {
    __pi_substitute "$@"
    __pi_call '' '' HOST "${__pi_words[@]}" || return 0
    "${__pi_words[@]}"
}

INCLUDE() {
    local file=${1-}
    [[ $file == *.Pifile ]] || file=$file.Pifile
    # pimod takes the name without whatever ending it has.
    if ! [[ -e $file ]]; then file=${1%.*}.Pifile; fi
    # A name alone is looked for in $PATH first.
    [[ $file == */* ]] || file=./$file
    __pi_call '' '' INCLUDE "${1-}" "$file"
    # shellcheck source=/dev/null
    source "$file"
}

__pi_failed() { # STATUS FILE LINE COMMAND
    {
        command flock 201
        printf '%s\0' 8 "$2" "$3" "$PWD" '' '' FAILED "$1" "$4" >&"$__pi_requests"
    } 201>"$__pi_scratch/turn"
}

set -euET
trap '__pi_failed "$?" "${BASH_SOURCE[0]-}" "$LINENO" "$BASH_COMMAND"' ERR
trap 'case ${FUNCNAME[0]-} in RUN | __pi_*) ;; *) exec 200<&0 ;; esac' DEBUG
exec 200<&0
