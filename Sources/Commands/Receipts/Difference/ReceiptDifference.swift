import Evidence
import StrictJSON

/// What is otherwise in a second log than in a first one, and which of that is worse. Pure.
struct ReceiptDifference: Sendable, Hashable {
    /// Why something is worse, or only other. Raw values stand in JSON.
    enum Code: String, Sendable, Hashable, CaseIterable {
        case custodyWeaker = "custody-weaker"
        case laxer
        case claimLost = "claim-lost"
        case newRefusal = "new-refusal"
        case newLaunchFailure = "new-launch-failure"
        case newViolation = "new-violation"
        case newKernelDenial = "new-kernel-denial"
        case newDrift = "new-drift"

        case custodyStronger = "custody-stronger"
        case stricter
        case newMessage = "new-message"
        case goneMessage = "gone-message"
        case newServer = "new-server"
        case goneServer = "gone-server"
        case policyChanged = "policy-changed"
        case claimStronger = "claim-stronger"
        case goneTrouble = "gone-trouble"

        var isRegression: Bool {
            switch self {
            case .custodyWeaker, .laxer, .claimLost, .newRefusal, .newLaunchFailure, .newViolation, .newKernelDenial, .newDrift: true
            case .custodyStronger, .stricter, .newMessage, .goneMessage, .newServer, .goneServer, .policyChanged, .claimStronger,
                .goneTrouble:
                false
            }
        }
    }

    struct Change: Sendable, Hashable {
        let code: Code
        let subject: ComparedSubject
        let before: String?
        let after: String?

        init(_ code: Code, _ subject: ComparedSubject, _ before: String?, _ after: String?) {
            self.code = code
            self.subject = subject
            self.before = before
            self.after = after
        }
    }

    let regressions: [Change]
    let others: [Change]

    init(_ before: ComparedLog, _ after: ComparedLog) {
        let all =
            Self.custody(before, after) + Self.servers(before, after) + Self.decisions(before, after) + Self.claims(before, after)
            + ComparedLog.Trouble.allCases.flatMap { Self.troubles($0, before, after) }
        regressions = all.filter(\.code.isRegression)
        others = all.filter { !$0.code.isRegression }
    }

    private static func custody(_ before: ComparedLog, _ after: ComparedLog) -> [Change] {
        let (old, new) = (before.custodies.contains(.user), after.custodies.contains(.user))
        guard old != new else { return [] }
        let words = { (isUser: Bool) in isUser ? Custody.user.rawValue : Custody.daemon.rawValue }
        return [Change(new ? .custodyWeaker : .custodyStronger, ComparedSubject("", "custody"), words(old), words(new))]
    }

    private static func servers(_ before: ComparedLog, _ after: ComparedLog) -> [Change] {
        union(before.policies.keys, after.policies.keys).compactMap { subject in
            switch (before.policies[subject], after.policies[subject]) {
            case (nil, let new?): Change(.newServer, subject, nil, list(new))
            case (let old?, nil): Change(.goneServer, subject, list(old), nil)
            case (let old?, let new?): old == new ? nil : Change(.policyChanged, subject, list(old), list(new))
            case (nil, nil): nil
            }
        }
    }

    private static func list(_ digests: Set<String>) -> String { digests.sorted().joined(separator: " ") }

    private static func decisions(_ before: ComparedLog, _ after: ComparedLog) -> [Change] {
        union(before.decisions.keys, after.decisions.keys).compactMap { subject in
            let (old, new) = (before.decisions[subject], after.decisions[subject])
            return switch (old, new) {
            case (let old?, let new?) where old < new: Change(.laxer, subject, old.word, new.word)
            case (let old?, let new?) where old > new: Change(.stricter, subject, old.word, new.word)
            case (nil, let new?): Change(.newMessage, subject, nil, new.word)
            case (let old?, nil): Change(.goneMessage, subject, old.word, nil)
            case _: nil
            }
        }
    }

    /// A claim that is not made any more is lost only where the server ran at all.
    private static func claims(_ before: ComparedLog, _ after: ComparedLog) -> [Change] {
        union(before.claims.keys, after.claims.keys).compactMap { subject in
            let (old, new) = (before.claims[subject], after.claims[subject])
            switch (old, new) {
            case (let old?, let new?):
                return old == new ? nil : Change(new < old ? .claimLost : .claimStronger, subject, old.rawValue, new.rawValue)
            case (let old?, nil):
                // Answers and ends come of what was asked, and are no lack where nothing was.
                guard old == .observed, after.ran(subject.server), isOfLaunch(subject) else { return nil }
                return Change(.claimLost, subject, old.rawValue, nil)
            case (nil, .absent?):
                // A clause that is new may well be one whose denials are not recorded.
                guard before.ran(subject.server), !isOfLaunch(subject) else { return nil }
                return Change(.claimLost, subject, nil, ClaimLevel.absent.rawValue)
            case (nil, _): return nil
            }
        }
    }

    /// What every start of a server says.
    private static func isOfLaunch(_ subject: ComparedSubject) -> Bool {
        guard let name = subject.what.first else { return false }
        return ["client", "self-test"].contains { $0.utf8.elementsEqual(name.utf8) } || name.utf8.starts(with: "denials-of/".utf8)
    }

    private static func troubles(_ trouble: ComparedLog.Trouble, _ before: ComparedLog, _ after: ComparedLog) -> [Change] {
        let (old, new) = (before.troubles[trouble] ?? [:], after.troubles[trouble] ?? [:])
        return union(old.keys, new.keys).compactMap { subject in
            switch (old[subject], new[subject]) {
            case (nil, let count?): Change(code(trouble), subject, nil, "\(count)")
            case (let count?, nil): Change(.goneTrouble, ComparedSubject(subject, trouble), "\(count)", nil)
            case _: nil
            }
        }
    }

    private static func code(_ trouble: ComparedLog.Trouble) -> Code {
        switch trouble {
        case .refusal: .newRefusal
        case .launchFailure: .newLaunchFailure
        case .violation: .newViolation
        case .kernelDenial: .newKernelDenial
        case .drift: .newDrift
        }
    }

    private static func union(_ left: some Sequence<ComparedSubject>, _ right: some Sequence<ComparedSubject>) -> [ComparedSubject] {
        Set(left).union(right).sorted()
    }
}

extension ComparedSubject {
    /// Says what it was, where the code does not.
    fileprivate init(_ subject: ComparedSubject, _ trouble: ComparedLog.Trouble) {
        server = subject.server
        what = [trouble.rawValue] + subject.what
    }
}
