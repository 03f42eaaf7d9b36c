/// The keys of a messages section.
public enum MessageKind: String, Sendable, Hashable, CaseIterable { case resources, prompts, sampling, elicitation, roots }
