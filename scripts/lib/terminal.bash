# What scripts say, and how they stop.  Sourced.

say()  { printf '%s\n' "$*"; }
note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die()  { note "$*"; exit 1; }

need_root() {
    [ "$(id -u)" -eq 0 ] || die "run as root: sudo env \"PATH=\$PATH\" $0"
}
