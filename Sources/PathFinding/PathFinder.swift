public import Descriptors
public import Policy

/// Looks at paths with the credentials of this process.
public enum PathFinder {
    /// What an absolute path denotes, every link followed; the descriptor is kept open in `descriptors` when it was found.
    public static func find(_ path: String, keeping descriptors: inout DescriptorList) -> PathFinding {
        do throws(PathWalk.Failure) {
            let found = try PathWalk.find(Array(path.utf8))
            let facts = found.facts
            descriptors.append(found.descriptor)
            return .found(facts)
        } catch {
            return .failed(error: error.error.name, component: String(decoding: error.component, as: UTF8.self))
        }
    }

    /// One finding for each request, in their order.
    public static func find(_ requests: [RequestedPath], keeping descriptors: inout DescriptorList) -> [PathFinding] {
        requests.map { find($0.path, keeping: &descriptors) }
    }

    /// The same where only the facts matter.
    public static func find(_ requests: [RequestedPath]) -> [PathFinding] {
        var descriptors = DescriptorList()
        return find(requests, keeping: &descriptors)
    }

    /// The devices of every session's floor, as far as they are here.
    public static func floor(keeping descriptors: inout DescriptorList) -> [PathFacts] {
        ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"].compactMap { path in
            guard case .found(let facts) = find(path, keeping: &descriptors), facts.kind == .other else { return nil }
            return facts
        }
    }
}
