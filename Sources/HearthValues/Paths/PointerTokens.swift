/// The tokens of a pointer. Up to two are held in place: most pointers name a cell, or a place in one, and every operation
/// of every patch that is kept has one.
package struct PointerTokens: Sendable, RandomAccessCollection, MutableCollection {
    private enum Storage: Sendable {
        case none
        case one(String)
        case two(String, String)
        /// Three or more.
        case many([String])
    }

    private var storage: Storage

    /// - Complexity: O(1).
    package init(_ tokens: [String]) {
        storage =
            switch tokens.count {
            case 0: .none
            case 1: .one(tokens[0])
            case 2: .two(tokens[0], tokens[1])
            default: .many(tokens)
            }
    }

    /// Calls `body` with every token in order.
    func forEach(_ body: (String) -> Void) {
        switch storage {
        case .none: break
        case .one(let token): body(token)
        case .two(let first, let second):
            body(first)
            body(second)
        case .many(let tokens): for index in tokens.indices { body(tokens[index]) }
        }
    }

    init() { storage = .none }
    init(_ token: String) { storage = .one(token) }
    init(_ first: String, _ second: String) { storage = .two(first, second) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }
    package var isEmpty: Bool { count == 0 }

    /// - Complexity: O(1).
    package var first: String? {
        switch storage {
        case .none: nil
        case .one(let token), .two(let token, _): token
        case .many(let tokens): tokens[0]
        }
    }

    /// - Complexity: O(1).
    package var count: Int {
        switch storage {
        case .none: 0
        case .one: 1
        case .two: 2
        case .many(let tokens): tokens.count
        }
    }

    package subscript(index: Int) -> String {
        get {
            switch (storage, index) {
            case (.one(let token), 0), (.two(let token, _), 0), (.two(_, let token), 1): return token
            case (.many(let tokens), _): return tokens[index]
            default: preconditionFailure("index out of range")
            }
        }
        set {
            var tokens = array
            tokens[index] = newValue
            self = PointerTokens(tokens)
        }
    }

    /// - Complexity: O(n).
    package mutating func insert(_ token: String, at index: Int) {
        var tokens = array
        tokens.insert(token, at: index)
        self = PointerTokens(tokens)
    }

    /// With one more token.
    func appending(_ token: String) -> PointerTokens {
        switch storage {
        case .none: PointerTokens(token)
        case .one(let first): PointerTokens(first, token)
        case .two, .many: PointerTokens(array + [token])
        }
    }

    private var array: [String] {
        switch storage {
        case .none: []
        case .one(let token): [token]
        case .two(let first, let second): [first, second]
        case .many(let tokens): tokens
        }
    }
}

extension PointerTokens: Hashable {
    /// - Complexity: O(n); by bytes.
    package static func == (left: PointerTokens, right: PointerTokens) -> Bool {
        left.count == right.count && left.indices.allSatisfy { left[$0].hasSameBytes(as: right[$0]) }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for token in self { hasher.combine(token) }
    }
}
