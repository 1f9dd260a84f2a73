import HearthStore
import Testing

@Suite("Hashes")
struct HashTests {
    @Test("SHA-256 agrees with the published examples")
    func examples() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256.hash([]).hex == empty)
        #expect(SHA256.hash(Array("abc".utf8)).hex == abc)
        #expect(SHA256.hash(Array("a".utf8), Array("bc".utf8)).hex == abc)
    }

    @Test("a fact's id is the hash of its parent's bytes and its content")
    func factIdentifier() {
        let parent = SHA256.hash([1])
        let fact = Fact(seq: 1, parent: parent, content: [2, 3])
        #expect(fact.id == SHA256.hash(parent.bytes, [2, 3]) && fact.isIntact)
        var hasher = FactHasher()
        for content in [[2, 3], [], [UInt8](repeating: 7, count: 1_000), [2, 3]] {
            #expect(hasher.id(parent: parent, content: content) == SHA256.hash(parent: parent, content: content))
        }
    }

    @Test("only 64 hexadecimal digits make a hash")
    func hexadecimal() {
        let hash = SHA256.hash([1])
        #expect(Hash(hex: hash.hex) == hash && Hash(hex: hash.hex.uppercased()) == hash)
        #expect(Hash(hex: String(hash.hex.dropLast())) == nil && Hash(hex: "g" + hash.hex.dropFirst()) == nil)
        #expect(Hash([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Hash([UInt8](repeating: 0, count: 32)) == .zero)
    }
}
