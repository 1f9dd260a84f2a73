/// Ids for things that are made while a room runs.
package enum Identifier {
    /// 20 characters of 36 kinds: about 103 bits.
    package static let length = 20

    /// A new id of `[a-z0-9]`, a function of the generator's state.
    package static func make(from random: inout SeededRandom) -> String {
        let alphabet: StaticString = "abcdefghijklmnopqrstuvwxyz0123456789"
        return String(unsafeUninitializedCapacity: length) { bytes in
            for index in 0..<length { bytes[index] = alphabet.utf8Start[random.next(below: 36)] }
            return length
        }
    }
}
