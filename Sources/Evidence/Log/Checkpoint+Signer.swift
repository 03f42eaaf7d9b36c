extension Checkpoint {
    /// What is wrong with its signature for one who trusts these keys; nil when one of them signed it.
    func problem(by keys: [VerifierKey]) -> Finding.Problem? {
        if keys.contains(where: { isSigned(by: $0) }) { return nil }
        let areOfLog = keys.contains { $0.name.utf8.elementsEqual(origin.utf8) }
        let isAnothers = !keys.contains { $0.identifier == keyIdentifier }
        return areOfLog && isAnothers ? .otherSigner(Hex.encode(keyIdentifier)) : .badSignature
    }
}
