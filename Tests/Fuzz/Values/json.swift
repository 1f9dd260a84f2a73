// JSON text. The naive reader must accept the same texts and see the same values; what is written must read back the same,
// and be the same bytes when it is written again.
import HearthValues

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = input(bytes, count)
    let naive = NaiveReader.read(text)
    switch read(text) {
    case .failure(let error):
        expect(naive == nil, "refused what is JSON: \(error.message)")
        expect(error.offset <= text.count && error.line > 0 && !error.message.isEmpty, "no place in the error")
    case .success(let value):
        expect(naive?.sorted == Naive(value).sorted, "read \(value), not \(String(describing: naive))")
        let written = JSON.bytes(value)
        expect(NaiveReader.read(written)?.sorted == naive?.sorted, "wrote another value")
        guard case .success(let again) = read(written) else { found("does not read what it wrote") }
        expect(again == value, "reads another value than it wrote")
        expect(again.hashValue == value.hashValue, "equal values with two hashes")
        expect(JSON.bytes(again) == written, "wrote it otherwise the second time")
        expect(JSON.bytes(value, expecting: count) == written, "wrote it otherwise with keys kept")
    }
    if case .success(let value) = read(text, links: .parsed) {
        guard case .success(let again) = read(JSON.bytes(value), links: .parsed) else {
            found("does not read its links")
        }
        expect(again == value, "reads other links than it wrote")
    }
    return 0
}

private func read(_ text: [UInt8], links: JSON.Links = .asObjects) -> Result<Value, JSONError> {
    do { return .success(try JSON.parse(text, links: links)) } catch { return .failure(error) }
}
