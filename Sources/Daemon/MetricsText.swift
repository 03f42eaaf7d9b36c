import Evidence

/// The exposition format of Prometheus, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// One metric with its samples, of which each has a value for the one label, or none.
    mutating func add(_ metric: Metric, by label: String, _ samples: [(value: String, count: Int64)]) {
        head(metric)
        for sample in samples { text += "\(metric.rawValue){\(label)=\"\(Self.escaped(sample.value))\"} \(sample.count)\n" }
    }

    mutating func add(_ metric: Metric, _ value: Int64) {
        head(metric)
        text += "\(metric.rawValue) \(value)\n"
    }

    /// Bounds and sum are told in seconds.
    mutating func add(_ metric: Metric, _ histogram: DurationHistogram) {
        head(metric)
        var total: Int64 = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            text += "\(metric.rawValue)_bucket{le=\"\(Self.seconds(bound))\"} \(total)\n"
        }
        text += "\(metric.rawValue)_bucket{le=\"+Inf\"} \(histogram.total)\n"
        text += "\(metric.rawValue)_sum \(Self.seconds(histogram.sum))\n\(metric.rawValue)_count \(histogram.total)\n"
    }

    private mutating func head(_ metric: Metric) {
        text += "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) \(metric.kind.rawValue)\n"
    }

    /// Values of labels are codes and words of ours; a gate's are checked before they are counted. Escaped they are all the same.
    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// An exact decimal: of nanoseconds that are no whole microseconds with nine places, else with six.
    static func seconds(_ nanoseconds: Int64) -> String {
        let isFine = nanoseconds % 1_000 != 0
        let rest = String(nanoseconds % 1_000_000_000 / (isFine ? 1 : 1_000))
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: (isFine ? 9 : 6) - rest.utf8.count) + rest
    }
}
