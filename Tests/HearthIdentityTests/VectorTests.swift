import HearthValues
import Testing

@testable import HearthIdentity

/// The examples of the RFCs, byte for byte.
@Suite("Signatures are those of the standards")
struct VectorTests {
    private static func jwk(_ text: String) throws -> Object { try #require(try JSON.parse(text).object) }

    @Test func `RFC 7515 A1: HS256`() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let secret = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let parts = try CompactToken(token)
        #expect(Signature.isCode(parts.signature, of: parts.signed, secret: secret, .hs256))
        #expect(try parts.payload()["iss"] == "joe")
        // The token of RFC 7519, 3.1 is the same; it ran out in 2011 and is for nobody.
        var rules = TokenRules()
        rules.secret = secret
        let verifier = try TokenVerifier(rules)
        #expect(TokenBench.problem(token, verifier) == .expired)
        #expect(TokenBench.problem(token, verifier, now: 1_300_819_379_000) == .claim)
    }

    @Test func `RFC 7515 A2: RS256`() throws {
        let key = try AsymmetricKey(
            publicJWK: Self.jwk(
                #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
            ))
        let token =
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGb"
            + "ds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9"
            + "383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWyw"
            + "lVmtVrBp0igcN_IoypGlUPQGe77Rw"
        let parts = try CompactToken(token)
        #expect(Signature.isSignature(parts.signature, of: parts.signed, by: key, .rs256))
        #expect(!Signature.isSignature(parts.signature, of: parts.signed, by: key, .ps256))
        #expect(!Signature.isSignature(parts.signature, of: parts.signed + [0], by: key, .rs256))
    }

    @Test func `RFC 7515 A3: ES256`() throws {
        let key = try AsymmetricKey(
            publicJWK: Self.jwk(
                #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
            ))
        let parts = try CompactToken(
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
                + "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
        #expect(Signature.isSignature(parts.signature, of: parts.signed, by: key, .es256))
        let (r, s) = (Array(parts.signature[..<32]), Array(parts.signature[32...]))
        let order: [UInt8] = try #require(
            Hexadecimal.bytes("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"))
        let zero = [UInt8](repeating: 0, count: 32)
        for forged in [
            zero + zero, r + zero, zero + s, order + order, order + s, r + order, r, r + s + [0], s + r, [],
        ] { #expect(!Signature.isSignature(forged, of: parts.signed, by: key, .es256)) }
    }

    @Test func `RFC 8037 A4 and A5: Ed25519`() throws {
        let key = try AsymmetricKey(
            publicJWK: Self.jwk(#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#))
        let parts = try CompactToken(
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
        #expect(Signature.isSignature(parts.signature, of: parts.signed, by: key, .edDSA))
        for length in [0, 1, 63] {
            #expect(!Signature.isSignature(Array(parts.signature[..<length]), of: parts.signed, by: key, .edDSA))
        }
    }

    @Test(arguments: [SignatureAlgorithm.rs256, .ps256, .es256, .edDSA])
    func `what a key signs it accepts, and nothing else`(algorithm: SignatureAlgorithm) throws {
        let pair = try AsymmetricKey.generate(algorithm.keyKind)
        let key = try AsymmetricKey(publicPEM: pair.publicPEM)
        let signer = try TokenSigner(privatePEM: pair.privatePEM, algorithm)
        let token = try signer.token(["sub": "ann"])
        let parts = try CompactToken(token)
        #expect(Signature.isSignature(parts.signature, of: parts.signed, by: key, algorithm))
        for place in stride(from: 0, to: parts.signature.count, by: 7) {
            var broken = parts.signature
            broken[place] ^= 1
            #expect(!Signature.isSignature(broken, of: parts.signed, by: key, algorithm))
        }
        let stranger = try AsymmetricKey.generate(algorithm.keyKind)
        #expect(!Signature.isSignature(parts.signature, of: parts.signed, by: stranger, algorithm))
        #expect(throws: KeyError.self) { try AsymmetricKey(publicPEM: pair.privatePEM) }
    }
}

enum Hexadecimal {
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) }
        return bytes.contains(nil) ? nil : bytes.compactMap { $0 }
    }
}
