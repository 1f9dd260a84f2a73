// Patches. The input is JSON: [document, patch, another document]. Applying must come to what the naive patch comes to, leave
// the document alone when it fails and everything that shares with it alone always; a difference must lead from one document to the other.
import HearthValues

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let parts = (try? JSON.parse(input(bytes, count)))?.list, parts.count >= 2 else { return 0 }
    let after = applied(to: parts[0], parts[1])
    difference(from: parts[0], to: parts.count > 2 ? parts[2] : after ?? parts[1])
    difference(from: after ?? parts[0], to: parts[0])
    return 0
}

private func applied(to document: Value, _ json: Value) -> Value? {
    let before = Naive(document).sorted
    let wanted = Naive(document).patched(Naive(json))?.sorted
    let patch: Patch
    do { patch = try Patch(json: json) } catch {
        expect(wanted == nil, "refused a patch: \(error.message)")
        return nil
    }
    guard let again = try? Patch(json: patch.json) else { found("does not read the patch that it wrote") }
    expect(again == patch, "reads another patch than it wrote")
    var sink = ByteSink()
    patch.write(into: &sink)
    expect(sink.bytes == JSON.bytes(patch.json), "writes one patch in two ways")
    var value = document
    do throws(PatchError) {
        try patch.apply(to: &value)
        expect(Naive(value).sorted == wanted, "came to \(value), not to \(String(describing: wanted))")
    } catch {
        expect(wanted == nil, "did not apply: \(error.message)")
        expect(value == document, "a patch that failed changed something")
    }
    expect(Naive(document).sorted == before, "a patch changed what it was not applied to")
    check(value)
    return value
}

private func difference(from: Value, to: Value) {
    let patch = Patch(operations: Patch.diff(from: from, to: to))
    expect(patch.isEmpty == (from == to), "a difference between equal values, or none between others")
    var value = from
    do throws(PatchError) { try patch.apply(to: &value) } catch {
        found("a difference does not apply: \(error.message)")
    }
    expect(value == to && JSON.bytes(value) == JSON.bytes(to), "a difference leads elsewhere")
    check(value)
}

private func check(_ value: Value) {
    switch value {
    case .list(let list):
        list._checkInvariants()
        for item in list { check(item) }
    case .object(let object):
        object._checkInvariants()
        for (_, item) in object { check(item) }
    default: break
    }
}
