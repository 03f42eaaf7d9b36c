# Python environments of pinned packages.  Sourced; needs terminal.bash and `project`.

# Where environments are kept between runs: outside the clone, and readable for the users that servers run as.
python_cache() {
    if [ "$(id -u)" -eq 0 ]; then
        say /var/cache/sandboxd-tests
    else
        say "${XDG_CACHE_HOME:-$HOME/.cache}/sandboxd"
    fi
}

# python_env NAME: prints the environment made from scripts/python/requirements-NAME.txt, making it if need be.
# The lock file carries the hash of every package; the environment is named after the hash of the lock file.
python_env() {
    local lock="$project/scripts/python/requirements-$1.txt" cache directory
    cache=$(python_cache)
    directory="$cache/$1-$(cat "$lock" <(/usr/bin/python3 -V) | sha256sum | cut -c1-16)"
    if [ ! -e "$directory/complete" ]; then
        say "installing the Python packages of requirements-$1.txt" >&2
        mkdir -p "$cache"
        (
            flock 9
            [ -e "$directory/complete" ] || make_python_env "$directory" "$lock" >&2
        ) 9>"$cache/.lock"
    fi
    say "$directory"
}

make_python_env() (
    umask 022
    rm -rf "$1"
    /usr/bin/python3 -m venv "$1"
    local pip=("$1/bin/pip" --quiet --disable-pip-version-check install --require-hashes --only-binary :all: -r "$2")
    "${pip[@]}" || { note "pip failed; once more"; "${pip[@]}"; } || die "pip could not install $2"
    touch "$1/complete"
)
