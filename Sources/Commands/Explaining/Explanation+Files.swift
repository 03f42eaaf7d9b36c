import KernelPlan
import Policy

extension Explanation {
    var files: Section {
        var section = Section(title: "files")
        section.permit("read: \(paths(policy.files.readable))")
        section.permit("write: \(paths(policy.files.writable))")
        section.hold("Landlock (ABI \(plan.landlock.abi)), by what the paths denote now; existence and size of other files stay visible")
        section.permit("metadata: mode, owner, times and attributes can be changed nowhere")
        section.hold("seccomp; git and copy tools that need this fail")
        section.permit("proc and tmp: none")
        return section
    }

    var execute: Section {
        var section = Section(title: "execute")
        switch policy.files.executable {
        case .none:
            section.permit("the server starts once; after that nothing in the session executes a file")
            section.hold("seccomp: one execve is let through at launch, and its listener is closed")
        case .paths(let granted):
            section.permit("\(paths(granted)), and what starts the command itself")
            section.hold("Landlock")
        }
        section.note("this says nothing about code that is read: whatever is readable can be loaded or interpreted by a program that runs")
        return section
    }

    private func paths(_ granted: [GrantedPath]) -> String {
        Self.list(
            granted.map { grant in
                let isSame = grant.path.utf8.elementsEqual(grant.found.resolved.utf8)
                return Escaping.quoted(grant.path) + (isSame ? "" : " (that is \(Escaping.quoted(grant.found.resolved)))")
            })
    }
}
