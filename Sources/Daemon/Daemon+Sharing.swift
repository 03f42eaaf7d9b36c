import Descriptors
import Evidence
import Glibc
import Store
import StrictJSON

/// The store that several hosts share.
extension Daemon {
    /// From here on what hosts share is kept there. Calls that need it while it is out of reach are blocked, and all else goes on.
    func share(_ settings: PostgresSettings) {
        let store = SharedStore(settings, in: loop, onNotice: { [weak self] notice in self?.note(notice) })
        storeKeeper.share(store, as: .this)
    }

    private func note(_ notice: SharedStore.Notice) {
        switch notice {
        case .available: record(.lifecycle, ["event": "shared-store-available"], nil)
        case .unavailable(let error, let detail):
            record(.lifecycle, ["event": "shared-store-unavailable", "problem": .string(error.text), "detail": .string(detail)], nil)
        }
    }
}

extension LedgerHost {
    /// This one, as it is now.
    fileprivate static var this: LedgerHost {
        var name = [UInt8](repeating: 0, count: 256)
        let isNamed = name.withUnsafeMutableBytes { gethostname($0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count - 1) } == 0
        let machine = (try? WorkingDirectory().contents(of: "/etc/machine-id", limit: 256)) ?? []
        return LedgerHost(
            name: isNamed ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "unnamed",
            machine: String(decoding: machine, as: UTF8.self))
    }
}
