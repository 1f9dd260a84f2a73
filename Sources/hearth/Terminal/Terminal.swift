import Foundation

/// What goes to a person. Colours and moving lines appear only on a terminal, and not where `NO_COLOR` asks for none.
enum Terminal {
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let coloursAreWanted =
        ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    enum Colour: String {
        case red = "31"
        case green = "32"
        case dim = "2"
        case bold = "1"
    }

    static func coloured(_ text: String, _ colour: Colour, on isTerminal: Bool = outputIsTerminal) -> String {
        isTerminal && coloursAreWanted ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// One line on standard error.
    static func note(_ line: String) {
        write(line + "\n", to: FileHandle.standardError)
    }

    static func complain(_ line: String) {
        note(coloured("hearth:", .red, on: errorIsTerminal) + " " + line.replacing("\n", with: " "))
    }

    /// Hands on what was printed, for whoever reads it from a pipe.
    static func flush() { fflush(nil) }

    static func write(_ text: String, to handle: FileHandle) {
        // Whoever reads us may have gone (`hearth rooms list | head`); there is nobody left to tell.
        try? handle.write(contentsOf: Data(text.utf8))
    }

    /// Asks a question that only `y` or `yes` answers with true. Without a terminal nobody can be asked: false.
    static func confirm(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1, errorIsTerminal else { return false }
        write(question + " [y/N] ", to: FileHandle.standardError)
        let answer = (readLine() ?? "").lowercased()
        return answer == "y" || answer == "yes"
    }
}
