/// Something that names an open file of this process. The operations are extensions of this protocol, one file per topic.
///
/// A copyable value behind it never closes: only `OwnedDescriptor` does.
public protocol Descriptor: ~Copyable {
    /// The number, e.g. 0 for standard input.
    var number: Int32 { get }
}
