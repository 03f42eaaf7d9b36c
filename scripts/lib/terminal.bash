# What scripts say, and how they stop.  Sourced.

say()  { printf '%s\n' "$*"; }
note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die()  { note "$*"; exit 1; }

need_root() {
    [ "$(id -u)" -eq 0 ] || die "run as root: sudo env \"PATH=\$PATH\" $0"
}

# Commands to run when the script ends, last one first; also on failure and on a signal.
cleanup_stack=()
at_end() { cleanup_stack+=("$1"); }

run_cleanups() {
    local status=$? i
    trap '' INT TERM HUP
    for ((i = ${#cleanup_stack[@]} - 1; i >= 0; i--)); do
        "${cleanup_stack[i]}" || note "cleaning up: ${cleanup_stack[i]} failed"
    done
    cleanup_stack=()
    exit "$status"
}
trap run_cleanups EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
