/// Which receipts can support which control of others' frameworks. Data, and all of it: identifiers and titles are the frameworks' own (titles of
/// sentences are their beginnings), the rest is ours. A row claims that receipts support a control, never that anything complies with it.
enum ControlMap {
    static let frameworks = [owaspMCP, owaspAgentic, atlas, nist, aiAct, dora]

    static let owaspMCP = Framework(
        id: "owasp-mcp-top-10", title: "OWASP MCP Top 10",
        note: "2025, beta. Risks, not requirements: a row says what this log shows of how a risk was met.",
        controls: [
            Control(
                "MCP01:2025", "Token Mismanagement & Secret Exposure", [.commitments, .redactions, .launches],
                open: "secrets that a permitted call hands to the server, and how tokens are issued and rotated"),
            Control(
                "MCP02:2025", "Privilege Escalation via Scope Creep", [.launches, .toolBlocks, .kernelDenials, .refusals],
                open: "whether the policy grants more than is needed"),
            Control(
                "MCP03:2025", "Tool Poisoning", [.drifts, .definitionBlocks],
                open: "whether a definition that was accepted at first sight was honest"),
            Control(
                "MCP04:2025", "Software Supply Chain Attacks & Dependency Tampering", [.programs, .networkDenials, .executionDenials],
                open: "where the server's code comes from, and the packages that it loads"),
            Control(
                "MCP05:2025", "Command Injection & Execution", [.executionDenials, .kernelDenials, .malformedBlocks, .ruleBlocks],
                open: "what a permitted interpreter does with the arguments that it is given"),
            Control(
                "MCP06:2025", "Intent Flow Subversion", [.toolBlocks, .ruleBlocks, .held, .messageBlocks],
                open: "what the user wanted: no receipt holds an intent"),
            Control(
                "MCP07:2025", "Insufficient Authentication & Authorization", [.clients, .granted, .forwarded, .blocked],
                open: "who the people behind a uid are, and authentication towards remote services"),
            Control(
                "MCP08:2025", "Lack of Audit and Telemetry", [.decisions, .outcomes, .signed],
                open: "whether anybody reads the record"),
            Control(
                "MCP09:2025", "Shadow MCP Servers", [.launches, .refusals],
                open: "servers that are started without sandboxd: none of them is in this log"),
            Control(
                "MCP10:2025", "Context Injection & Over-Sharing", [.redactions, .messageBlocks, .networkDenials],
                open: "what results put into the model's context: the log has their digests"),
        ])

    static let owaspAgentic = Framework(
        id: "owasp-agentic-2026", title: "OWASP Top 10 for Agentic Applications",
        note: "2026, version 1.0. Risks of whole agent systems, of which MCP servers are a part.",
        controls: [
            Control(
                "ASI01", "Agent Goal Hijack", [.toolBlocks, .ruleBlocks, .held],
                open: "the agent's goal, and how it was changed; only what it then asked for is here"),
            Control(
                "ASI02", "Tool Misuse and Exploitation", [.forwarded, .blocked, .spentBlocks, .kernelDenials],
                open: "misuse within what the policy permits"),
            Control(
                "ASI03", "Identity and Privilege Abuse", [.clients, .launches, .granted],
                open: "delegation between agents, and identities beyond this host's users"),
            Control(
                "ASI04", "Agentic Supply Chain Vulnerabilities", [.programs, .drifts, .definitionBlocks],
                open: "models, prompts and packages"),
            Control(
                "ASI05", "Unexpected Code Execution (RCE)", [.executionDenials, .fileDenials, .networkDenials],
                open: "code that a permitted program interprets"),
            Control(
                "ASI06", "Memory & Context Poisoning", [.drifts, .messageBlocks],
                open: "the agent's memory: it is not seen from here"),
            Control(
                "ASI07", "Insecure Inter-Agent Communication", [.malformedBlocks, .networkDenials],
                open: "agents that talk to each other by other ways than MCP over this gate"),
            Control(
                "ASI08", "Cascading Failures", [.spentBlocks, .limitsReached, .exits],
                open: "what a failure set off elsewhere"),
            Control(
                "ASI09", "Human-Agent Trust Exploitation", [.held, .granted, .deniedByPerson],
                open: "whether the person understood what was asked"),
            Control(
                "ASI10", "Rogue Agents", [.blocked, .kernelDenials, .violations],
                open: "an agent that does harm by permitted calls, or beside sandboxd"),
        ])

    static let atlas = Framework(
        id: "mitre-atlas", title: "MITRE ATLAS",
        note:
            "v2026.09. Techniques (T) of adversaries and mitigations (M); a row says which receipts would show signs of the technique, or the "
            + "mitigation at work, not that an attack took place.",
        controls: [
            Control(
                "AML.T0051", "LLM Prompt Injection", [.toolBlocks, .ruleBlocks, .held],
                open: "the injected text: the gate judges calls, not language"),
            Control("AML.T0053", "AI Agent Tool Invocation", [.forwarded, .blocked], open: "why the agent called"),
            Control(
                "AML.T0057", "LLM Data Leakage", [.redactions, .messageBlocks],
                open: "what a model says to its user"),
            Control(
                "AML.T0081", "Modify AI Agent Configuration", [.fileDenials],
                open: "configuration that is changed by other programs than confined servers"),
            Control(
                "AML.T0086", "Exfiltration via AI Agent Tool Invocation", [.networkDenials, .toolBlocks, .ruleBlocks],
                open: "data that leaves to a permitted endpoint, or in permitted arguments"),
            Control(
                "AML.T0098", "AI Agent Tool Credential Harvesting", [.fileDenials, .redactions],
                open: "credentials that the policy grants to the server"),
            Control(
                "AML.T0101", "Data Destruction via AI Agent Tool Invocation", [.toolBlocks, .ruleBlocks, .held, .fileDenials],
                open: "destruction by permitted calls"),
            Control(
                "AML.T0110", "AI Agent Tool Poisoning", [.drifts, .definitionBlocks],
                open: "poisoned results of a tool whose definition did not change"),
            Control("AML.M0024", "AI Telemetry Logging", [.decisions, .outcomes, .signed], open: "prompts and model outputs"),
            Control(
                "AML.M0026", "Privileged AI Agent Permissions Configuration", [.launches, .refusals, .selfTests],
                open: "whether the permissions are the right ones"),
            Control(
                "AML.M0028", "AI Agent Tools Permissions Configuration", [.forwarded, .blocked, .kernelDenials],
                open: "tools that the agent reaches without this gate"),
            Control(
                "AML.M0029", "Human In-the-Loop for AI Agent Actions", [.held, .granted, .deniedByPerson],
                open: "actions that no rule asks a person about"),
        ])

