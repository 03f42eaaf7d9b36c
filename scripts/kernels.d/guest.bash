# Guests of qemu.  Sourced; needs terminal.bash and root.
#
# A guest has this machine's files, read-only by virtiofs, with what it changes kept in its memory; on /tmp, /var/tmp, /var/lib, /srv
# and /home an empty ext4 of its own, as overlays lack what tests and sessions need. Loopback only, cgroup2 alone, securityfs, bpffs.

guest_places=(/tmp /var/tmp /var/lib /srv /home)

# read_guest_options WORD…: sets guest_seconds and so on, and guest_words to what follows the options.
read_guest_options() {
    guest_seconds=300 guest_memory=2048 guest_cpus=1 guest_out='' guest_log='' guest_show=() guest_parameter='' guest_systemd=''
    while [ $# -gt 0 ]; do
        case $1 in
            --show) [ $# -ge 2 ] || usage "$1 needs a value"; guest_show+=("$2"); shift 2 ;;
            --seconds | --memory | --cpus | --out | --parameter) [ $# -ge 2 ] || usage "$1 needs a value"; printf -v "guest_${1#--}" %s "$2"; shift 2 ;;
            --log) guest_log=yes; shift ;;
            --systemd) guest_systemd=yes; shift ;;
            --*) usage "unknown option: $1" ;;
            *) break ;;
        esac
    done
    guest_words=("$@")
}

# run_guest IMAGE COMMAND…: leaves the shell with the command's exit status.
run_guest() {
    local image=$1
    shift
    guest_work=$(mktemp -d /var/tmp/sandboxd-guest.XXXXXX)
    trap end_guest EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    make_initramfs "$image" "$@"
    truncate -s 2G "$guest_work/disk"
    mke2fs -q -F -t ext4 "$guest_work/disk"
    serve_files
    boot "$image"
}

end_guest() {
    local job
    for job in $(jobs -p); do kill "$job" 2>/dev/null || :; done
    wait
    rm -rf "$guest_work"
}

# make_initramfs IMAGE COMMAND…: busybox, the modules that reach this machine's files, and the command.
make_initramfs() {
    local image=$1 root=$guest_work/initramfs file name
    shift
    mkdir -p "$root"/{bin,dev,proc,sys,modules,low,change,new}
    cp "$(command -v busybox)" "$root/bin/busybox"
    install -m 755 -t "$root" "$project/scripts/kernels.d/init" "$project/scripts/kernels.d/main"
    say "$image/lib/modules" >"$root/modules-at"
    printf '%s\n' "${guest_places[@]}" >"$root/places"
    [ -z "$guest_systemd" ] || install -m 755 "$project/scripts/kernels.d/systemd" "$root/systemd"
    printf '%s\n' "$project" "$PWD" "${guest_show[@]}" | sort -u >"$root/visible"
    {
        export -p | grep -vE '^declare -x (OUT|PWD|OLDPWD|SHLVL|_)='
        printf 'cd %q || exit 126\nexec' "$PWD"
        printf ' %q' "$@"
        say
    } >"$root/command"
    modules_of "$image" virtio_pci virtio_console virtiofs overlay | while read -r file; do
        name=${file##*/}
        name=${name%%.ko*}.ko
        unpacked "$file" >"$root/modules/$name"
        say "$name" >>"$root/modules/list"
    done
    touch "$root/modules/list"
    (cd "$root" && find . | cpio -o -H newc --quiet) >"$guest_work/initrd"
}

# modules_of IMAGE NAME…: files of the modules, each after those that it needs.
modules_of() {
    local image=$1 name
    shift
    for name; do
        modprobe -d "$image" -S "${image##*/}" --show-depends "$name" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | awk '!seen[$0]++'
}

unpacked() {
    case $1 in
        *.xz) xz -dc "$1" ;;
        *.zst) zstd -qdc "$1" ;;
        *) cat "$1" ;;
    esac
}

# Where Debian 12 has it, or those after it.
virtiofsd_program() {
    local program
    for program in /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd; do
        [ ! -x $program ] || { say $program; return; }
    done
    return 1
}

install_guest_packages() {
    install_debian "${kernel_packages[@]}"
    # Debian 12 has it in a package of qemu.
    virtiofsd_program >/dev/null || install_debian virtiofsd
}

serve_files() {
    local socket=$guest_work/files
    with_us "$(virtiofsd_program)" --socket-path="$socket" -o source=/ -o cache=always -o sandbox=chroot >"$guest_work/files.log" 2>&1 &
    for _ in {1..200}; do
        [ ! -S "$socket" ] || return 0
        sleep 0.05
    done
    give_up "virtiofsd does not answer"
}

# A process that ends when this shell does, however it does.
with_us() { exec setpriv --pdeathsig TERM "$@"; }

# Without addresses at random the emulated processor finds code that it has translated already, also when it is another process's.
boot() {
    local image=$1 status=0 out error
    # qemu truncates what it opens, and ours may be a regular file: output goes through pipes.
    exec {out}> >(exec cat) {error}> >(exec cat >&2)
    : >"$guest_work/status"
    with_us timeout --kill-after=10 "$guest_seconds" qemu-system-x86_64 -accel tcg -cpu max -smp "$guest_cpus" -m "$guest_memory" \
        -machine q35,memory-backend=memory -object "memory-backend-memfd,id=memory,size=${guest_memory}M,share=on" \
        -nodefaults -no-user-config -display none -no-reboot -kernel "$image/vmlinuz" -initrd "$guest_work/initrd" \
        -append "console=ttyS0 quiet panic=-1 oops=panic lsm=landlock,lockdown,yama,integrity,bpf norandmaps ${guest_systemd:+systemd.unit=guest.target }$guest_parameter" -serial "file:$guest_work/log" \
        -chardev "socket,id=files,path=$guest_work/files" -device vhost-user-fs-pci,chardev=files,tag=host \
        -drive "file=$guest_work/disk,format=raw,if=none,id=disk,cache=unsafe" -device nvme,drive=disk,serial=disk \
        -device virtio-serial-pci \
        -chardev "file,id=out,path=/dev/fd/$out" -device virtserialport,chardev=out,nr=1 \
        -chardev "file,id=error,path=/dev/fd/$error" -device virtserialport,chardev=error,nr=2 \
        -chardev "file,id=status,path=$guest_work/status" -device virtserialport,chardev=status,nr=3 \
        -chardev "file,id=left,path=$guest_work/left" -device virtserialport,chardev=left,nr=4 \
        </dev/null >"$guest_work/qemu.log" 2>&1 &
    local qemu=$!
    exec {out}>&- {error}>&-
    wait "$qemu" || status=$?
    # What passes output on ends when qemu has.
    wait
    [ -z "$guest_log" ] || cat "$guest_work/log" >&2
    [ $status -ne 124 ] || { note "past the limit of $guest_seconds s"; exit 124; }
    [ -z "$guest_out" ] || [ ! -s "$guest_work/left" ] || { mkdir -p "$guest_out" && tar -C "$guest_out" -xf "$guest_work/left"; }
    status=$(cat "$guest_work/status")
    [ -n "$status" ] || give_up "the guest died"
    exit "$status"
}

give_up() {
    note "$1"
    tail -n 40 "$guest_work"/*log >&2
    exit 125
}
