import Foundation
import NIOCore

/// The web files of a recipe, read from its folder when they are asked for, so that an author sees what was just saved.
enum RecipeFiles {
    /// The largest file that is served, in bytes.
    static let bytesMax = 32 << 20

    /// - Parameters:
    ///   - folder: the recipe's web folder.
    ///   - segments: the file's path below it, percent-encoding taken off.
    /// - Returns: nil for anything that is not a plain file below the folder, of a kind that browsers take.
    static func file(in folder: String, _ segments: [String]) -> WebFile? {
        guard !segments.isEmpty, segments.allSatisfy(isPlain), let last = segments.last,
            let type = WebFile.type(of: last)
        else { return nil }
        let root = URL(filePath: folder).resolvingSymlinksInPath()
        let url = segments.reduce(root) { $0.appending(component: $1) }.resolvingSymlinksInPath()
        // A link inside the folder may point anywhere; only what truly lies below it is served.
        guard url.path.hasPrefix(root.path + "/"), let data = contents(of: url) else { return nil }
        return WebFile(bytes: ByteBuffer(bytes: data), type: type)
    }

    /// A name that stays where it is: no way up, nothing hidden, no separator that was hidden by encoding.
    private static func isPlain(_ segment: String) -> Bool {
        !segment.isEmpty && !segment.hasPrefix(".") && !segment.contains("/") && !segment.contains("\\")
            && !segment.unicodeScalars.contains { $0.value < 0x20 }
    }

    private static func contents(of url: URL) -> Data? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
            attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int,
            size <= bytesMax
        else { return nil }
        return try? Data(contentsOf: url)
    }
}
