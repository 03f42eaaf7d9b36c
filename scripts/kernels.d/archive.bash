# Kernels of the archive, kept outside the clone.  Sourced; needs terminal.bash and root.
#   images/RELEASE/{vmlinuz,lib/modules/RELEASE}     unpacked; nothing is installed
#   series/NAME                                      which release a series was when it was fetched last

# What the test tier boots: the oldest first, the newest last.
kernel_tier=(6.1 6.12 6.18 newest)
kernel_suites=(bookworm bookworm-security trixie trixie-security trixie-backports)
kernel_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
kernel_cache=/var/cache/sandboxd-tests/kernels
# Between attempts at the archive, in seconds.
kernel_pauses=(5 15)

# kernel_image SERIES: prints where the image of a fetched series lies.
kernel_image() {
    local release
    release=$(cat "$kernel_cache/series/$1" 2>/dev/null) && [ -e "$kernel_cache/images/$release/complete" ] &&
        say "$kernel_cache/images/$release"
}

list_kernels() {
    local file image
    for file in "$kernel_cache"/series/*; do
        image=$(kernel_image "${file##*/}") && printf '%-8s %s\n' "${file##*/}" "${image##*/}"
    done
    return 0
}

# fetch_kernels SERIES…: says for each which release it is now. One that is here already will do when the archive does not answer.
fetch_kernels() {
    local series lock failed=()
    mkdir -p "$kernel_cache"/{images,series,archive/{lists/partial,cache/archives/partial}}
    exec {lock}>"$kernel_cache/lock"
    flock "$lock"
    for series; do
        if looked_up_today "$series" || retried fetch_kernel "$series"; then
            printf 'kernel %-8s %s\n' "$series" "$(cat "$kernel_cache/series/$series")"
        elif kernel_image "$series" >/dev/null; then
            note "kernel $series is the one that was fetched before: $(cat "$kernel_cache/series/$series")"
        else
            failed+=("$series")
        fi
    done
    exec {lock}>&-
    [ ${#failed[@]} -eq 0 ] || { note "no kernel of series ${failed[*]}"; return 1; }
}

looked_up_today() { kernel_image "$1" >/dev/null && [ -n "$(find "$kernel_cache/series/$1" -mmin -1440)" ]; }

# retried COMMAND…: once more after each pause.
retried() {
    local pause
    for pause in "${kernel_pauses[@]}"; do
        "$@" && return
        note "\`$*\` failed; once more in $pause s"
        sleep "$pause"
    done
    "$@"
}

fetch_kernel() {
    local image release
    update_archive && image=$(image_package "$1") || return
    release=${image#linux-image-}
    [ -e "$kernel_cache/images/$release/complete" ] || unpack_kernel "$image" "$release" || return
    say "$release" >"$kernel_cache/series/$1"
}

# apt, with a view of its own: the mirror that this machine uses, every suite with kernels, and no key but Debian's.
archive() {
    local program=$1 view=$kernel_cache/archive
    shift
    "$program" -qq -o "Dir::Etc::SourceList=$view/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o "Dir::State::Lists=$view/lists" -o "Dir::Cache=$view/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# Once for all series of a run.
update_archive() {
    local view=$kernel_cache/archive
    [ -z "$(find "$view/updated" -mmin -10 2>/dev/null)" ] || return 0
    archive_sources >"$view/sources.list" && archive apt-get update --error-on=any && touch "$view/updated"
}

# The mirrors are those of apt's own sources, by the labels of their signed lists.
archive_sources() {
    local sites mirror security suite
    sites=$(debian_sites)
    [ -n "$sites" ] || { apt-get -qq update >&2; sites=$(debian_sites); }
    mirror=$(sed -n 's/^Debian //p;T;q' <<<"$sites")
    security=$(sed -n 's/^Debian-Security //p;T;q' <<<"$sites")
    [ -n "$mirror" ] || { note "apt's sources name no mirror of Debian"; return 1; }
    for suite in "${kernel_suites[@]}"; do
        case $suite in
            *-security) say "deb [signed-by=$kernel_keyring] ${security:-${mirror%/}-security} $suite main" ;;
            *) say "deb [signed-by=$kernel_keyring] $mirror $suite main" ;;
        esac
    done
}

debian_sites() { apt-get indextargets --format '$(LABEL) $(SITE)' 'Created-By: Packages' | grep -E '^Debian(-Security)? ' || :; }

# image_package SERIES: the newest image package of a series. Once 6.18 has left the archive, the oldest series above 6.12 stands for it.
image_package() {
    local images found series
    images=$(available_images)
    case $1 in
        newest) found=$(tail -n 1 <<<"$images") ;;
        *) found=$(newest_of "$1" <<<"$images") ;;
    esac
    if [ -z "$found" ] && [ "$1" = 6.18 ]; then
        series=$(sed -n '/^linux-image-6\.12\./,$p' <<<"$images" | sed -nE 's/^linux-image-([0-9]+\.[0-9]+)\..*/\1/p' | grep -vxF 6.12 | head -n 1)
        note "the archive has no kernel 6.18 any more; ${series:-nothing} stands for it"
        [ -z "$series" ] || found=$(newest_of "$series" <<<"$images")
    fi
    [ -n "$found" ] || { note "the archive has no kernel of series $1"; return 1; }
    say "$found"
}

newest_of() { grep -F "linux-image-$1." | tail -n 1; }

# Of the names that apt knows, those of packages that can be had, the oldest first: other packages name many that are gone.
available_images() {
    archive apt-cache pkgnames linux-image- | grep -E '^linux-image-[0-9]+\.[0-9]+\.[0-9]+[-+][-+.a-z0-9]*cloud-amd64$' | available | sort -V
}

available() {
    local names
    mapfile -t names
    [ ${#names[@]} -eq 0 ] || archive apt-cache madison "${names[@]}" | awk '{ print $1 }' | sort -u
}

# unpack_kernel IMAGE RELEASE: whole or not at all.
unpack_kernel() {
    local new=$kernel_cache/images/.new vmlinuz package
    rm -rf "$new"
    mkdir -p "$new/debs" "$new/files" "$new/kernel/lib/modules" || return
    (cd "$new/debs" && archive apt-get download $(kernel_packages_of "$1" "$2")) || return
    for package in "$new"/debs/*.deb; do dpkg -x "$package" "$new/files" || return; done
    vmlinuz=$(find "$new/files" -type f \( -name vmlinuz -o -name "vmlinuz-$2" \) -print -quit)
    mv "$vmlinuz" "$new/kernel/vmlinuz" &&
        mv "$(find "$new/files" -type d -path "*/lib/modules/$2" -print -quit)" "$new/kernel/lib/modules/" &&
        depmod -b "$new/kernel" "$2" || return
    chmod -R u+rwX,go+rX "$new/kernel"
    touch "$new/kernel/complete"
    rm -rf "$kernel_cache/images/$2"
    mv "$new/kernel" "$kernel_cache/images/$2" && rm -rf "$new"
}

# From 7 on the image package is empty, and depends on linux-{base,binary,modules}-RELEASE; before, it names some that do not exist.
kernel_packages_of() {
    {
        say "$1"
        archive apt-cache depends "$1" | sed -nE "s/^ *(Pre)?Depends: <?(linux-[a-z]+-$(sed 's/[.+]/\\&/g' <<<"$2"))>?$/\2/p"
    } | available
}
