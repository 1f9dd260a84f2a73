/// A target's finding: said, and then a crash that the fuzzer keeps the input of.
func found(_ what: String) -> Never {
    print("FOUND \(what)")
    fatalError("a finding of the fuzzer")
}

func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { found(what()) }
}

/// The input as an array; empty when there is none.
func input(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: bytes, count: count))
}
