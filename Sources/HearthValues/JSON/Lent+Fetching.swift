internal import CPrefetch

extension Lent<Value> {
    /// Asks for the memory of its text, or of the texts in an object's fields, so that it has come when they are read.
    ///
    /// Lists and objects lie in memory as they were made, one behind the other, and processors see that coming; texts lie
    /// wherever there was room, and in a large value waiting for them takes longer than writing them.
    @inline(__always)
    func fetchTexts() {
        switch element {
        case .string(let text): text.fetch()
        case .object(let object):
            guard case .leaf(let entries) = object.tree.root else { return }
            entries.forEachLent { $0.fetchText() }
        case .null, .bool, .int, .double, .list, .link: break
        }
    }
}

extension Lent<ObjectEntry> {
    @inline(__always)
    fileprivate func fetchText() { if case .string(let text) = element.value { text.fetch() } }
}

extension String {
    /// Asks for the first and the last bytes; what is between follows them.
    @inline(__always)
    fileprivate func fetch() {
        guard utf8.count > Self.bytesInPlaceMax else { return }
        withBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            prefetch(start)
            prefetch(start + (bytes.count - 1))
        }
    }
}
