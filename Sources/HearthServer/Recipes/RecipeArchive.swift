import Foundation
package import HearthRecipes
import HearthValues

/// The versions of recipes that a server has run, kept beside its rooms so that one can be had again.
///
/// Under its folder each recipe has one, and there each version that was taken up: `000003-9f2a…/`, with the sources as
/// they were and `record.json`. A version is written whole under another name and then renamed. Not safe from several
/// threads at once; the server uses it from the queue on which recipes are loaded.
package struct RecipeArchive: Sendable {
    /// Versions kept of each recipe; the oldest go first.
    static let versionsMax = 100

    package struct Record: Sendable {
        package enum Cause: String, Sendable { case start, save, reload, canary, rollback }

        package var number: Int
        package var name: String
        package var version: Int64
        package var hash: String
        /// Milliseconds since 1970.
        package var at: Int64
        /// Who asked for it: an address, a signal, "files".
        package var by: String
        package var cause: Cause
        /// Of a rollback: the hash of the sources in the folder of recipes, which are not to run.
        package var shadows: String?
    }

    private let folder: URL

    package init(folder: String) { self.folder = URL(filePath: folder) }

    /// Oldest first; what cannot be read is passed over.
    package func history(of name: String) -> [Record] {
        names(of: name).compactMap { record(in: folder.appending(component: name).appending(component: $0)) }
    }

    private func names(of name: String) -> [String] {
        let place = folder.appending(component: name)
        let found = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return found.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Keeps a version, unless it is the one that was kept last.
    ///
    /// - Throws: `ServerError` when the folder cannot be written.
    package func keep(
        _ source: RecipeSource, version: Int64, at: Int64, by: String, cause: Record.Cause, shadows: String? = nil
    ) throws(ServerError) {
        let names = names(of: source.name)
        let last = names.last.flatMap { name in
            self.record(in: folder.appending(component: source.name).appending(component: name))
        }
        if let last, last.hash == source.hash, last.shadows == shadows { return }
        let record = Record(
            number: (names.last.flatMap { Int($0.prefix { $0 != "-" }) } ?? 0) + 1, name: source.name, version: version,
            hash: source.hash, at: at,
            by: by, cause: cause, shadows: shadows)
        do { try write(record, source) } catch {
            throw ServerError("The sources of \(source.name) cannot be kept in \(folder.path): \(error)")
        }
        for old in names.dropLast(Self.versionsMax - 1) {
            try? FileManager.default.removeItem(at: folder.appending(component: source.name).appending(component: old))
        }
    }

    /// The sources of a version that was kept; the newest of them where several fit.
    func source(of name: String, where fits: (Record) -> Bool) -> RecipeSource? {
        history(of: name).last(where: fits).flatMap(source)
    }

    package func source(_ record: Record) -> RecipeSource? {
        guard case .object(let object)? = try? JSON.parse(Array(Data(contentsOf: recordFile(in: url(of: record))))),
            let paths = object["files"]?.list?.compactMap(\.string)
        else { return nil }
        var files: [SourceFile] = []
        for path in paths {
            let file = url(of: record).appending(path: path)
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
            files.append(SourceFile(path: path, text: text))
        }
        let source = RecipeSource(name: record.name, files: files)
        // Whoever edited it there made it another version.
        return source.hash == record.hash ? source : nil
    }

    /// The version before the one that runs now: the one that was taken up last before it and is another.
    package func previous(of name: String, running hash: String) -> Record? {
        let taken = history(of: name).filter { $0.cause != .rollback }
        guard let present = taken.lastIndex(where: { $0.hash == hash }) else { return taken.last { $0.hash != hash } }
        return taken[..<present].last { $0.hash != hash }
    }

    // MARK: - Files

    private func url(of record: Record) -> URL {
        let number = String(record.number)
        let padded = String(repeating: "0", count: max(0, 6 - number.count)) + number
        return folder.appending(component: record.name).appending(component: "\(padded)-\(record.hash)")
    }

    private func recordFile(in folder: URL) -> URL { folder.appending(component: "record.json") }

    private func record(in folder: URL) -> Record? {
        guard let data = try? Data(contentsOf: recordFile(in: folder)),
            case .object(let object)? = try? JSON.parse(Array(data)), let number = object["number"]?.int,
            let name = object["name"]?.string, let version = object["version"]?.int,
            let hash = object["hash"]?.string, let at = object["at"]?.int, let by = object["by"]?.string,
            let cause = object["cause"]?.string.flatMap(Record.Cause.init)
        else { return nil }
        return Record(
            number: Int(number), name: name, version: version, hash: hash, at: at, by: by, cause: cause,
            shadows: object["shadows"]?.string)
    }

    private func write(_ record: Record, _ source: RecipeSource) throws {
        let place = folder.appending(component: record.name)
        let draft = place.appending(component: ".draft")
        try? FileManager.default.removeItem(at: draft)
        for file in source.files {
            let url = draft.appending(path: file.path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: url)
        }
        var object: Object = [
            "number": .int(Int64(record.number)), "name": .string(record.name), "version": .int(record.version),
            "hash": .string(record.hash), "at": .int(record.at), "by": .string(record.by),
            "cause": .string(record.cause.rawValue), "files": .list(List(source.files.map { .string($0.path) })),
        ]
        object["shadows"] = record.shadows.map { .string($0) }
        try Data(JSON.bytes(.object(object))).write(to: recordFile(in: draft))
        for url in [recordFile(in: draft)] + source.files.map({ draft.appending(path: $0.path) }) + [draft] {
            Self.makeDurable(url)
        }
        try FileManager.default.moveItem(at: draft, to: url(of: record))
        Self.makeDurable(place)
    }

    private static func makeDurable(_ url: URL) {
        let descriptor = open(url.path, O_RDONLY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
