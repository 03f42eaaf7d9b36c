# The tier: the same checks in a guest of each kernel.  Sourced; needs terminal.bash, archive.bash and guest.bash, and root.

# Integration tests that show what a session cannot do on a kernel, and with --full what depends on one besides.
tier_tests=(test_escape_)
tier_full_tests=(test_prove. test_private. test_limits. test_launch_faults. test_mounts.)
# With --full these are booted once more, with audit on: they tell what Landlock denies.
tier_audited=(6.18 newest)

# read_tier_options WORD…: sets tier_results, what is asked of each kernel, and tier_series to what follows the options.
read_tier_options() {
    tier_full='' tier_results='' tier_cases=20 tier_attempts=25 tier_units=listed tier_escapes=once
    # What one guest may take, boot and checks together.
    tier_seconds=360
    while [ $# -gt 0 ]; do
        case $1 in
            --results) [ $# -ge 2 ] || usage "$1 needs a value"; tier_results=$2; shift 2 ;;
            --full) tier_full=yes; tier_tests+=("${tier_full_tests[@]}"); tier_cases=200 tier_attempts=50 tier_units=all tier_escapes=all tier_seconds=2400; shift ;;
            --*) usage "unknown option: $1" ;;
            *) break ;;
        esac
    done
    tier_series=("$@")
    [ $# -gt 0 ] || tier_series=("${kernel_tier[@]}")
}

# run_tier: as many guests at once as there are processors, each one's output when it is done, and a table of all.
run_tier() {
    local series failed=0
    tier_libraries=$(libraries_of_tests) || return
    [ -n "$tier_results" ] || { tier_results=$(mktemp -d /var/tmp/sandboxd-tier.XXXXXX); trap 'rm -rf "$tier_results"' EXIT; }
    fetch_kernels "${tier_series[@]}" || failed=1
    trap end_guests INT TERM HUP
    for series in "${tier_series[@]}"; do
        mkdir -p "$tier_results/$series"
        kernel_image "$series" >/dev/null || continue
        while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n || :; done
        check_kernel "$series" &
    done
    wait
    for series in "${tier_series[@]}"; do tell_kernel "$series" || failed=1; done
    for series in "${tier_audited[@]}"; do
        [ -z "$tier_full" ] || [[ " ${tier_series[*]} " != *" $series "* ]] || check_audit "$series" || failed=1
    done
    return $failed
}

# libraries_of_tests: where the unit tests find the toolchain's libraries.
libraries_of_tests() {
    local found
    [ -x "$SANDBOXD_TESTS" ] || { note "$SANDBOXD_TESTS is missing; \`swift build --build-tests\` makes it"; return 1; }
    found=$(ldd "$SANDBOXD_TESTS" | sed -n 's/.*libTesting\.so => \(.*\)\/libTesting\.so .*/\1/p')
    [ -n "$found" ] || { note "$SANDBOXD_TESTS does not find the toolchain's libraries"; return 1; }
    say "$found"
}

end_guests() {
    local job
    for job in $(jobs -p); do kill "$job" 2>/dev/null || :; done
    wait
    exit 143
}

# check_kernel SERIES: in a process of its own, whose guest ends with it.
check_kernel() {
    local results=$tier_results/$1 status=0 began=$SECONDS guest
    SANDBOXD_ESCAPES=$tier_escapes "$project/scripts/kernels" run --seconds "$tier_seconds" --out "$results" --show "$tier_libraries" "$1" \
        "$project/scripts/kernels.d/checks" "$tier_cases" "$tier_attempts" "$tier_units" "${tier_tests[@]}" >"$results/log" 2>&1 &
    guest=$!
    trap 'kill $guest 2>/dev/null; wait $guest; exit 143' INT TERM HUP
    wait $guest || status=$?
    printf '%s\t%s\n' $status $((SECONDS - began)) >"$results/end"
    # In one piece.
    (flock 9 && cat "$results/log") 9>"$tier_results/lock"
}

# check_audit SERIES: in a guest whose audit is on from its boot, and nobody else's.
check_audit() {
    printf '\nLinux of series %s, booted with audit=1\n' "$1"
    SANDBOXD_AUDIT=on SANDBOXD_GUEST=own "$project/scripts/kernels" run --parameter audit=1 "$1" \
        "$SANDBOXD_SDK2/bin/python" -B "$project/Tests/Integration/run.py" test_audit
}

# tell_kernel SERIES: its lines of the table; false when a check failed, or the guest did.
tell_kernel() {
    local results=$tier_results/$1 image status seconds
    image=$(kernel_image "$1") || { printf '\nkernel %s: missing\n' "$1"; return 1; }
    IFS=$'\t' read -r status seconds <"$results/end"
    printf '\nLinux %s: %s s (at most %s)\n' "${image##*/}" "$seconds" "$tier_seconds"
    [ ! -e "$results/steps" ] || awk -F '\t' '{ printf "  %-30s %-7s %4d s  %s\n", $1, $2, $3, $4 }' "$results/steps"
    # The escape suite's own table.
    sed -n '/^attempts  /,/^all  /s/^/    /p' "$results/log"
    case $status in
        0) ;;
        124) say "  the guest took longer than $tier_seconds s, and was ended" ;;
        125) say "  the guest did not come up, or died" ;;
        *) say "  failed" ;;
    esac
    return "$status"
}