    static let nist = Framework(
        id: "nist-ai-rmf-1.0", title: "NIST AI RMF 1.0 (AI 100-1)",
        note: "Outcomes of an organisation's own processes. A log can only feed them; the titles are the beginnings of their texts.",
        controls: [
            Control(
                "GOVERN 6", "Policies and procedures are in place to address AI risks … arising from third-party software and data",
                [.launches, .refusals], open: "the policies and procedures themselves, and who is responsible"),
            Control(
                "MAP 4", "Risks and benefits are mapped for all components of the AI system including third-party software and data",
                [.launches], open: "the mapping; the log lists the servers that were run"),
            Control(
                "MEASURE 2.4", "The functionality and behavior of the AI system and its components … are monitored when in production",
                [.decisions, .outcomes, .kernelDenials], open: "the behaviour of the model"),
            Control(
                "MEASURE 2.7", "AI system security and resilience … are evaluated and documented", [.selfTests, .kernelDenials, .blocked],
                open: "the evaluation: counts are not one"),
            Control(
                "MEASURE 2.8", "Risks associated with transparency and accountability … are examined and documented",
                [.signed, .clients, .granted], open: "the examination"),
            Control(
                "MANAGE 2.4", "Mechanisms are in place and applied … to supersede, disengage, or deactivate AI systems",
                [.blocked, .held, .exits], open: "who decides to use them, and when"),
            Control(
                "MANAGE 3", "AI risks and benefits from third-party entities are managed", [.drifts, .definitionBlocks, .refusals],
                open: "contracts with, and reviews of, third parties"),
            Control(
                "MANAGE 4.1", "Post-deployment AI system monitoring plans are implemented", [.decisions, .outcomes, .violations],
                open: "the plan, and input from users"),
        ])

    static let aiAct = Framework(
        id: "eu-ai-act", title: "EU AI Act (Regulation (EU) 2024/1689)",
        note:
            "Articles 12 and 26 are about high-risk AI systems and apply, after Regulation (EU) 2026/1744, from 2 December 2027 (Annex III) and "
            + "2 August 2028 (Annex I). An agent is not high-risk because it is an agent; whether a system is, this log does not say.",
        controls: [
            Control(
                "Art. 12(1)", "Record-keeping: automatic recording of events over the lifetime of the system", [.receipts, .decisions],
                open: "events of the AI system outside its MCP servers; time before and after this log"),
            Control(
                "Art. 12(2)(a)", "Record-keeping: identifying situations that may present a risk or a substantial modification",
                [.blocked, .kernelDenials, .drifts, .refusals], open: "whether such a situation is one in the sense of Article 79(1)"),
            Control(
                "Art. 12(2)(b)", "Record-keeping: facilitating the post-market monitoring", [.outcomes, .exits],
                open: "the provider's monitoring under Article 72"),
            Control(
                "Art. 12(2)(c)", "Record-keeping: monitoring the operation by deployers", [.decisions, .outcomes, .held],
                open: "the monitoring itself"),
            Control(
                "Art. 26(2)", "Obligations of deployers: human oversight", [.held, .granted, .deniedByPerson],
                open: "the competence, training and authority of those who decide"),
            Control(
                "Art. 26(5)", "Obligations of deployers: monitoring the operation", [.decisions, .kernelDenials, .violations],
                open: "the instructions for use, and what was done about a finding"),
            Control(
                "Art. 26(6)", "Obligations of deployers: keeping automatically generated logs", [.signed],
                open: "that logs are kept for at least six months: a report of one log cannot show how long it will be there"),
        ])

    static let dora = Framework(
        id: "eu-dora", title: "DORA (Regulation (EU) 2022/2554)",
        note:
            "Article 17, ICT-related incident management process, of financial entities; applies since 17 January 2025. The process is the entity's; "
            + "receipts can be records in it.",
        controls: [
            Control(
                "Art. 17(1)", "Process to detect, manage and notify ICT-related incidents", [.blocked, .kernelDenials, .violations],
                open: "management and notification"),
            Control(
                "Art. 17(2)", "Recording of all ICT-related incidents and significant cyber threats",
                [.signed, .kernelDenials, .drifts, .violations], open: "which of these are incidents, and their root causes"),
            Control(
                "Art. 17(3)(a)", "Early warning indicators", [.blocked, .kernelDenials, .drifts, .spentBlocks],
                open: "thresholds, and who is warned"),
            Control(
                "Art. 17(3)(b)", "Procedures to identify, track, log, categorise and classify", [.decisions, .outcomes, .refusals],
                open: "classification under Article 18"),
            Control(
                "Art. 17(3)(c)", "Roles and responsibilities", [], open: "all of it: receipts name users of a host, not roles"),
        ])
}
