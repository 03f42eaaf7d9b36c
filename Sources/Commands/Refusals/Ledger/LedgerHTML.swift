import ControlProtocol
import KernelPlan
import Policy

/// The refusals ledger as one page for reviewers, in the style of the report of receipts.
enum LedgerHTML {
    static let title = "Refused policies"

    static func text(_ entries: [LedgerEntry], omitted: Int64) -> String {
        HTMLPage(title: title, style: ReportStyle.sheet + sheet, body: body(entries, omitted)).text
    }

    private static func body(_ entries: [LedgerEntry], _ omitted: Int64) -> String {
        let open = entries.count { $0.summary.state == .open }
        let verdict =
            entries.isEmpty
            ? "No policy is refused." : open == 0 ? "Nothing is open." : "\(open) \(open == 1 ? "refusal is" : "refusals are") open."
        return """
            <header>
            <p class="verdict \(open == 0 ? "good" : "bad")" role="status">\(HTML.prose(verdict))</p>
            <h1>\(HTML.escape(title))</h1>
            <p>What the kernel of a host cannot enforce exactly is refused, and nothing starts. Closing a refusal says that somebody has looked; it
            permits nothing.</p>
            \(omitted > 0 ? "<p class=\"note\">\(HTML.prose(LedgerWords.omitted(omitted))).</p>\n" : "")\
            \(entries.count > 1 ? contents(entries) : "")\
            </header>
            <main>
            \(entries.map(article).joined())\
            </main>
            """
    }

    private static func contents(_ entries: [LedgerEntry]) -> String {
        let rows = entries.map { entry in
            let summary = entry.summary
            return
                "<tr><td><a href=\"#\(anchor(entry))\">\(HTML.foreign(summary.policy))</a></td><td>\(summary.caller)</td>"
                + "<td>\(HTML.escape(summary.codes.joined(separator: " ")))</td><td>\(state(summary.state))</td>"
                + "<td class=\"number\">\(summary.times)</td><td>\(HTML.escape(LedgerWords.moment(summary.lastSeen)))</td></tr>\n"
        }
        let head = ["policy", "uid", "codes", "state"].map { "<th scope=\"col\">\($0)</th>" }.joined()
        return """
            <nav class="table" aria-label="Contents" tabindex="0">
            <table>
            <thead><tr>\(head)<th scope="col" class="number">times</th><th scope="col">last seen</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            </nav>

            """
    }

    private static func anchor(_ entry: LedgerEntry) -> String { "refusal-\(HTML.escape(entry.summary.id))" }

    private static func state(_ state: RefusalSummary.State) -> String {
        "<span class=\"level \(state.rawValue)\">\(state.rawValue)</span>"
    }

    private static func article(_ entry: LedgerEntry) -> String {
        let id = anchor(entry)
        return """
            <article aria-labelledby="\(id)">
            <h2 id="\(id)">\(HTML.foreign(entry.summary.policy)) \(state(entry.summary.state))</h2>
            \(facts(entry))\
            \(entry.reasons.map { reason($0, entry) }.joined())\
            \(leftOut(entry))\
            \(host(entry))\
            \(history(entry))\
            \(documents(entry))\
            </article>

            """
    }

    private static func facts(_ entry: LedgerEntry) -> String {
        let summary = entry.summary
        var rows = [
            ("id", HTML.foreign(summary.id)), ("caller", "uid \(summary.caller)"),
            ("refused", HTML.escape(LedgerWords.times(summary.times))),
            ("first, last", HTML.escape("\(LedgerWords.moment(summary.firstSeen)), \(LedgerWords.moment(summary.lastSeen))")),
        ]
        if let hostname = summary.hostname { rows.append(("host", HTML.foreign(hostname))) }
        if let finding = entry.finding {
            rows.append(("last at", finding.stage.rawValue))
            if let receipts = LedgerWords.receipts(finding) { rows.append(("recorded", HTML.prose(receipts))) }
            rows.append(("policy", HTML.escape(LedgerWords.subject(finding))))
        }
        return "<dl>\n" + rows.map { "<dt>\($0)</dt><dd>\($1)</dd>\n" }.joined() + "</dl>\n"
    }

