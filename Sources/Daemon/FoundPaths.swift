import Descriptors
import KernelPlan
import PathFinding
import Policy

/// What the path finder saw, the floor's devices, and a descriptor of each inode.
struct FoundPaths: ~Copyable {
    private(set) var answer: PathAnswer
    /// Whoever found it can read it, too.
    let reader: FileReader?
    /// Opened by the daemon itself, since no caller names them.
    let floor: [PathFacts]
    private var opened: [Inode: Int32]
    private var kept: DescriptorList

    struct Inode: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    init(_ answer: PathAnswer, _ descriptors: consuming DescriptorList, reader: FileReader?) {
        self.reader = reader
        var all = descriptors
        floor = PathFinder.floor(keeping: &all)
        opened = [:]
        for index in 0..<all.count {
            guard let descriptor = all.peek(index), let status = try? descriptor.knownStatus().status else { continue }
            opened[Inode(device: status.device, inode: status.inode)] = descriptor.number
        }
        self.answer = answer
        kept = all
    }

    /// What was asked for last, and is of no clause.
    mutating func takeLastFinding() -> PathFinding? { answer.findings.popLast() }

    /// Where the finder's descriptor of a file lies, and which content it had.
    func place(of facts: PathFacts) -> (place: Int, version: FileVersion)? {
        for index in 0..<kept.count {
            guard let status = try? kept.peek(index)?.knownStatus().status else { continue }
            if status.device == facts.device, status.inode == facts.inode { return (index, FileVersion(status)) }
        }
        return nil
    }

    /// Keeps a program of the daemon's own, too, which no caller names.
    mutating func add(_ program: consuming OwnedDescriptor, _ facts: PathFacts) {
        opened[Inode(device: facts.device, inode: facts.inode)] = program.number
        kept.append(program)
    }

    /// A descriptor of the very inode that the rule is about.
    func descriptor(of rule: LandlockPathRule) -> BorrowedDescriptor? { descriptor(of: Inode(device: rule.device, inode: rule.inode)) }

    func descriptor(of rule: InodeRule) -> BorrowedDescriptor? { descriptor(of: Inode(device: rule.device, inode: rule.inode)) }

    /// A descriptor of the very inode that was found.
    func descriptor(of facts: PathFacts) -> BorrowedDescriptor? { descriptor(of: Inode(device: facts.device, inode: facts.inode)) }

    private func descriptor(of inode: Inode) -> BorrowedDescriptor? { opened[inode].map { BorrowedDescriptor($0) } }

    var chain: [LaunchFacts.ChainLink] { answer.chain.map(LaunchFacts.ChainLink.init) }
    var executeChain: [LaunchFacts.ChainLink] { answer.executeChain.map(LaunchFacts.ChainLink.init) }
}

extension LaunchFacts.ChainLink {
    init(_ link: ExecutableChain.Link) {
        let role: Role =
            switch link.role {
            case .command: .command
            case .interpreter: .interpreter
            case .loader: .loader
            }
        self.init(role: role, facts: link.facts)
    }
}
