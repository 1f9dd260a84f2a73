import ArgumentParser
import HearthServer

/// What is compressed on its way to clients, and from them.
struct ServeCompression: ParsableArguments {
    @Flag(name: .long, help: "Never agree to permessage-deflate.")
    var noDeflate = false

    @Option(
        name: .long, help: ArgumentHelp("Messages shorter than this are sent as they are.", valueName: "bytes"))
    var compressMin = ByteCount(256)

    func apply(to settings: inout ServerConfiguration) {
        settings.deflates = !noDeflate
        settings.compressBytesMin = compressMin.bytes
    }
}