    private static func reason(_ reason: Reason, _ entry: LedgerEntry) -> String {
        let words = ReasonWords(reason)
        let place = reason.location.map { "<p class=\"place\">\(HTML.foreign("\($0.file):\($0.line):\($0.column)"))</p>\n" } ?? ""
        let why = words.why.map { "<dt>why</dt><dd>\(HTML.prose($0))</dd>\n" } ?? ""
        let help = words.help.map { "<dt>help</dt><dd>\(HTML.prose($0))</dd>\n" } ?? ""
        let notes = why + help
        return """
            <section class="reason">
            <h3><span class="code">\(reason.code.rawValue)</span> \(HTML.prose(words.message))</h3>
            \(place)\(excerpt(reason, entry))\(notes.isEmpty ? "" : "<dl>\n\(notes)</dl>\n")\
            </section>

            """
    }

    private static func excerpt(_ reason: Reason, _ entry: LedgerEntry) -> String {
        guard let location = reason.location, let excerpt = SourceExcerpt(of: location, in: entry.source(location.file)) else { return "" }
        let blank = String(repeating: " ", count: String(location.line).count)
        return
            "<pre tabindex=\"0\"><code>\(location.line) | \(HTML.escape(excerpt.line))\n\(blank) | <b>\(HTML.escape(excerpt.caret))</b></code></pre>\n"
    }

    private static func leftOut(_ entry: LedgerEntry) -> String {
        guard let left = entry.finding?.leftOut, left > 0 else { return "" }
        return "<p class=\"note\">And \(left) more \(left == 1 ? "reason" : "reasons").</p>\n"
    }

    private static func host(_ entry: LedgerEntry) -> String {
        guard let finding = entry.finding else { return "" }
        guard let host = entry.host else { return "<h3>Host</h3>\n<p class=\"note\">Its profile is not kept any more.</p>\n" }
        let about =
            "<p>Linux \(HTML.foreign(host.kernel)), \(HTML.foreign(host.architecture)), <code>sha256:\(HTML.escape(finding.host))</code></p>\n"
        guard !entry.hostFacts.isEmpty else { return "<h3>Host</h3>\n" + about }
        let rows = entry.hostFacts.map { fact in
            "<tr><td><code>\(HTML.escape(fact.mechanism))</code></td><td>\(HTML.escape(fact.meaning ?? "–"))</td><td>\(HTML.foreign(fact.observed))</td></tr>\n"
        }
        return "<h3>Host</h3>\n" + about + """
            <div class="table" tabindex="0" role="region" aria-label="What the host was seen to do">
            <table>
            <thead><tr><th scope="col">mechanism</th><th scope="col">what it holds</th><th scope="col">when it was tried</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            </div>

            """
    }

    private static func history(_ entry: LedgerEntry) -> String {
        guard !entry.details.events.isEmpty else { return "" }
        let rows = entry.details.events.map { event in
            let words = event.words.map { " <bdi>\(HTML.escape($0))</bdi>" } ?? ""
            let author = event.author.map { " by uid \($0)" } ?? ""
            return
                "<li>\(HTML.escape(LedgerWords.moment(event.time))): \(event.kind.rawValue)\(author)\(words.isEmpty ? "" : ":")\(words)</li>\n"
        }
        return "<h3>History</h3>\n<ul class=\"history\">\n\(rows.joined())</ul>\n"
    }

    private static func documents(_ entry: LedgerEntry) -> String {
        entry.details.documents.map { document in
            guard let bytes = document.bytes else {
                return "<p class=\"note\">The text of \(HTML.foreign(document.name)), \(document.size) bytes, found no room.</p>\n"
            }
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
                HTML.escape(String(decoding: $0, as: UTF8.self))
            }
            return
                "<details>\n<summary>\(HTML.foreign(document.name))</summary>\n<pre tabindex=\"0\"><code>\(lines.joined(separator: "\n"))</code></pre>\n</details>\n"
        }.joined()
    }

    /// Beside the report's.
    private static let sheet = """

        h3 { font-size: 1rem; line-height: 1.4; margin: 1.5rem 0 .35rem; max-width: 46rem; overflow-wrap: anywhere; }
        pre { overflow-x: auto; margin: .35rem 0 .6rem; padding: .6rem .8rem; background: var(--wash); border-radius: .25rem; }
        pre code { overflow-wrap: normal; white-space: pre; unicode-bidi: plaintext; }
        pre b, .code { color: var(--bad); }
        .code { font-family: ui-monospace, monospace; }
        .place { margin: 0; color: var(--soft); }
        .open { color: var(--bad); }
        .closed { color: var(--soft); }
        .resolved { color: var(--good); }
        h2 code, h3 code { font-weight: inherit; }
        h2 .level { font-weight: 400; vertical-align: .1em; }
        .history { padding-left: 1.1rem; font-size: .9rem; overflow-wrap: anywhere; }
        details { margin: .6rem 0; }
        summary { cursor: pointer; }

        """
}
