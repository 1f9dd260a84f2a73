// Frames from clients: read or refused with a text, and what was read is the same after it was written.
import HearthValues
import HearthWire

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let frame = input(bytes, count)
    do throws(WireError) {
        let message = try ClientMessage.decode(frame)
        var again: ClientMessage?
        do throws(WireError) { again = try ClientMessage.decode(message.json) } catch {
            found("refuses its own message")
        }
        expect(again == message, "reads \(String(describing: again)), wrote \(message)")
    } catch {
        expect(!error.message.isEmpty, "an error without a text")
    }
    return 0
}
