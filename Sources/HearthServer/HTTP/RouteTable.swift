import HTTPTypes

/// Which methods there are at which paths, to tell "not here" from "not so".
enum RouteTable {
    /// What is there beside the API: pages and their files.
    private static let pages = ["/", "/r/{recipe}", "/r/{recipe}/{room}"] + BuiltInFiles.byPath.keys.map { "/" + $0 }

    /// What may be asked of a path, as `Allow` says it; nil when there is nothing.
    static func methods(at path: String) -> String? {
        var methods: [String] = []
        for call in HTTPCall.allCases where matches(call.path, path) {
            methods += call.method == .get ? ["GET", "HEAD"] : [call.method.rawValue]
        }
        if methods.isEmpty, pages.contains(where: { matches($0, path) }) || path.hasPrefix("/assets/") {
            methods = ["GET", "HEAD"]
        }
        return methods.isEmpty ? nil : (methods + ["OPTIONS"]).joined(separator: ", ")
    }

    /// A `{name}` in the pattern stands for any one segment.
    static func matches(_ pattern: String, _ path: some StringProtocol) -> Bool {
        let wanted = pattern.split(separator: "/")
        let found = path.split(separator: "/")
        return wanted.count == found.count && zip(wanted, found).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
