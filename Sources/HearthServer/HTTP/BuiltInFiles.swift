import NIOCore

/// The files under `Web/`, compiled into the binary so that it works wherever it is put.
enum BuiltInFiles {
    static let index = page(PackageResources.index_html, "index.html")

    /// By their path from the root.
    static let byPath: [String: WebFile] = [
        "hearth.js": page(PackageResources.hearth_js, "hearth.js"),
        "hearth.d.ts": page(PackageResources.hearth_d_ts, "hearth.d.ts"),
        "notices.js": page(PackageResources.notices_js, "notices.js"),
        "hearth.css": page(PackageResources.hearth_css, "hearth.css"),
        "hearth.svg": page(PackageResources.hearth_svg, "hearth.svg"),
        "index.js": page(PackageResources.index_js, "index.js"),
        "index.css": page(PackageResources.index_css, "index.css"),
    ]

    private static func page(_ bytes: [UInt8], _ name: String) -> WebFile {
        WebFile(bytes: ByteBuffer(bytes: bytes), type: WebFile.type(of: name) ?? "application/octet-stream")
    }
}
