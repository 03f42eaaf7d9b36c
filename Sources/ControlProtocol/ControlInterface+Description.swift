extension ControlInterface {
    /// The interface in varlink's own language.
    public static let description = """
        # Sessions of sandboxd. An int that names a descriptor is its index among those that came with the message.
        interface io.sandboxd

        # A text and the name that positions in it carry; the descriptor is a sealed memory file. The path says where it was read: it is
        # never opened, and no session may write there.
        type Document (name: string, path: ?string, descriptor: int)

        type Location (file: string, line: int, column: int, length: int)

        # Why a policy is refused: a stable code, the place, and named facts.
        type Reason (code: string, location: ?Location, facts: [string]string)

        # Starts a session. argv and environment are sealed memory files of NUL-ended strings; path is the command as it was found.
        # The lifeline says how the server ended; closing it ends the session. Where it proves, sandboxd's own prober runs in the command's
        # place and in its plan, and of tools its own alone may be called. Credentials are like environment. Where it serves, which is for root,
        # stdin is a unix socket: the connection of whoever is served, whom receipts name, and the session's cgroup lies below the cgroup that the
        # service manager gave to the peer's unit (Delegate=yes). Where it observes, which is for who the server runs as, and for root, the
        # observer is a listener of seccomp: what the server asks of the kernel waits there to be continued.
        method Wrap(
          policy: Document,
          includes: []Document,
          inputs: [string]string,
          name: ?string,
          argv: int,
          path: string,
          environment: int,
          credentials: int,
          cwd: int,
          cwdPath: string,
          stdin: int,
          stdout: int,
          stderr: int,
          user: ?string,
          quiet: bool,
          proves: bool,
          serves: bool,
          observes: bool
        ) -> (session: string, lifeline: int, custody: (daemon, user), prober: ?string, observer: ?int)

        # Who may start sessions: whoever reaches the socket, where this host has no group `sandboxd-users`; its members; the user whose private
        # daemon it is; or nobody but root, since the group cannot be looked up.
        type Starters (who: (anybody, members, owner, unknown), group: string)

        # What this host's mechanisms did when they were tried.
        method HostProfile() -> (profile: object, custody: (daemon, user), starters: Starters)

        # How many receipts the log has, how many of them are signed, why it takes none (fault), and who else keeps what is signed.
        type Log (receipts: int, signed: int, fault: ?string, secondCustody: (journal, syslog, absent))

        method DescribeLog() -> (log: Log)

        # Where budgets per day, grants and the ledger of refusals are kept: a file of this host's, or a database that hosts share. fault: why it
        # cannot be used now.
        type Store (kind: (sqlite, postgresql), fault: ?string)

        # A process as it was seen when it asked for the session.
        type Client (pid: int, executable: string)

        # So many were made; hold: so often a person was asked.
        type Decisions (forward: int, hold: int, block: int)

        # A session that is not over: its server does not run yet, runs, or does no longer. caller: the uid it runs for. since: when it was
        # asked for, in seconds since 1970. waiting: calls that wait for a person. denials: acts that the kernel denied. What gates state is
        # counted within a second or so.
        type Session (
          id: string,
          server: string,
          caller: int,
          client: ?Client,
          state: (starting, running, ending),
          since: int,
          decisions: Decisions,
          waiting: int,
          denials: int
        )

        # The peer's own; all of them for root and auditors. process: of the daemon that keeps them. omitted: so many did not fit.
        method ListSessions() -> (sessions: []Session, omitted: int, custody: (daemon, user), process: int)

        # Digests are those of documents that the log keeps. uid: the server's. blocks: by the code of the reason. kernel: acts that the kernel
        # denied, by what denied them. lost: what more it denied and had no room to tell. budgets: those per day that its rules charge, as far as
        # anything is spent; null where what is kept cannot be read. mechanisms: what of the kernel holds it. adopted: an earlier daemon started it.
        type SessionFacts (
          policyName: ?string,
          policy: ?string,
          plan: ?string,
          host: ?string,
          uid: ?int,
          blocks: [string]int,
          kernel: [string]int,
          lost: ?int,
          approvals: []string,
          budgets: ?[]Budget,
          mechanisms: []string,
          adopted: bool
        )

        # The peer's own; any for root and auditors.
        method ShowSession(session: string) -> (session: Session, facts: SessionFacts)

        # Ends the peer's own session; any for root. Answered when it is over. recorded: a receipt says who ended it, and why.
        method KillSession(session: string, reason: ?string) -> (recorded: bool)

        # One package of those that were installed. hash: as the installer checked it, for example `sha256:…`.
        type Part (name: string, version: string, hash: string)

        # Records what a caller says about a prepared package: that it was installed, taken away, or found changed. Of these the log knows no
        # more than that it was said, and by whom. lock, tree: SHA-256 of the lock file and of the tree's manifest. sessions: those it was
        # installed in. The answer: which log, and which receipt of it.
        method RecordPreparation(
          event: (prepared, removed, changed),
          registry: (pypi, npm),
          package: string,
          version: string,
          path: string,
          tree: string,
          lock: ?string,
          change: ?string,
          scripts: ?bool,
          parts: []Part,
          sessions: []string
        ) -> (log: string, receipt: int)

        # What was denied: a call or another message by the gate, for a reason with a code, or an act of a server by the kernel. what: the tool,
        # the method, or the act. seconds since 1970.
        type Denial (time: int, session: string, server: string, by: (gate, kernel), what: string, reason: ?string, rule: ?string)

        # Of sessions and what is denied in them the peer's own; all for root and auditors. started, oldestWait: in seconds since 1970.
        # waiting: calls that wait for a person. refusals: open ones, in the ledger; null where it cannot be read. denials: the last ones, the latest
        # first.
        method Status() -> (
          custody: (daemon, user),
          process: int,
          version: string,
          started: int,
          starters: Starters,
          sessions: (starting: int, running: int, ending: int),
          log: Log,
          store: Store,
          waiting: int,
          oldestWait: ?int,
          refusals: ?int,
          denials: []Denial
        )

        # A call that waits for a person, or, where message says what, a question of the server to its client. policy: the digest of its canonical
        # form. Times are seconds since 1970. waits: its answer is still owed; else the next call like it gets the decision. mayDecide: whether
        # whoever asks does.
        type Approval (
          id: string,
          session: string,
          server: string,
          tool: string,
          message: ?(sampling, elicitation, roots),
          policy: string,
          rule: string,
          layer: ?string,
          reason: ?string,
          caller: int,
          client: ?Client,
          asked: int,
          expires: int,
          waits: bool,
          by: []string,
          mayDecide: bool
        )

        # What the peer asked for, and what it may decide about; all for root and auditors. omitted: so many did not fit.
        method ListApprovals() -> (approvals: []Approval, omitted: int)

        # Arguments are canonical JSON (RFC 8785), of the call and of the last one of its tool that was approved since this daemon started.
        method ShowApproval(approval: string) -> (approval: Approval, arguments: string, lastApproved: ?string)

        # Permits the call once. waits: it is made now; else when it comes again.
        method Approve(approval: string) -> (waits: bool, message: ?(sampling, elicitation, roots))

        # The reason is told to the model.
        method Deny(approval: string, reason: ?string) -> (waits: bool, message: ?(sampling, elicitation, roots))

        # To be called with `more`: what waits now, then whatever happens. The first reply says that it listens.
        method WatchApprovals() -> (event: (watching, held, granted, denied, expired, withdrawn), approval: ?Approval)

        # Erases what is kept of a decision's arguments: root's to do. receipt: the decision's number in the log, and in the answer that of the
        # erasure. log: the name of the log that is meant.
        method EraseContent(receipt: int, log: ?string, reason: ?string) -> (receipt: int)

        # What calls have spent of a budget per day (UTC). document: the name of the policy or layer that has it; day: its first second, since
        # 1970. Amounts are decimals; limit is that of whoever spent last.
        type Budget (
          caller: int,
          kind: (policy, layer),
          document: string,
          budget: string,
          day: int,
          spent: string,
          limit: string
        )

        # The peer's own; all of them for root and auditors.
        method ListBudgets() -> (budgets: []Budget)

        # Lets budgets start anew, those that all that is given names: root's to do, and with a private daemon its user's.
        method ResetBudgets(caller: ?int, document: ?string, budget: ?string) -> (reset: int)

        # What a server said of one of its things. id names it together with the definition that is to be reviewed, if there is one; by is the
        # uid of whoever accepted it, or null where it was the first that was seen. Times are seconds since 1970.
        type Pin (
          id: string,
          caller: int,
          policy: string,
          server: string,
          kind: (tool, prompt, resourceTemplate, instructions),
          name: string,
          state: (accepted, drifted, unreviewed, rejected),
          accepted: ?int,
          by: ?int,
          told: ?int
        )

        # The peer's own; all of them for root and auditors. omitted: so many did not fit.
        method ListPins() -> (pins: []Pin, omitted: int)

        # Definitions are canonical JSON (RFC 8785), whole.
        method ShowPin(pin: string) -> (pin: Pin, accepted: ?string, told: ?string)

        # What was told is what is accepted from now on.
        method AcceptPin(pin: string) -> (pin: Pin)

        # What was told is not wanted; what was accepted before stays so.
        method RejectPin(pin: string) -> (pin: Pin)

        # The log is signed by a new key from here on; a receipt that both keys signed says so. Public keys in the form of signed notes.
        # Root's to do, and with a private daemon its user's.
        method RotateKey() -> (key: string, previous: string)

        # Judges a policy as Wrap would, and starts nothing. path: where the caller found `server.command`, if it has one; home and runtime: what
        # `${home}` and `${runtime}` stand for; user: for root, whom it is judged for. A refusal is recorded; an exact policy resolves the entry of its name, if there is one. entry: of
        # the ledger of refusals; null where nothing was recorded, and unrecorded says why where it should have been.
        method Check(
          policy: Document,
          includes: []Document,
          inputs: [string]string,
          path: ?string,
          cwdPath: string,
          home: ?string,
          runtime: ?string,
          user: ?string
        ) -> (outcome: (exact, refused), codes: []string, entry: ?string, unrecorded: ?string)

        # What the ledger of refusals has of one policy of one caller: how often it was refused, and what for, last (codes). closed: somebody
        # has looked; that permits nothing. resolved: it was exact since. hostname: of the host that it was refused on, where several share the
        # ledger. Times are seconds since 1970.
        type Refusal (
          id: string,
          caller: int,
          policy: string,
          hostname: ?string,
          state: (open, closed, resolved),
          codes: []string,
          times: int,
          firstSeen: int,
          lastSeen: int
        )

        # The peer's own; all of them for root and the group sandboxd-auditors. They come by their ids; more: ask again, after the last of these.
        # omitted: refusals that there was no room for, but for their receipts.
        method ListRefusals(after: ?string) -> (refusals: []Refusal, more: bool, omitted: int)

        # Where a refusal is recorded.
        type RefusalReceipt (log: string, number: int)

        # What a policy was refused for. subject: SHA-256 of the policy as expanded, or of its texts; host: of the host profile; layers: of those
        # that reasons stand in, by name. leftOut: so many more reasons there were. Receipts: of the first time, and of the last.
        type RefusalFinding (
          subject: string,
          expanded: bool,
          host: string,
          reasons: []Reason,
          leftOut: int,
          layers: [string]string,
          stage: (check, launch),
          times: int,
          firstSeen: int,
          lastSeen: int,
          firstReceipt: ?RefusalReceipt,
          lastReceipt: ?RefusalReceipt
        )

        # author: the uid of whoever did it.
        type RefusalEvent (kind: (refused, reopened, noted, closed, resolved), time: int, author: ?int, words: ?string)

        # A text as it came, in a sealed memory file; descriptor is null where there was no room for it.
        type RefusalDocument (name: string, size: int, descriptor: ?int)

        # The last finding comes first, and documents and host are its; events are in the order in which they came.
        method ShowRefusal(refusal: string) -> (
          refusal: Refusal,
          findings: []RefusalFinding,
          events: []RefusalEvent,
          documents: []RefusalDocument,
          host: ?object
        )

        # Adds a remark: the caller's own, root and the group sandboxd-auditors may.
        method NoteRefusal(refusal: string, words: string) -> (refusal: Refusal)

        # Says that somebody has looked, and permits nothing. For root and the group sandboxd-auditors, and with a private daemon its user.
        method CloseRefusal(refusal: string, words: string) -> (refusal: Refusal)

        # What became of a session. tightened: what it is held to less of; why: what keeps it from going on. draining: nothing new is let through, and
        # it is ended after so many seconds; ended: something failed, and it was ended at once.
        type Reloaded (
          id: string,
          server: string,
          outcome: (unchanged, tightened, draining, ended),
          tightened: []string,
          why: []string
        )

        # Reads all layers, and those of root's policies that running sessions were started from; holds running sessions to what permits less.
        # Where one document is refused nothing is applied. Root's to do. dry: only says what would be. omitted: so many more sessions did not fit.
        method Reload(dry: bool) -> (documents: []string, dry: bool, drain: int, sessions: []Reloaded, omitted: int)

        # A file of the log, by its place in the log's directory.
        type LogFile (name: string, size: int)

        # All that the log says, and that is needed to verify it; no key that signs or commits, and no arguments that are kept. For root and the group
        # sandboxd-auditors, and with a private daemon its user. A receipt says who begins to read, once for each connection. They come by their
        # names, in an order in which a copy has all that its checkpoints sign; more: ask again, after the last of these.
        method ListLog(after: ?string) -> (files: []LogFile, more: bool)

        # What stands in a file from offset on, at most 1 MiB of it, in a sealed memory file. size: of the whole.
        method ReadLog(file: string, offset: int) -> (content: int, size: int)

        # entry: of the ledger of refusals, where it was recorded.
        error Refused (reasons: []Reason, entry: ?string)
        # status is what the caller should exit with: 125, 126 or 127.
        error LaunchFailed (step: string, error: string, detail: string, status: int)
        error NotPermitted (problem: string)
        # There is none, it is over, or it is not this peer's to see.
        error NoSuchSession (session: string)
        # There is none, it is decided or expired, or it is not this peer's to see.
        error NoSuchApproval (approval: string)
        # There is none that awaits a review, it is another by now, or it is not this peer's.
        error NoSuchPin (pin: string)
        # There is none, or it is not this peer's.
        error NoSuchRefusal (refusal: string)
        # Nothing was erased.
        error NotErased (problem: string)
        # What is kept of earlier sessions cannot be read or written.
        error StoreUnavailable (problem: string)
        # The log of receipts cannot be written.
        error LogUnavailable (problem: string)

        """

    static let serviceDescription = """
        # What every varlink service answers.
        interface org.varlink.service

        method GetInfo() -> (vendor: string, product: string, version: string, url: string, interfaces: []string)
        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        error PermissionDenied ()
        error ExpectedMore ()

        """
}
