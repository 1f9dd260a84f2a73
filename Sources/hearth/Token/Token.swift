import ArgumentParser
import Foundation
import HearthIdentity
import HearthValues

/// `hearth token`
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a token for trying things out.",
        discussion: """
            Prints the token and nothing else:  TOKEN=$(hearth token --key key.pem --sub ann --room 'team-*')

            In real life whoever logs people in makes tokens; Docs/identity.md says what must be in them.
            """,
        subcommands: [NewKey.self])

    @Option(
        name: .long, help: ArgumentHelp("A private key in PEM; \"hearth token new-key\" makes one.", valueName: "file"))
    var key: String?

    @Option(name: .long, help: ArgumentHelp("A shared secret; or the variable HEARTH_AUTH_SECRET.", valueName: "file"))
    var secretFile: String?

    @Option(name: .long, help: ArgumentHelp("HS256 for a secret, else what the key is for.", valueName: "alg"))
    var alg: SignatureAlgorithm?

    @Option(name: .long, help: ArgumentHelp("Whose token it is: the user's id.", valueName: "user"))
    var sub: String?

    @Option(name: .long, help: "The user's name.")
    var name: String?

    @Option(name: .long, help: ArgumentHelp("A role; more than once.", valueName: "role"))
    var role: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rooms by a pattern, with rights where they are not join and send: 'team-*' or 'lobby=join,send:say'.",
            valueName: "pattern"))
    var room: [String] = []

    @Option(name: .long, help: ArgumentHelp("How long it is good.", valueName: "seconds"))
    var ttl = 3_600

    @Option(name: .long, help: ArgumentHelp("\"iss\".", valueName: "name"))
    var issuer: String?

    @Option(name: .long, help: ArgumentHelp("\"aud\".", valueName: "name"))
    var audience: String?

    @Option(name: .long, help: ArgumentHelp("The key's name in a JWK set.", valueName: "id"))
    var kid: String?

    func run() throws {
        guard let sub, !sub.isEmpty else { throw CommandFailure("Whose token? Give the user's id with --sub.") }
        do {
            print(try signer().token(claims(of: sub), keyID: kid))
        } catch let error as KeyError {
            throw CommandFailure("No token can be made: \(error.message).")
        }
    }

    private func signer() throws -> TokenSigner {
        let secret = ProcessInfo.processInfo.environment[ServeIdentity.secretVariable].map { Array($0.utf8) }
        switch (key, secretFile, secret) {
        case (let path?, nil, _): return try TokenSigner(privatePEM: KeyFile(path).read(), alg)
        case (nil, let path?, _): return try TokenSigner(secret: KeyFile(path).read(), alg)
        case (nil, nil, let secret?): return try TokenSigner(secret: secret, alg)
        case (nil, nil, nil):
            throw CommandFailure("Signed with what? Give --key or --secret-file; \"hearth token new-key\" makes a key.")
        default: throw CommandFailure("'--key' and '--secret-file' are one too many.")
        }
    }

    private func claims(of sub: String) throws -> Object {
        let now = Int64(Date().timeIntervalSince1970)
        var claims: Object = ["sub": .string(sub), "iat": .int(now), "exp": .int(now + Int64(ttl))]
        claims["name"] = name.map { .string($0) }
        if !role.isEmpty { claims["roles"] = .list(List(role.map { .string($0) })) }
        claims["iss"] = issuer.map { .string($0) }
        claims["aud"] = audience.map { .string($0) }
        var rooms = Object()
        for entry in room {
            let parts = entry.split(separator: "=", maxSplits: 1)
            guard let pattern = parts.first else { continue }
            let rights = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : ["join", "send"]
            rooms[String(pattern)] = .list(List(rights.map { .string($0) }))
        }
        if !room.isEmpty { claims["rooms"] = .object(rooms) }
        return claims
    }
}
