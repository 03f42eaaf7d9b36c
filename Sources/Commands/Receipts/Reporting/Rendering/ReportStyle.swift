/// How the page looks.
enum ReportStyle {
    static let sheet = """

        :root { color-scheme: light dark; --ground: #fff; --text: #1c2024; --soft: #5b636b; --line: #d5dae0; --wash: #f3f5f7;
          --link: #0b57d0; --good: #0f6b3c; --good-wash: #e6f4ec; --bad: #a01721; --bad-wash: #fdeaea;
          --forward: #3a76c4; --hold: #d9950f; --block: #c22f3d; --bar: #4a6f9f; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14171a; --text: #e4e7ea; --soft: #a2abb4; --line: #343b42; --wash: #1e2327;
          --link: #8ab4f8; --good: #7fd6a4; --good-wash: #12291d; --bad: #ff9aa2; --bad-wash: #361518;
          --forward: #6fa3e8; --hold: #e8b04a; --block: #ef6a76; --bar: #7f9fc9; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 66rem; padding: 1.25rem; background: var(--ground); color: var(--text);
          font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.25rem 0 .75rem; }
        h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .25rem; padding-top: .75rem; border-top: 1px solid var(--line); }
        p { margin: .25rem 0 .9rem; max-width: 46rem; }
        code { font: .875em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
        .verdict { max-width: none; margin: 0; padding: .7rem .9rem; border-left: .35rem solid; font-weight: 600; }
        .good { color: var(--good); background: var(--good-wash); }
        .bad { color: var(--bad); background: var(--bad-wash); }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0 0 1rem; font-size: .9rem; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        nav { font-size: .9rem; }
        nav ul { margin: 0; padding: 0; list-style: none; columns: 16rem 3; }
        a { color: var(--link); }
        .table { overflow-x: auto; margin-bottom: .5rem; }
        table { border-collapse: collapse; min-width: min(100%, 30rem); font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem 1.5rem .35rem 0; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; white-space: nowrap; }
        td:last-child, th:last-child { padding-right: 0; }
        td:not(.number) { min-width: 6.5rem; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        .note, .none { color: var(--soft); font-size: .9rem; }
        .level { display: inline-block; padding: 0 .45rem; border: 1px solid currentColor; border-radius: .25rem; font-size: .8rem; }
        .observed { color: var(--good); }
        .inferred { color: var(--link); }
        .reported { color: var(--soft); }
        .absent { color: var(--bad); }
        .chart { display: block; margin: .5rem 0 1rem; overflow: visible; font: 13px system-ui, sans-serif; }
        .chart text { fill: var(--text); }
        .chart .value, .chart .end { text-anchor: end; }
        .chart .value { font-variant-numeric: tabular-nums; }
        .bar { fill: var(--bar); }
        .track { fill: var(--wash); }
        .axis { stroke: var(--line); }
        .forward { fill: var(--forward); }
        .hold { fill: var(--hold); }
        .block { fill: var(--block); }
        @media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; } body { padding: .9rem; } }
        @media print {
          :root { color-scheme: light; --ground: #fff; --text: #000; --soft: #444; --line: #bbb; --wash: #eee; --link: #000;
            --good: #0f6b3c; --good-wash: #fff; --bad: #a01721; --bad-wash: #fff;
            --forward: #3a76c4; --hold: #d9950f; --block: #c22f3d; --bar: #4a6f9f; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          nav { display: none; }
          .table { overflow: visible; }
          .chart, tr { break-inside: avoid; }
          h2 { break-after: avoid; }
          .chart rect, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }

        """
}
