import Glibc

/// The working directory of the process as a place to open from (`AT_FDCWD`): for absolute paths and those of a command line.
public struct WorkingDirectory: Descriptor, Hashable, Sendable {
    public init() {}

    public var number: Int32 { AT_FDCWD }
}
