import HearthValues

/// Reads a recipe's declaration and gathers everything that is wrong with it.
struct DeclarationReader {
    /// Where in the sources something stands.
    struct Place {
        var file: String
        var line: Int?
    }

    var draft = RecipeDraft()
    var problems: [RecipeProblem] = []
    /// The VM's handle of every slot of `draft.slots`.
    var handles: [UInt32] = []
    let lines: SourceLines
    /// Where the function of a handle was defined.
    let position: (UInt32) -> (file: String, line: Int)?
    let mainFile: String
    private(set) var root: Place
    /// Cells named by `t.link`, checked once all cells are known.
    var linked: [(name: String, path: String, place: Place)] = []

    /// The longest time that a recipe may name, in seconds: a year.
    static let secondsMax: Double = 31_536_000
    /// The server's, lowered by what the recipe declares.
    var limits: RecipeLimits

    init(files: [SourceFile], limits: RecipeLimits, position: @escaping (UInt32) -> (file: String, line: Int)?) {
        self.limits = limits
        lines = SourceLines(files)
        mainFile = files.first?.path ?? "recipe.lua"
        root = Place(file: mainFile, line: nil)
        self.position = position
    }

    /// Reads everything that the chunk returned.
    mutating func read(_ returned: Noted) {
        guard returned["kind"].string == "recipe", let declaration = returned.table else {
            report("the file must end in: return recipe { … }", at: root)
            return
        }
        if let file = returned["file"].string, let line = returned["line"].int {
            root = Place(file: file, line: Int(line))
        }
        checkFields(
            declaration, of: "the recipe", known: RecipeSurface.recipe.names, unlisted: ["kind", "file", "line"],
            at: root)
        readHead(declaration)
        readCells(declaration["cells"] ?? .absent)
        readDerived(declaration["derived"] ?? .absent)
        readHandlers(declaration["handlers"] ?? .absent)
        readLifecycle(declaration["on"] ?? .absent)
        readWatches(declaration["watch"] ?? .absent)
        readMessages(declaration["messages"] ?? .absent)
        readEvery(declaration["every"] ?? .absent)
        readParties(declaration["parties"] ?? .absent)
        readLimits(declaration["limits"] ?? .absent)
    }

    private mutating func readHead(_ declaration: [String: Noted]) {
        switch declaration["name"] ?? .absent {
        case .string(let name):
            if !Self.isRecipeName(name) {
                report(
                    "name: \(Value.string(name).shown) is not a name: [a-z][a-z0-9_-]*, at most 64 bytes",
                    at: place(assigning: "name", after: root))
            }
            draft.name = name
        case let other: report("name: \(other.title), a string is required", at: place(assigning: "name", after: root))
        }
        switch declaration["version"] ?? .absent {
        case .absent: break
        case .int(let version) where version >= 1: draft.version = version
        case let other:
            report(
                "version: \(other.shown), an integer from 1 is required", at: place(assigning: "version", after: root))
        }
        switch declaration["about"] ?? .absent {
        case .absent: break
        case .string(let text): draft.about = text
        case let other: report("about: \(other.title), expected a string", at: place(assigning: "about", after: root))
        }
    }

    private mutating func readParties(_ noted: Noted) {
        if noted.isAbsent { return }
        let place = place(assigning: "parties", after: root)
        guard let items = noted.list else {
            report("parties: \(noted.title), expected a list of names", at: place)
            return
        }
        for item in items {
            guard let name = item.string, Self.isRecipeName(name) else {
                report("parties: \(item.title) is not a name: [a-z][a-z0-9_-]*", at: place)
                continue
            }
            draft.parties.append(name)
        }
    }

    // MARK: What all parts share

    mutating func report(_ message: String, at place: Place) {
        let source = place.line.flatMap { lines.text(file: place.file, line: $0) }
        problems.append(RecipeProblem(file: place.file, line: place.line, message: message, source: source))
    }

    /// The place noted with a type or the position of a function; else the one around it.
    func place(of noted: Noted, within outer: Place) -> Place {
        if case .function(let handle) = noted, let found = position(handle) {
            return Place(file: found.file, line: found.line)
        }
        if let file = noted["$file"].string, let line = noted["$line"].int, line > 0 {
            return Place(file: file, line: Int(line))
        }
        return outer
    }

    /// Where `name =` stands at or after a place; the place itself when it cannot be found.
    func place(assigning name: String, after outer: Place) -> Place {
        let line = lines.line(assigning: name, file: outer.file, from: outer.line ?? 1)
        return Place(file: outer.file, line: line ?? outer.line)
    }

    /// - Parameter unlisted: fields that the engine itself adds.
    mutating func checkFields(
        _ fields: [String: Noted], of owner: String, known: [String], unlisted: [String] = [], at place: Place
    ) {
        for field in fields.keys.sorted() where !known.contains(field) && !unlisted.contains(field) {
            let hint =
                Spelling.nearest(to: field, among: known).map { "did you mean \($0)?" }
                ?? "fields are \(known.joined(separator: ", "))"
            report("\(owner) has no field \(field), \(hint)", at: self.place(assigning: field, after: place))
        }
    }

    /// Gives a function its slot.
    mutating func slot(_ handle: UInt32, named name: String) -> FunctionSlot {
        let slot = FunctionSlot(index: draft.slots.count, name: name)
        draft.slots.append(slot)
        handles.append(handle)
        return slot
    }

    /// Names of cells and handlers.
    mutating func checkName(_ name: String, of what: String, at place: Place) {
        if CellID.isName(name) { return }
        report("\(what) \(Value.string(name).shown) is not a name: [a-z][a-z0-9_]*, at most 64 bytes", at: place)
    }

    static func isRecipeName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        let isLower = { (byte: UInt8) in byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
        let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        return isLower(first)
            && name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }
}

extension Noted {
    /// Values as they are written, all else by its kind.
    var shown: String {
        switch self {
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .bool(let truth): String(truth)
        default: title
        }
    }
}
