import Foundation
import HearthValues
import Testing

@testable import HearthIdentity

@Suite("Keys are strong, fit their algorithms, and are read again when they change")
struct KeyTests {
    @Test(arguments: [(SignatureAlgorithm.hs256, 31, 32), (.hs384, 47, 48), (.hs512, 63, 64)])
    func `a secret is as long as the digest`(algorithm: SignatureAlgorithm, short: Int, enough: Int) throws {
        var rules = TokenRules()
        rules.algorithms = [algorithm]
        rules.secret = [UInt8](repeating: 7, count: short)
        #expect(throws: KeyError.self) { try TokenVerifier(rules) }
        rules.secret = [UInt8](repeating: 7, count: enough) + [0x0A]
        #expect(throws: Never.self) { try TokenVerifier(rules) }
    }

    @Test(arguments: [
        #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","n":"","e":"AQAB"}"#, #"{"kty":"RSA","e":"AQAB"}"#,
        #"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#, #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
        #"{"kty":"OKP","crv":"Ed448","x":"AA"}"#, #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"HS256"}"#,
        #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"oct"}"#, #"{"kty":"what"}"#, #"{}"#, #"{"keys":[]}"#,
        #"{"kty":"oct","kty":"RSA"}"#, "{",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "", "ssh-ed25519 AAAA",
    ])
    func `a key that is weak, broken or private is an error that says so`(text: String) throws {
        let bench = try TokenBench()
        bench.rules.keyFile = try bench.file("key", Array(text.utf8))
        do throws(KeyError) {
            _ = try TokenVerifier(bench.rules)
            Issue.record("taken: \(text)")
        } catch { #expect(error.message.contains("key") && error.message.count > 20) }
    }

    private func set(_ keys: [(String, AsymmetricKey)]) throws -> [UInt8] {
        let list = keys.map { id, _ in #"{"kty":"oct","kid":"\#(id)","alg":"HS256","k":"\#(Self.secret(id))"}"# }
        return Array(#"{"keys":[{"kty":"new"},{"kty":"RSA","use":"enc"},\#(list.joined(separator: ","))]}"#.utf8)
    }

    private static func secret(_ id: String) -> String {
        Base64URL.encode(Array((id + String(repeating: "-", count: 40)).utf8))
    }

    private func token(_ id: String, kid: String?) throws -> String {
        let secret = try #require(Base64URL.decode(Self.secret(id)))
        return try TokenSigner(secret: secret, .hs256).token(["sub": "ann"], keyID: kid)
    }

    @Test func `a set is read again when its file is replaced, and a broken one changes nothing`() throws {
        let bench = try TokenBench()
        let pair = try AsymmetricKey.generate(.ed25519)
        bench.rules.keySetFile = try bench.file("keys", set([("one", pair), ("two", pair)]))
        let verifier = try TokenVerifier(bench.rules)
        #expect(verifier.refresh() == .unchanged)
        #expect(TokenBench.problem(try token("one", kid: "one"), verifier) == nil)
        #expect(TokenBench.problem(try token("one", kid: nil), verifier) == nil)
        #expect(TokenBench.problem(try token("one", kid: "two"), verifier) == .signature)
        #expect(TokenBench.problem(try token("one", kid: "three"), verifier) == .key)
        let credential = try verifier.verify(try token("one", kid: "one"), now: TokenBench.now)
        #expect(verifier.holds(credential) && credential.generation == verifier.generation)

        _ = try bench.file("keys", Array("{".utf8))
        guard case .failed = verifier.refresh() else { throw Wrong() }
        #expect(verifier.refresh() == .unchanged)
        #expect(TokenBench.problem(try token("one", kid: "one"), verifier) == nil && verifier.holds(credential))

        _ = try bench.file("keys", set([("two", pair)]))
        #expect(verifier.refresh() == .changed(keys: 1))
        #expect(TokenBench.problem(try token("one", kid: "one"), verifier) == .key)
        #expect(TokenBench.problem(try token("two", kid: "two"), verifier) == nil)
        #expect(!verifier.holds(credential) && credential.generation != verifier.generation)
    }

    @Test func `a link that is turned to another file counts as a change`() throws {
        let bench = try TokenBench()
        let pair = try AsymmetricKey.generate(.ed25519)
        let old = try bench.file("a", set([("one", pair)]))
        let new = try bench.file("b", set([("two", pair)]))
        let link = old + "-link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: old)
        bench.rules.keySetFile = link
        let verifier = try TokenVerifier(bench.rules)
        try FileManager.default.createSymbolicLink(atPath: link + "2", withDestinationPath: new)
        #expect(rename(link + "2", link) == 0)
        #expect(verifier.refresh() == .changed(keys: 1))
        #expect(TokenBench.problem(try token("two", kid: "two"), verifier) == nil)
    }

    private struct Wrong: Error {}
}
