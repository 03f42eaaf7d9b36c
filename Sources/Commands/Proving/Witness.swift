/// How one knows that an attempt came off. What a receiver, a file or another process saw counts, and where there is none the prober's answer.
///
/// Paths and texts may hold placeholders as the attempt's words do.
enum Witness: Sendable, Hashable {
    /// The nonce came to one of our receivers, or a connection did.
    case receiver
    /// The call succeeded.
    case answer
    /// The prober says this text.
    case said(String)
    /// Somebody outside connects to it.
    case listener
    /// A datagram that we send comes to it.
    case datagram
    case exists(String)
    case gone(String)
    /// The file's content is another, or it is gone.
    case changed(String)
    /// Its mode is 0600.
    case mode(String)
    /// Its time is that of 1970.
    case times(String)
    /// It has the attribute `user.escape`.
    case attribute(String)
    /// Another program runs in the prober's place, and ends well.
    case replaced
    /// The process outside has ended.
    case killed
    /// It has a variable that the policy does not pass.
    case environment
    /// It holds more than three pipes.
    case descriptors
    /// It is root, or may gain privilege.
    case privileges

    /// With every placeholder filled in.
    func filled(_ fill: (String) -> String) -> Witness {
        switch self {
        case .said(let text): .said(fill(text))
        case .exists(let path): .exists(fill(path))
        case .gone(let path): .gone(fill(path))
        case .changed(let path): .changed(fill(path))
        case .mode(let path): .mode(fill(path))
        case .times(let path): .times(fill(path))
        case .attribute(let path): .attribute(fill(path))
        case .receiver, .answer, .listener, .datagram, .replaced, .killed, .environment, .descriptors, .privileges: self
        }
    }

    /// What was seen where it came off; the end of a sentence.
    var sight: String {
        switch self {
        case .receiver: "it arrived at the receiver"
        case .answer: "the call succeeded"
        case .said: "the prober tells what it should not know"
        case .listener: "a connection from outside was accepted"
        case .datagram: "a datagram from outside came in"
        case .exists(let path): "\(Escaping.quoted(path)) was made"
        case .gone(let path): "\(Escaping.quoted(path)) is gone"
        case .changed(let path): "\(Escaping.quoted(path)) is not what it was"
        case .mode(let path): "the mode of \(Escaping.quoted(path)) changed"
        case .times(let path): "the times of \(Escaping.quoted(path)) changed"
        case .attribute(let path): "\(Escaping.quoted(path)) has a new attribute"
        case .replaced: "the other program ran"
        case .killed: "the process outside ended"
        case .environment: "it has a variable that the policy does not pass"
        case .descriptors: "it holds more than three pipes"
        case .privileges: "it is root, or can gain privilege"
        }
    }
}
