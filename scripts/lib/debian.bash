# Packages of the distribution.  Sourced; needs terminal.bash.

# What building needs, and what the tests and the demo need besides.
build_packages=(libbpf-dev libseccomp-dev libcap-dev libelf-dev libyaml-dev libssl-dev libre2-dev libsqlite3-dev libc-ares-dev pkg-config)
run_packages=(python3 python3-venv git util-linux e2fsprogs iproute2 gcc libc6-dev gnupg kmod)
# What tests are held against; shells, a reader of manual pages, Node.js, a browser and a database among it.
test_packages=(libsimdjson-dev python3-cryptography curl zsh fish mandoc nodejs chromium-headless-shell postgresql libpq5)
# What benchmarks measure against.
bench_packages=(bubblewrap openssl)
# What fetching and booting kernels needs besides.
kernel_packages=(qemu-system-x86 busybox-static cpio kmod xz-utils zstd e2fsprogs util-linux debian-archive-keyring)
# What a guest needs besides whose first process is systemd.
systemd_packages=(systemd dbus)
# What making a Debian package needs.
package_packages=(debhelper dpkg-dev lintian)

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_debian PACKAGE…: asks apt only for what is missing, and once more if the first attempt fails.
install_debian() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        note "this is not a Debian system; the following, or their like, must be installed: $*"
        return
    fi
    for package; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    apt_install "${missing[@]}" || { note "apt failed; once more"; apt_install "${missing[@]}"; } ||
        die "apt could not install: ${missing[*]}"
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}
