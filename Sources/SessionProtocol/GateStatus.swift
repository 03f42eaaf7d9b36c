/// What a gate ends with, besides 0.
public enum GateStatus {
    /// It ended well, and its server had ended before it answered anything: the keeper (`CL_GATE_UNANSWERED`) and `wrap` know this number, too.
    public static let unanswered: Int32 = 3
}
