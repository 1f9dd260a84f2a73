// Pointers and links. The input is a pointer's text, a line end, and JSON: the pointer must be read as the naive reader reads
// it, write the same text again, and find the same place.
import HearthValues

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = input(bytes, count).split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    guard let text = String(validating: parts[0], as: UTF8.self) else { return 0 }
    let tokens = Naive.tokens(Array(text.utf8))
    linked(text)
    guard let pointer = try? Pointer(parsing: text) else {
        expect(tokens == nil, "refused the pointer \(text)")
        return 0
    }
    expect(pointer.tokens.map { Array($0.utf8) } == tokens, "read other tokens of \(text)")
    expect(Array(pointer.description.utf8) == Array(text.utf8), "wrote \(pointer), not \(text)")
    let built = pointer.tokens.reduce(Pointer()) { $0.appending($1) }
    expect(built == pointer && built.hashValue == pointer.hashValue, "built of its tokens it is another")
    expect(pointer.isPrefix(of: pointer.appending("x")) && !pointer.appending("x").isPrefix(of: pointer), "prefixes")
    guard parts.count > 1, let document = try? JSON.parse(Array(parts[1])), let tokens else { return 0 }
    let place = document.value(at: pointer)
    expect(place.map(Naive.init)?.sorted == Naive(document).at(tokens[...])?.sorted, "found another place at \(text)")
    var value = document
    let replaces = (try? Patch(operations: [.replace(pointer, true)]).apply(to: &value)) != nil
    expect(replaces == (place != nil), "finds the place but cannot replace it, or the other way round")
    return 0
}

private func linked(_ text: String) {
    expect(!CellID.isValid(text) || !CellID.name(of: text).isEmpty, "a cell without a name")
    _ = CellID.owner(of: text)
    guard let link = Link(text) else { return }
    expect(Array(link.text.utf8) == Array(text.utf8), "a link of another text")
    expect(CellID.isValid(link.cell), "a link to no cell")
    expect(Link(cell: link.cell, pointer: link.pointer) == link, "a link made of its parts is another")
    expect(
        Link(Link(cell: CellID.user("n", text), pointer: Pointer()).text) != nil || text.utf8.count > 80,
        "a user's cell")
}
