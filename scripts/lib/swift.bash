# The Swift toolchain and the build.  Sourced; needs terminal.bash and `project`.

need_swift() {
    if ! command -v swift >/dev/null; then
        note "swift is missing from PATH ($PATH)"
        note "install the toolchain 6.3 or later (https://www.swift.org/install/linux/) and put its usr/bin into PATH;"
        note "with sudo, keep the PATH of your user: sudo env \"PATH=\$PATH\" $0"
        exit 1
    fi
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    [ -n "$version" ] || die "\`swift --version\` does not name a version; is the toolchain complete?"
    local major=${version% *} minor=${version#* }
    if ((major < 6 || (major == 6 && minor < 3))); then
        die "swift $major.$minor is too old; sandboxd is built with 6.3 or later (https://www.swift.org/install/linux/)"
    fi
}

# Runs a command as the owner of the clone: a build by root would leave files that the owner cannot replace.
as_owner() {
    local owner
    owner=$(stat -c %u "$project")
    if [ "$(id -u)" -ne 0 ] || [ "$owner" -eq 0 ] || ! getent passwd "$owner" >/dev/null; then
        (cd "$project" && "$@")
        return
    fi
    local home
    home=$(getent passwd "$owner" | cut -d: -f6)
    (cd "$project" && setpriv --reuid="$owner" --regid="$(stat -c %g "$project")" --init-groups env "HOME=$home" "$@")
}

build_release() {
    say "building in release; the first time this takes minutes"
    as_owner swift build --quiet -c release --static-swift-stdlib
}
