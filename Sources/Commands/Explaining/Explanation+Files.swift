import KernelPlan
import Policy

extension Explanation {
    var files: Section {
        var section = Section(title: "files")
        section.permit("read: \(paths(policy.files.readable))")
        section.permit("write: \(paths(policy.files.writable))\(policy.files.writable.isEmpty ? "" : ", and what is written can be read")")
        section.hold(holders("files", else: "Landlock (ABI \(plan.landlock.abi)), by what the paths denote now"))
        section.note("paths denote what they lead to now; what is put in their place later is not granted")
        section.note("whether other files exist, their names and their sizes stay visible")
        explainMetadata(&section)
        explainProtection(&section)
        explainTemporary(&section)
        return section
    }

    private func explainMetadata(_ section: inout Section) {
        switch policy.files.metadata?.value ?? .none {
        case .none:
            section.permit("metadata: mode, owner, times and attributes can be changed nowhere")
            section.hold(holders("files.metadata", else: "seccomp"))
            section.note("git, venv and tools that copy files fail without it")
        case .owned:
            section.permit("metadata: mode, owner, times and attributes of every file that the server's user owns, wherever it lies")
            section.hold(holders("files.metadata", else: "ordinary permissions"))
            switch plan.user {
            case .session: section.note("with a user of the session's own that is nothing outside of what the session made")
            case .caller: section.note("that reaches every file of yours, granted here or not")
            }
        }
    }

    private func explainProtection(_ section: inout Section) {
        switch policy.files.protect?.value {
        case .none?:
            section.note("protect: none; what clients, shells and git run may lie in what may be written, and be changed")
        case .clients?, nil:
            guard !policy.files.writable.isEmpty else { return }
            section.permit("protect: client configurations, shell start-up files and git hooks in it stay as they are")
            section.hold(holders("files.protect", else: "there is none of them in what may be written, or the policy would be refused"))
        }
    }

    private func explainTemporary(_ section: inout Section) {
        switch policy.files.tmp?.value ?? .none {
        case .none: section.permit("tmp: none")
        case .private:
            section.permit("tmp: /tmp and /var/tmp are empty directories of the session's own, gone with it")
            section.hold(holders("files.tmp", else: "a mount namespace of the session's own"))
        }
        switch policy.files.proc?.value ?? .none {
        case .none: section.permit("proc: none")
        case .session:
            section.permit("proc: /proc shows the session's own processes")
            section.hold(holders("files.proc", else: "a /proc of the session's own"))
        }
    }

    var execute: Section {
        var section = Section(title: "execute")
        switch policy.files.executable {
        case .none:
            section.permit("the server starts once; after that nothing in the session executes a file")
            section.hold(holders("files.execute", else: "seccomp: one execve is let through at launch, and its listener is closed"))
            holdExecutionAgain(&section)
        case .paths(let granted):
            section.permit("\(paths(granted)), and what starts the command itself")
            section.hold(holders("files.execute", else: "Landlock"))
            holdExecutionAgain(&section)
            section.note("a program that runs others on request (a shell, an interpreter, env, find) runs whatever it can read")
        }
        section.note("this says nothing about code that is read: whatever is readable can be loaded or interpreted by a program that runs")
        return section
    }

    private func holdExecutionAgain(_ section: inout Section) {
        guard plan.cgroup?.hooks.contains(.execute) == true else { return }
        section.hold(MechanismWords.words(.executeHook) + ", once more")
    }

    private func paths(_ granted: [GrantedPath]) -> String {
        Self.list(
            granted.map { grant in
                let isSame = grant.path.utf8.elementsEqual(grant.found.resolved.utf8)
                return Escaping.quoted(grant.path) + (isSame ? "" : " (that is \(Escaping.quoted(grant.found.resolved)))")
            })
    }
}
