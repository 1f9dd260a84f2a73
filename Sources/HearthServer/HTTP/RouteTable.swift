/// Which methods there are at which paths, to tell "not here" from "not so".
enum RouteTable {
    /// `*` stands for any one segment.
    private static let paths: [(path: String, methods: String)] = [
        ("", "GET, HEAD"), ("healthz", "GET, HEAD"), ("readyz", "GET, HEAD"), ("metrics", "GET, HEAD"),
        ("recipes", "GET, HEAD"), ("recipes/*", "GET, HEAD"), ("recipes/*/versions", "GET, HEAD"),
        ("recipes/*/reload", "POST"), ("recipes/*/rollback", "POST"), ("rooms", "GET, HEAD, POST"),
        ("rooms/*", "GET, HEAD, DELETE"), ("rooms/*/cells", "GET, HEAD"), ("rooms/*/cells/*", "GET, HEAD"),
        ("rooms/*/commits", "GET, HEAD"), ("rooms/*/events", "POST"), ("parties/*/*", "GET, HEAD"),
        ("r/*/*", "GET, HEAD"),
    ]

    /// What may be asked of a path, as `Allow` says it; nil when there is nothing.
    static func methods(at path: String) -> String? {
        let segments = path.split(separator: "/")
        return paths.first { entry in
            let pattern = entry.path.split(separator: "/")
            return pattern.count == segments.count && zip(pattern, segments).allSatisfy { $0 == "*" || $0 == $1 }
        }?.methods
    }
}
