import HearthValues

/// Gives every flag of every command a name in the environment: `--max-message` is `HEARTH_MAX_MESSAGE`.
///
/// What is found there is put between the command's name and what was typed, as if it had been typed, so that it goes
/// through the same checks. A flag that was typed wins.
struct EnvironmentSettings {
    struct Completed {
        var arguments: [String]
        /// Which variable a flag came from, for error messages.
        var variables: [String: String]
    }

    private let root: Object
    private let environment: [String: String]

    /// - Parameter help: the tool's description of itself, as the argument parser dumps it in JSON.
    init(help: @autoclosure () -> String, environment: [String: String]) throws {
        self.environment = environment.filter { $0.key.hasPrefix("HEARTH_") }
        guard !self.environment.isEmpty, case .object(let tool) = try JSON.parse(help()),
            case .object(let root)? = tool["command"]
        else {
            self.root = Object()
            return
        }
        self.root = root
    }

    static func variable(for flag: String) -> String {
        "HEARTH_" + flag.uppercased().replacing("-", with: "_")
    }

    /// - Throws: `CommandFailure` for a switch that is neither on nor off.
    func complete(_ arguments: [String]) throws -> Completed {
        var command = root
        var depth = 0
        while depth < arguments.count, let next = Self.command(arguments[depth], in: command) {
            command = next
            depth += 1
        }
        var completed = Completed(arguments: Array(arguments.prefix(depth)), variables: [:])
        let typed = arguments.dropFirst(depth)
        for flag in Self.flags(of: command) {
            let variable = Self.variable(for: flag.name)
            let option = "--" + flag.name
            guard let value = environment[variable], !value.isEmpty,
                !typed.contains(where: { $0 == option || $0.hasPrefix(option + "=") })
            else { continue }
            completed.arguments += try spell(option, flag, value, variable)
            completed.variables[option] = variable
        }
        completed.arguments += typed
        return completed
    }

    private func spell(_ option: String, _ flag: Flag, _ value: String, _ variable: String) throws -> [String] {
        guard flag.isSwitch else {
            let values = flag.isRepeating ? value.split(separator: ",").map(String.init) : [value]
            return values.flatMap { [option, $0] }
        }
        switch value.lowercased() {
        case "1", "true", "yes", "on": return [option]
        case "0", "false", "no", "off": return []
        default: throw CommandFailure("\(variable) is '\(value)'. Set it to true or false.", status: 64)
        }
    }

    private struct Flag {
        var name: String
        var isSwitch: Bool
        var isRepeating: Bool
    }

    private static func command(_ name: String, in command: Object) -> Object? {
        guard case .list(let subcommands)? = command["subcommands"] else { return nil }
        for case .object(let candidate) in subcommands where candidate["commandName"] == .string(name) {
            return candidate
        }
        return nil
    }

    private static func flags(of command: Object) -> [Flag] {
        guard case .list(let arguments)? = command["arguments"] else { return [] }
        var flags: [Flag] = []
        for case .object(let argument) in arguments {
            guard argument["kind"] != .string("positional"), case .list(let names)? = argument["names"] else {
                continue
            }
            for case .object(let name) in names where name["kind"] == .string("long") {
                guard case .string(let text)? = name["name"], text != "help", text != "version" else { continue }
                flags.append(
                    Flag(
                        name: text, isSwitch: argument["kind"] == .string("flag"),
                        isRepeating: argument["isRepeating"] == .bool(true)))
            }
        }
        return flags
    }
}
