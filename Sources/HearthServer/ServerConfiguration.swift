package import HearthIdentity
package import HearthRecipes
package import HearthRooms

/// Everything about a server that its operator may choose. The defaults are those of PROTOCOL.md.
package struct ServerConfiguration: Sendable {
    /// Where to listen. Port 0 takes a free one.
    package var host = "127.0.0.1"
    package var port = 8080
    /// A folder of recipes, one recipe's folder, or one recipe's file.
    package var recipes = "Recipes"
    /// Whether a socket may make the room that it asks for, by `?recipe=NAME`.
    package var autoCreate = false
    /// Whether recipes are reloaded when their files change.
    package var watchesRecipes = false
    /// Whether participants are authors: they are shown tracebacks, and errors of what was saved.
    package var isForAuthors = false
    /// The folder where versions of recipes are kept that were run; nil: none are.
    package var recipeArchive: String?
    /// Told of every reload, and of files that changed after it.
    package var onReload: @Sendable (RecipeReloadResult) -> Void = { _ in }
    package var onFilesChanged: @Sendable (Set<String>) -> Void = { _ in }
    /// Origins of web pages that may connect beside the server's own; `*` for all.
    package var allowedOrigins: [String] = []
    /// Which tokens participants must show; nil: none, and everybody is anonymous.
    package var tokens: TokenRules?
    /// Whether, without tokens, whoever asks from the server's own machine may export rooms and run Lua in them.
    package var trustsLocalCallers = false
    /// Files in PEM: the certificate with those between it and a root, and its private key. nil: plain HTTP.
    package var tls: (certificate: String, key: String)?
    /// Seconds that a TLS handshake may take.
    package var tlsHandshakeSeconds = 10
    /// Bytes of one message from a client.
    package var messageBytesMax = 1 << 20
    /// Unsent bytes at which a slow reader skips commits and is sent the whole state instead.
    package var lagBytesMax = 4 << 20
    /// Whether `permessage-deflate` is agreed to when a client offers it.
    package var deflates = true
    /// Bytes of a message from which on it is compressed for those who agreed.
    package var compressBytesMin = 256
    /// Whether `/test/echo` sends back what it gets, for conformance suites.
    package var hasTestEcho = false
    /// Seconds between two pings.
    package var heartbeatSeconds = 25
    /// Seconds of silence after which a socket is closed.
    package var heartbeatTimeoutSeconds = 60
    /// What clients together may take.
    package var traffic = TrafficLimits()
    /// Event loops. Rooms are spread over them; one is fastest up to two processors.
    package var threads = 1
    /// Seconds after which a room that nobody uses is put to sleep.
    package var sleepAfterSeconds = 60
    /// Seconds that a shutdown may take before what is left is dropped.
    package var shutdownSeconds = 10
    /// Seconds between the first sign of a shutdown, `/readyz` saying no, and the first socket that is closed.
    package var drainDelaySeconds = 0
    /// What clients are told to wait at most, in milliseconds, before they come back to a server that restarts; each is
    /// told something between half of it and all.
    package var retryAfterMs: Int64 = 600
    /// Where the latest closes of sockets are kept; nil for memory only.
    package var closingsFolder: String?
    /// Where the VMs of recipes run.
    package var isolation = RecipeIsolation.none
    /// How long a recipe stays in the slow lane after its last slow event; 0: there is none.
    package var slowLaneSeconds = 60
    /// What a room may grow to, and how long its sessions outlive their sockets.
    package var rooms = RoomLimits()
    /// What recipes may use.
    package var limits = LimitSettings()

    package init() {}
}
