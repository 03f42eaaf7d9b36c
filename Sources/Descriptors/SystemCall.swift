import Glibc

/// Repeats a call while it is interrupted. `EAGAIN` is thrown: wrappers where it is a value use `attempt`.
@inline(__always)
func retrying<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let error = Errno.last
        if error == .interrupted { continue }
        trapIfOurs(error)
        throw error
    }
}

/// The same for calls on descriptors that may be non-blocking: nil instead of `EAGAIN`.
@inline(__always)
func attempt<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(Errno) -> Result? {
    try unlessBlocked { () throws(Errno) in try retrying(call) }
}

/// The same for the shims of CLinux, which return `-errno`.
@inline(__always)
func retryingNegative<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let error = Errno(code: Int32(-result))
        if error == .interrupted { continue }
        trapIfOurs(error)
        throw error
    }
}

func trapIfOurs(_ error: Errno) {
    if error == .badDescriptor { preconditionFailure("system call on a descriptor that is not open") }
    if error == .badAddress { preconditionFailure("system call with a bad address") }
}

/// Runs a call whose `EAGAIN` is a value: nil.
@inline(__always)
func unlessBlocked<Result>(_ call: () throws(Errno) -> Result) throws(Errno) -> Result? {
    do {
        return try call()
    } catch {
        if error == .tryAgain { return nil }
        throw error
    }
}
