import HearthStore

/// The server's counters in Prometheus' text format.
enum MetricsText {
    private enum Kind: String { case gauge, counter }

    static func make(_ host: RoomHost) -> String {
        let counters = host.counters
        let writer = host.writer.counters
        let rows: [(String, Kind, String, Int)] = [
            ("sockets_open", .gauge, "WebSockets that are open.", counters.socketsOpen.now),
            ("sockets_opened_total", .counter, "WebSockets opened since the start.", counters.socketsOpened.now),
            ("sockets_refused_total", .counter, "Upgrades refused.", counters.socketsRefused.now),
            ("messages_received_total", .counter, "Messages from clients.", counters.messagesReceived.now),
            ("messages_bad_total", .counter, "Messages that made no sense.", counters.messagesBad.now),
            ("commits_sent_total", .counter, "Commits, once per audience.", counters.commitsSent.now),
            ("turns_delivered_total", .counter, "Gathered turns handed to sockets.", counters.framesDelivered.now),
            (
                "readers_behind_total", .counter, "Times a slow reader was sent the whole state.",
                counters.readersBehind.now
            ),
            ("rooms_loaded_total", .counter, "Rooms read from the store.", counters.roomsLoaded.now),
            ("room_loads_failed_total", .counter, "Rooms that could not be read.", counters.roomLoadsFailed.now),
            ("events_total", .counter, "Events of participants that ran.", counters.events.now),
            ("events_failed_total", .counter, "Events that ended in an error.", counters.eventsFailed.now),
            ("commits_total", .counter, "Commits of all rooms.", counters.commits.now),
            ("conflicts_total", .counter, "Runs that were rolled back by a conflict.", counters.conflicts.now),
            ("reruns_total", .counter, "Runs that followed a conflict.", counters.reruns.now),
            ("reattached_total", .counter, "Events bound again after a rollback.", counters.reattached.now),
            ("bindings_lost_total", .counter, "Events that could not be bound again.", counters.bindingsLost.now),
            ("merges_total", .counter, "Commits that merged what two events had changed.", counters.merges.now),
            ("waits_total", .counter, "Waits begun by handlers.", counters.waits.now),
            (
                "recipe_processes_lost_total", .counter, "Processes of recipes that died or hung under an event.",
                counters.processesLost.now
            ),
            ("reloads_total", .counter, "Versions of recipes taken up by rooms.", counters.reloads.now),
            (
                "reloads_refused_total", .counter, "Versions of recipes that rooms could not run.",
                counters.reloadsRefused.now
            ),
            ("store_batches_total", .counter, "Commits of the store, one fsync each.", writer.batches),
            ("store_writes_total", .counter, "Writes of rooms that are durable.", writer.writes),
            ("store_failures_total", .counter, "Writes of rooms that failed.", writer.failures),
            ("store_waiting", .gauge, "Writes that wait for the disk.", writer.waiting),
        ]
        return rows.map { name, kind, help, value in
            "# HELP hearth_\(name) \(help)\n# TYPE hearth_\(name) \(kind.rawValue)\nhearth_\(name) \(value)\n"
        }.joined() + counters.swapTimes.text
    }
}
