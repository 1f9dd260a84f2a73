import HearthValues
import Testing

@testable import HearthIdentity

@Suite("A token is believed only when everything about it is right")
struct TokenTests {
    @Test func `a good token says who it is and what it may do`() throws {
        let verifier = try TokenBench.hmac()
        let token = TokenBench.token(
            payload: #"""
                {"sub":"ann","name":"Ann","roles":["editor"],"exp":1800000100,"iat":1800000000,"nbf":1799999990.5,
                 "rooms":{"team-*":["join","send:say"],"lobby":"join","own-?":["*"]}}
                """#)
        let claims = try verifier.verify(token, now: TokenBench.now).claims
        #expect(claims.subject == "ann" && claims.name == "Ann" && claims.roles == ["editor"])
        let team = claims.rights(in: "team-red")
        #expect(team.join && team.maySend("say") && !team.maySend("shout") && !team.set && !team.manage && !team.call)
        #expect(claims.rights(in: "lobby").join && !claims.rights(in: "lobby").maySend("say"))
        #expect(claims.rights(in: "own-1").manage && claims.rights(in: "own-1").call)
        #expect(claims.rights(in: "own-12") == RoomRights() && claims.rights(in: "TEAM-red") == RoomRights())
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"NONE"}"#, #"{"alg":"nOnE"}"#, #"{"alg":""}"#,
        #"{"alg":"hs256"}"#,
        #"{"alg":"HS384"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"ES256"}"#, #"{"alg":"HS256 "}"#,
    ])
    func `an algorithm that is not configured is refused, whatever the signature`(head: String) throws {
        let verifier = try TokenBench.hmac()
        let signed = TokenBench.token(head: head, payload: #"{"sub":"ann"}"#)
        #expect(TokenBench.problem(signed, verifier) == .algorithm)
        let unsigned = signed.split(separator: ".").prefix(2).joined(separator: ".") + "."
        #expect(TokenBench.problem(unsigned, verifier) == .algorithm)
    }

    @Test(arguments: [
        #"{}"#, #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"alg":"HS256","alg":"none"}"#, #"[]"#, #""HS256""#,
        #"{"alg":"HS256""#,
        #"{"alg":"HS256","crit":["exp"],"exp":1}"#, #"{"alg":"HS256","crit":[]}"#,
        #"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        #"{"alg":"HS256","cty":"JWT"}"#, #"{"alg":"HS256","enc":"A128GCM"}"#, #"{"alg":"HS256","kid":7}"#,
        #"{"alg":"HS256","typ":"secevent+jwt"}"#, #"{"alg":"HS256","typ":1}"#,
        #"{"alg":"HS256","x":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"#,
    ])
    func `a head that is not understood is refused`(head: String) throws {
        #expect(
            TokenBench.problem(TokenBench.token(head: head, payload: #"{"sub":"ann"}"#), try TokenBench.hmac())
                == .malformed)
    }

    @Test(arguments: [
        #"{"alg":"HS256","kid":"../../../dev/null"}"#, #"{"alg":"HS256","kid":"' OR 1=1 --"}"#,
        #"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#, #"{"alg":"HS256","jku":"http://127.0.0.1/keys"}"#,
        #"{"alg":"HS256","x5u":"file:///etc/passwd"}"#, #"{"alg":"HS256","x5c":["AAAA"]}"#,
    ])
    func `keys that a token brings or points to are never looked at`(head: String) throws {
        // Signed with the server's own secret it is taken as if the field were not there; signed with another it is not.
        let verifier = try TokenBench.hmac()
        let token = TokenBench.token(head: head, payload: #"{"sub":"ann"}"#)
        #expect(TokenBench.problem(token, verifier) == nil)
        let other = try TokenBench.hmac { $0.secret = [UInt8](repeating: 0, count: 32) }
        #expect(TokenBench.problem(token, other) == .signature)
    }

    @Test func `base64url has one spelling`() throws {
        let verifier = try TokenBench.hmac()
        let token = TokenBench.token(payload: #"{"sub":"ann"}"#)
        #expect(TokenBench.problem(token, verifier) == nil)
        let last = try #require(token.last)
        // 32 bytes are 43 characters, the last of which has two bits behind the last byte: four spellings, one right.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let place = try #require(alphabet.firstIndex(of: last))
        for other in 1..<4 {
            #expect(
                TokenBench.problem(String(token.dropLast()) + String(alphabet[place ^ other]), verifier) == .malformed)
        }
        for broken in [
            token + "=", token + " ", token + "\n", " " + token, token + ".", token + ".x.y", "", ".", "..", "....",
        ] {
            #expect(TokenBench.problem(broken, verifier) == .malformed)
        }
        #expect(TokenBench.problem(String(token.dropLast(2)), verifier) != nil)
        #expect(TokenBench.problem(token.replacingDots(), verifier) == .malformed)
    }

    @Test func `a token may be 8192 bytes and no longer`() throws {
        let verifier = try TokenBench.hmac()
        let short = TokenBench.token(payload: #"{"sub":"ann","x":"\#(String(repeating: "x", count: 6_000))"}"#)
        #expect(TokenBench.problem(short, verifier) == nil)
        let long = TokenBench.token(payload: #"{"sub":"ann","x":"\#(String(repeating: "x", count: 6_200))"}"#)
        #expect(long.utf8.count > TokenLimits.bytesMax && TokenBench.problem(long, verifier) == .malformed)
        #expect(TokenBench.problem(String(repeating: "a", count: 10_000_000), verifier) == .malformed)
    }

    @Test(
        arguments: [
            (#""exp":1800000000"#, nil), (#""exp":1799999996"#, nil), (#""exp":1799999995"#, .expired),
            (#""exp":-1"#, .expired),
            (#""exp":0"#, .expired), (#""exp":1.8e9"#, nil), (#""exp":1799999994.9"#, .expired), (#""exp":1e300"#, nil),
            (#""exp":1e400"#, .malformed), (#""exp":"1900000000""#, .claim), (#""exp":null"#, .claim),
            (#""exp":true"#, .claim),
            (#""exp":[1900000000]"#, .claim), (#""exp":1,"exp":1900000000"#, .malformed),
            (#""exp":99999999999999999999"#, nil),
            (#""nbf":1800000005"#, nil), (#""nbf":1800000006"#, .early), (#""nbf":"x""#, .claim),
            (#""iat":1800000005"#, nil), (#""iat":1800000006"#, .early), (#""iat":"1""#, .claim),
            (#""aud":"chat""#, .audience), (#""aud":["chat"]"#, .audience), (#""aud":7"#, .claim),
            (#""aud":[7]"#, .claim),
            (#""iss":7"#, .claim), (#""roles":7"#, .claim), (#""roles":[7]"#, .claim), (#""rooms":7"#, .claim),
            (#""rooms":[7]"#, .claim),
            (#""rooms":{"a":7}"#, .claim), (#""rooms":{"a":[7]}"#, .claim), (#""name":7"#, .claim),
            (#""rooms":"all-*""#, nil),
        ] as [(String, TokenError.Kind?)])
    func `times are numbers, with five seconds of leeway; claims have their forms`(
        claim: String, problem: TokenError.Kind?
    ) throws {
        let token = TokenBench.token(payload: #"{"sub":"ann",\#(claim)}"#)
        #expect(TokenBench.problem(token, try TokenBench.hmac()) == problem)
    }

    @Test(arguments: [
        #"{}"#, #"{"sub":""}"#, #"{"sub":7}"#, #"{"sub":null}"#, #"{"sub":"\#(String(repeating: "x", count: 241))"}"#,
    ])
    func `a token is somebody's`(payload: String) throws {
        #expect(TokenBench.problem(TokenBench.token(payload: payload), try TokenBench.hmac()) == .claim)
    }

    @Test func `issuer and audience are those that are configured`() throws {
        let verifier = try TokenBench.hmac {
            $0.issuers = ["https://login.example"]
            $0.audiences = ["chat", "board"]
        }
        func problem(_ claims: String) -> TokenError.Kind? {
            TokenBench.problem(TokenBench.token(payload: #"{"sub":"ann"\#(claims)}"#), verifier)
        }
        #expect(problem(#","iss":"https://login.example","aud":"chat""#) == nil)
        #expect(problem(#","iss":"https://login.example","aud":["x","board"]"#) == nil)
        #expect(problem(#","iss":"https://login.example""#) == .audience)
        #expect(problem(#","iss":"https://login.example","aud":[]"#) == .audience)
        #expect(problem(#","iss":"https://login.example","aud":"chats""#) == .audience)
        #expect(problem(#","iss":"https://login.example/","aud":"chat""#) == .issuer)
        #expect(problem(#","aud":"chat""#) == .issuer)
    }

    @Test func `a public key is never a secret`() throws {
        let bench = try TokenBench()
        let pair = try AsymmetricKey.generate(.rsa)
        let key = try bench.file("key.pem", pair.publicPEM)
        bench.rules.keyFile = key
        let verifier = try TokenVerifier(bench.rules)
        // The old attack: the public key as the secret of an HMAC.
        for algorithm in [SignatureAlgorithm.hs256, .hs384, .hs512] {
            let signed =
                Base64URL.encode(Array(#"{"alg":"\#(algorithm.rawValue)"}"#.utf8)) + "."
                + Base64URL.encode(Array(#"{"sub":"ann"}"#.utf8))
            let code = Signature.code(Array(signed.utf8), secret: pair.publicPEM, algorithm)
            #expect(TokenBench.problem(signed + "." + Base64URL.encode(code), verifier) == .algorithm)
        }
        var asSecret = TokenRules()
        asSecret.secretFile = key
        #expect(throws: KeyError.self) { try TokenVerifier(asSecret) }
        bench.rules.algorithms = [.hs256]
        #expect(throws: KeyError.self) { try TokenVerifier(bench.rules) }
    }
}

extension String {
    fileprivate func replacingDots() -> String { replacing(".", with: ",") }
}

@Suite("A pattern matches names of rooms")
struct RoomPatternTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("team-*", "team-", true), ("team-*", "team", false),
        ("a*c", "abc", true),
        ("a*c", "ac", true), ("a*c", "acb", false), ("?", "", false), ("?", "x", true), ("*a*b*", "xxaxxbxx", true),
        ("*a*b*", "xxbxxaxx", false), ("", "", true), ("", "a", false), ("lobby", "lobby", true),
        ("lobby", "Lobby", false),
        ("a.c", "abc", false), ("[a]", "a", false), ("**", "x", true), ("a*", "ba", false),
    ])
    func `with stars and question marks`(pattern: String, room: String, matches: Bool) {
        #expect(RoomPattern(pattern).matches(room) == matches)
    }

    @Test func `in time that does not explode`() {
        #expect(!RoomPattern(String(repeating: "a*", count: 2_000) + "b").matches(String(repeating: "a", count: 128)))
    }
}
