import Glibc

/// Nanoseconds that this thread has worked: what else the host does is not counted.
func worked() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Keeps a value from being found useless, and the work that made it from being left out.
@inline(never)
func keep<Value>(_ value: Value) { withExtendedLifetime(value) {} }
