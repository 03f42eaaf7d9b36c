import Descriptors
import StrictJSON

/// How much one message and what comes with it may be.
public enum ControlLimits {
    /// Bytes of a message without its ending NUL.
    public static let messageBytes = 1 << 20
    /// Descriptors with one message.
    public static let descriptors = descriptorsPerMessage
    /// Bytes of a policy or an include.
    public static let documentBytes = 1 << 20
    /// Bytes of a command line, and of an environment: what execve(2) takes, and no more than a host would ever start.
    public static let argumentBytes = 2 << 20

    static let json = JSONLimits(depth: 16, members: 65_536, bytes: messageBytes)
}
