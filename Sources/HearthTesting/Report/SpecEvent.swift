import HearthLua
import HearthValues

/// What happens while one spec file runs, as the process that runs it tells the one that reports: a line of JSON each.
package enum SpecEvent: Sendable {
    /// A test begins, by its path.
    case began([String])
    case ended(SpecResult, ms: Double)
    case printed(String)
    /// The file could not be read or run to its end.
    case broken(file: String, line: Int?, message: String)
    /// The last thing: which lines ran, what handlers used, and where the recipes lie, by their names.
    case measured([SpecLedger.CoveredFile], [String: SpecLedger.Use], places: [String: String])

    package var line: String { JSON.text(json) }

    private var json: Value {
        switch self {
        case .began(let path): ["began": .list(List(path.map { .string($0) }))]
        case .ended(let result, let ms): ["ended": result.json, "ms": .double(ms)]
        case .printed(let text): ["printed": .string(text)]
        case .broken(let file, let line, let message):
            [
                "broken": .string(message), "file": .string(file),
                "line": line.map { .int(Int64($0)) } ?? .null,
            ]
        case .measured(let files, let uses, let places):
            [
                "measured": .list(List(files.map(\.json))),
                "uses": .object(Object(uses.map { (key: $0.key, value: $0.value.json) })),
                "places": .object(Object(places.map { (key: $0.key, value: .string($0.value)) })),
            ]
        }
    }

    /// - Returns: nil for a line that is none of these.
    package init?(line: [UInt8]) {
        guard case .object(let object)? = try? JSON.parse(line) else { return nil }
        if let path = object["began"]?.list {
            self = .began(path.compactMap(\.string))
        } else if let json = object["ended"], let result = SpecResult(json: json) {
            self = .ended(result, ms: object["ms"]?.number ?? 0)
        } else if let text = object["printed"]?.string {
            self = .printed(text)
        } else if let message = object["broken"]?.string {
            self = .broken(
                file: object["file"]?.string ?? "", line: object["line"]?.int.map { Int($0) }, message: message)
        } else if let files = object["measured"]?.list {
            let uses = (object["uses"]?.object ?? Object()).compactMap { name, json in
                SpecLedger.Use(json: json).map { (name, $0) }
            }
            let places = (object["places"]?.object ?? Object()).compactMap { name, place in
                place.string.map { (name, $0) }
            }
            self = .measured(
                files.compactMap(SpecLedger.CoveredFile.init), Dictionary(uniqueKeysWithValues: uses),
                places: Dictionary(uniqueKeysWithValues: places))
        } else {
            return nil
        }
    }
}

extension Value {
    fileprivate var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}

extension SpecResult {
    fileprivate var json: Value {
        var object: Object = [
            "path": .list(List(path.map { .string($0) })), "status": .string(status.rawValue), "file": .string(file),
            "line": .int(Int64(line)), "story": .list(List(story.map { .string($0) })),
        ]
        for (name, text) in [("message", message), ("expected", expected), ("actual", actual), ("source", source)] {
            object[name] = text.map { .string($0) }
        }
        return .object(object)
    }

    fileprivate init?(json: Value) {
        guard let object = json.object, let status = object["status"]?.string.flatMap(Status.init) else { return nil }
        self.init(
            path: object["path"]?.list?.compactMap(\.string) ?? [], status: status,
            file: object["file"]?.string ?? "", line: Int(clamping: object["line"]?.int ?? 0),
            message: object["message"]?.string, expected: object["expected"]?.string,
            actual: object["actual"]?.string, source: object["source"]?.string,
            story: object["story"]?.list?.compactMap(\.string) ?? [])
    }
}

extension SpecLedger.Use {
    fileprivate var json: Value {
        [
            "runs": .int(Int64(runs)), "instructions": .int(Int64(clamping: instructionsMax)),
            "output": .int(Int64(clamping: outputBytesMax)),
        ]
    }

    fileprivate init?(json: Value) {
        guard let object = json.object, let runs = object["runs"]?.int else { return nil }
        self.init(
            runs: Int(runs), instructionsMax: UInt64(clamping: object["instructions"]?.int ?? 0),
            outputBytesMax: UInt64(clamping: object["output"]?.int ?? 0))
    }
}

extension SpecLedger.CoveredFile {
    fileprivate var json: Value {
        let lines = counts.sorted { $0.key < $1.key }
        return [
            "recipe": .string(recipe), "path": .string(file.path), "text": .string(file.text),
            "lines": .list(List(lines.map { .int(Int64($0.key)) })),
            "counts": .list(List(lines.map { .int(Int64($0.value)) })),
        ]
    }

    fileprivate init?(_ json: Value) {
        guard let object = json.object, let recipe = object["recipe"]?.string, let path = object["path"]?.string,
            let text = object["text"]?.string, let lines = object["lines"]?.list?.compactMap(\.int),
            let counts = object["counts"]?.list?.compactMap(\.int), lines.count == counts.count
        else { return nil }
        self.init(
            recipe: recipe, file: .init(path: path, text: text),
            counts: Dictionary(
                zip(lines.map { Int($0) }, counts.map { UInt32(clamping: $0) }), uniquingKeysWith: { first, _ in first }
            )
        )
    }
}
