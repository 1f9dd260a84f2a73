import ArgumentParser
import HearthServer

struct ServeSlowLane: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a recipe that kept its event loop busy runs on the slow one, after its last slow event; 0: it is "
                + "never moved.",
            valueName: "seconds"))
    var slowLane = 60

    func validate() throws {
        guard (0...31_536_000).contains(slowLane) else {
            throw ValidationError("The value '\(slowLane)' is invalid for '--slow-lane': take a number from 0 up.")
        }
    }

    func apply(to settings: inout ServerConfiguration) { settings.slowLaneSeconds = slowLane }
}
