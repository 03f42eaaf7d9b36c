/// What a store is kept in: what is tested of one is tested of the other.
enum StoreKind: CaseIterable, Sendable { case sqlite, postgres }
