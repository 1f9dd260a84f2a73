import Testing

@testable import HearthServer

@Suite("Pages of other origins stay out")
struct OriginTests {
    @Test(
        arguments: [
            (nil, "example.org", true), ("http://example.org", "example.org", true),
            ("http://EXAMPLE.org", "example.ORG", true),
            ("http://example.org:80", "example.org", true), ("http://example.org", "example.org:80", true),
            ("http://example.org:8080", "example.org:8080", true), ("http://example.org:8080", "example.org", false),
            ("http://example.org", "example.org:8080", false), ("https://example.org", "example.org", true),
            ("https://example.org", "example.org:443", true), ("https://example.org:8443", "example.org:8443", true),
            ("https://example.org", "example.org:80", false), ("http://evil.org", "example.org", false),
            ("http://example.org.evil.org", "example.org", false), ("http://evilexample.org", "example.org", false),
            ("http://evil.org/example.org", "example.org", false),
            ("http://example.org@evil.org", "example.org", false),
            ("http://[::1]:8080", "[::1]:8080", true), ("http://[::1]", "[::1]:80", true),
            ("http://[::1]:8080", "[::2]:8080", false),
            ("null", "example.org", false), ("", "example.org", false), ("file://", "example.org", false),
            ("http://", "example.org", false), ("chrome-extension://example.org", "example.org", false),
            ("http://example.org", "", false),
            ("http://example.org", nil, false), ("http://example.org:0", "example.org:0", false),
            ("http://example.org:99999", "example.org:99999", false), ("http://example.org ", "example.org", false),
        ] as [(String?, String?, Bool)])
    func `over plain HTTP a page belongs to the host that it came from`(origin: String?, host: String?, allowed: Bool)
        throws
    {
        #expect(try OriginPolicy(allowed: [], isSecure: false).allows(origin, host: host) == allowed)
    }

    @Test(arguments: [
        ("https://example.org", "example.org", true), ("http://example.org", "example.org", false),
        ("https://example.org:443", "example.org", true), ("http://example.org:443", "example.org:443", false),
        ("https://example.org:8443", "example.org:8443", true),
    ])
    func `over TLS a page must have come by TLS`(origin: String, host: String, allowed: Bool) throws {
        #expect(try OriginPolicy(allowed: [], isSecure: true).allows(origin, host: host) == allowed)
    }

    @Test func `an operator allows others by name`() throws {
        let policy = try OriginPolicy(
            allowed: ["https://App.example:443", "null", "http://localhost:3000"], isSecure: false)
        for origin in ["https://app.example", "https://app.example:443", "null", "http://localhost:3000"] {
            #expect(policy.allows(origin, host: "x"), "\(origin)")
        }
        for origin in [
            "http://app.example", "https://app.example:8443", "http://localhost:3001", "https://sub.app.example",
        ] {
            #expect(!policy.allows(origin, host: "x"), "\(origin)")
        }
        #expect(try OriginPolicy(allowed: ["*"], isSecure: true).allows("null", host: nil))
    }

    @Test(arguments: ["example.org", "https://example.org/", "https://", "https://*.example.org:x", "HTTPS//x", ""])
    func `what is no origin is an error at the start`(text: String) {
        #expect(throws: ServerError.self) { try OriginPolicy(allowed: [text], isSecure: false) }
    }
}
