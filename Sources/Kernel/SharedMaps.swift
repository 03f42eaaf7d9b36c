import CKernel
import Descriptors
import KernelPlan

/// The filled maps of living sessions, so that the next session with the same lists need not fill its own. They are frozen: whoever asks them
/// can share them.
///
/// Known by id, which costs no descriptor: the programs of the sessions keep them, and with the last of these a map is gone.
public final class SharedMaps {
    /// What the maps hold.
    struct Content: Hashable {
        var tcp: CgroupPlan.Endpoints
        var udp: CgroupPlan.Endpoints
        var own: CgroupPlan.Endpoints

        init(_ plan: CgroupPlan) {
            tcp = plan.tcp
            udp = plan.udp
            own = plan.own
        }
    }

    private var ids: [Content: [String: UInt32]] = [:]

    public init() {}

    /// The maps with this content, all of them; `nil` where no living session has them.
    func maps(with content: Content) -> MapDescriptors? {
        guard let ids = ids[content] else { return nil }
        let maps = MapDescriptors()
        for (name, id) in ids {
            guard let map = try? descriptor(ck_bpf_open_map(id)), ck_bpf_map_is_frozen(map.number) == 1 else {
                self.ids[content] = nil
                return nil
            }
            maps.add(name, map)
        }
        return maps
    }

    /// Remembers maps that have been filled and frozen, and forgets those that are gone.
    func remember(_ content: Content, _ maps: MapDescriptors) throws(Errno) {
        for (known, ids) in ids where !ids.values.allSatisfy(Self.isAlive) { self.ids[known] = nil }
        var ids: [String: UInt32] = [:]
        for name in EgressMaps.names {
            guard let number = maps[name] else { return }
            let id = ck_bpf_map_id(number)
            guard id > 0 else { throw Errno(code: Int32(-id)) }
            ids[name] = UInt32(id)
        }
        self.ids[content] = ids
    }

    private static func isAlive(_ id: UInt32) -> Bool { (try? descriptor(ck_bpf_open_map(id))) != nil }
}
