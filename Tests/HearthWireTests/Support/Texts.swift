import HearthValues
import HearthWire

/// What a writer appends, as text.
func text(_ write: (inout ByteSink) -> Void) -> String {
    var sink = ByteSink()
    write(&sink)
    return String(decoding: sink.bytes, as: UTF8.self)
}

/// Reads a client message from its text.
func decode(_ text: String) throws(WireError) -> ClientMessage { try ClientMessage.decode(Array(text.utf8)) }
