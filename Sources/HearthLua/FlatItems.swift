/// Whether a flat buffer is sound, for bytes that somebody else wrote: readers trust counts and nesting.
package enum FlatItems {
    /// Levels of lists and objects. The bridge writes at most 128.
    package static let depthMax = 160
    /// Items in all: each takes many times its one byte when it is read. A Lua heap at its limit holds fewer.
    package static let itemsMax = 2_000_000

    /// - Parameter count: how many items there must be; nil: any number.
    /// - Returns: what is wrong, in words; nil when the bytes are that many whole items, with nothing behind them, every
    ///   text valid UTF-8 and no tag that only the host may write.
    /// - Complexity: O(bytes).
    package static func fault(in bytes: UnsafeRawBufferPointer, count: Int? = nil) -> String? {
        var check = Check(bytes: bytes)
        var found = 0
        while check.place < bytes.count {
            if let fault = check.passItem(depth: 0) { return fault }
            found += 1
        }
        if let count, found != count { return "\(found) items instead of \(count)" }
        return nil
    }

    private struct Check {
        let bytes: UnsafeRawBufferPointer
        var place = 0
        var items = 0

        var left: Int { bytes.count - place }

        mutating func passItem(depth: Int) -> String? {
            guard left > 0 else { return "an item is missing" }
            items += 1
            guard items <= FlatItems.itemsMax else { return "more than \(FlatItems.itemsMax) items" }
            let tag = bytes[place]
            place += 1
            switch tag {
            case Tag.absent, Tag.null, Tag.no, Tag.yes, Tag.empty: return nil
            case Tag.integer, Tag.double: return pass(8)
            case Tag.function: return pass(4)
            case Tag.string, Tag.link: return passText()
            case Tag.node: return passNode()
            case Tag.list, Tag.object: return passItems(depth: depth, named: tag == Tag.object)
            default: return "there is no tag \(tag)"
            }
        }

        private mutating func passItems(depth: Int, named: Bool) -> String? {
            guard depth < FlatItems.depthMax else { return "nested more than \(FlatItems.depthMax) levels deep" }
            guard let count = takeCount() else { return "a count is cut short" }
            // An item is at least its tag, so that no count makes a reader work for nothing.
            guard count <= left else { return "a count of \(count) with \(left) bytes left" }
            for _ in 0..<count {
                if named, let fault = passText() { return fault }
                if let fault = passItem(depth: depth + 1) { return fault }
            }
            return nil
        }

        private mutating func passNode() -> String? {
            guard left >= 5 else { return "a node is cut short" }
            defer { place += 5 }
            return NodeKind(rawValue: bytes[place + 4]) == nil ? "there is no kind of node \(bytes[place + 4])" : nil
        }

        private mutating func passText() -> String? {
            guard let count = takeCount() else { return "a length is cut short" }
            guard count <= left else { return "a text of \(count) bytes with \(left) left" }
            let text = UnsafeRawBufferPointer(rebasing: bytes[place..<(place + count)])
            place += count
            return text.isValidUTF8 ? nil : "a text is not valid UTF-8"
        }

        private mutating func pass(_ count: Int) -> String? {
            guard left >= count else { return "a number is cut short" }
            place += count
            return nil
        }

        private mutating func takeCount() -> Int? {
            guard left >= 4 else { return nil }
            defer { place += 4 }
            return Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }
    }
}

extension UnsafeRawBufferPointer {
    package var isValidUTF8: Bool {
        if allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: self, as: UTF8.self) != nil
    }
}
