/// A function that is being read: its blocks, visible locals, labels and open jumps.
struct FunctionScope {
    struct BlockScope {
        var isLoop: Bool
        var localsBefore: Int
        var labelsBefore: Int
        var gotosBefore: Int
    }

    struct Label {
        var name: String
        var position: SyntaxPosition
    }

    /// A `goto` whose label has not come yet, or a `break` (no label) whose loop has not ended yet.
    struct Jump {
        var label: String?
        var position: SyntaxPosition
        /// The locals that are visible to it.
        var visible: Int
    }

    var id: Int
    var isVariadic: Bool
    var blocks: [BlockScope] = []
    /// The visible locals, by their places in ``LuaParser/locals``.
    var visible: [Int] = []
    /// The last visible local of each name.
    var places: [String: [Int]] = [:]
    var labels: [Label] = []
    var gotos: [Jump] = []
    var upvalues: Set<Int> = []
    /// Of the highest expression in it.
    var height = 0

    init(id: Int, isVariadic: Bool) {
        self.id = id
        self.isVariadic = isVariadic
    }
}

extension LuaParser {
    mutating func enterBlock(isLoop: Bool) {
        let last = scopes.count - 1
        scopes[last].blocks.append(
            .init(
                isLoop: isLoop, localsBefore: scopes[last].visible.count, labelsBefore: scopes[last].labels.count,
                gotosBefore: scopes[last].gotos.count))
    }

    /// Takes the locals and labels of the block out of sight, and ends the breaks of a loop.
    mutating func leaveBlock() throws(LuaSyntaxError) {
        let last = scopes.count - 1
        guard let block = scopes[last].blocks.popLast() else { return }
        while scopes[last].visible.count > block.localsBefore {
            let place = scopes[last].visible.removeLast()
            scopes[last].places[locals[place].name]?.removeLast()
        }
        scopes[last].labels.removeLast(scopes[last].labels.count - block.labelsBefore)
        if block.isLoop {
            let open = scopes[last].gotos[block.gotosBefore...].filter { $0.label != nil }
            scopes[last].gotos.replaceSubrange(block.gotosBefore..., with: open)
        }
        for place in scopes[last].gotos.indices.dropFirst(block.gotosBefore) {
            scopes[last].gotos[place].visible = min(scopes[last].gotos[place].visible, block.localsBefore)
        }
    }

    /// Makes a local visible from here on.
    @discardableResult
    mutating func declare(
        _ name: String, at position: SyntaxPosition, attribute: LocalDeclaration.Attribute = .none,
        isParameter: Bool = false
    ) throws(LuaSyntaxError) -> Int {
        let place = makeLocal(name, at: position, attribute: attribute, isParameter: isParameter)
        try show(place)
        return place
    }

    /// Makes a local that is not visible yet: `local x = x` names the outer one.
    mutating func makeLocal(
        _ name: String, at position: SyntaxPosition, attribute: LocalDeclaration.Attribute, isParameter: Bool = false
    ) -> Int {
        locals.append(
            LocalDeclaration(
                name: name, position: position, function: scopes[scopes.count - 1].id, attribute: attribute,
                isParameter: isParameter))
        return locals.count - 1
    }

    mutating func show(_ place: Int) throws(LuaSyntaxError) {
        let last = scopes.count - 1
        scopes[last].visible.append(place)
        scopes[last].places[locals[place].name, default: []].append(place)
        if scopes[last].visible.count > Self.localsMax {
            throw lexer.error(
                "too many local variables (limit is \(Self.localsMax)) in a function", at: locals[place].position)
        }
    }

    /// Finds what a name stands for.
    mutating func bind(_ text: String, at position: SyntaxPosition) throws(LuaSyntaxError) -> Name {
        for depth in scopes.indices.reversed() {
            guard let place = scopes[depth].places[text]?.last else { continue }
            for inner in scopes.indices.dropFirst(depth + 1) {
                scopes[inner].upvalues.insert(place)
                if scopes[inner].upvalues.count > Self.upvaluesMax {
                    throw lexer.error("too many upvalues (limit is \(Self.upvaluesMax)) in a function", at: position)
                }
            }
            return Name(
                text: text, position: position, binding: .local(place), isUpvalue: depth < scopes.count - 1)
        }
        return Name(text: text, position: position, binding: .global, isUpvalue: false)
    }

    // MARK: - Jumps

    mutating func jump(to label: String?, at position: SyntaxPosition) throws(LuaSyntaxError) {
        let last = scopes.count - 1
        if let label, scopes[last].labels.contains(where: { $0.name == label }) { return }
        if label != nil, scopes[last].gotos.count > Self.jumpsMax { throw tooDeep("more than \(Self.jumpsMax) jumps") }
        scopes[last].gotos.append(.init(label: label, position: position, visible: scopes[last].visible.count))
    }

    /// - Parameter isLast: nothing follows in its block, so that the block's locals count as gone.
    mutating func place(_ label: String, at position: SyntaxPosition, isLast: Bool) throws(LuaSyntaxError) {
        let last = scopes.count - 1
        if let known = scopes[last].labels.first(where: { $0.name == label }) {
            throw lexer.error("label '\(label)' already defined on line \(known.position.line)", at: position)
        }
        let block = scopes[last].blocks.last
        let visible = isLast ? block?.localsBefore ?? 0 : scopes[last].visible.count
        let begin = block?.gotosBefore ?? 0
        for jump in scopes[last].gotos[begin...] where jump.label == label && jump.visible < visible {
            let local = locals[scopes[last].visible[jump.visible]].name
            throw lexer.error(
                "<goto \(label)> at line \(jump.position.line) jumps into the scope of local '\(local)'",
                at: jump.position)
        }
        let open = scopes[last].gotos[begin...].filter { $0.label != label }
        scopes[last].gotos.replaceSubrange(begin..., with: open)
        scopes[last].labels.append(.init(name: label, position: position))
        if scopes[last].labels.count > Self.jumpsMax { throw tooDeep("more than \(Self.jumpsMax) labels") }
    }
}
