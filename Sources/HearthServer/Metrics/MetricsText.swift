import HearthStore

/// The server's figures in Prometheus' text format.
enum MetricsText {
    static func make(_ host: RoomHost, _ traffic: Turnstile.Sample) async -> String {
        let sample = await host.sample()
        var text = PrometheusText()
        addTraffic(host.counters, traffic, to: &text)
        addConnections(host.counters, to: &text)
        addRooms(host.counters, sample, to: &text)
        addEvents(host.counters, to: &text)
        addStore(host.writer.counters, host.counters, to: &text)
        addRecipes(sample.recipes, host.counters, to: &text)
        return text.text
    }

    private static func addTraffic(
        _ counters: ServerCounters, _ traffic: Turnstile.Sample, to text: inout PrometheusText
    ) {
        text.add("connections_open", .gauge, "TCP connections, WebSockets and others.", traffic.connections)
        text.add(
            "handshakes_pending", .gauge, "Connections that have not come to their first request.", traffic.handshakes)
        text.add("addresses", .gauge, "Addresses that are here or were a while ago.", traffic.addresses)
        text.add(
            "limits_reached_total", .counter, "Times a client ran into a limit.", by: "limit", counters.limits.counts)
        text.add("tls_failed_total", .counter, "Connections that came to no TLS.", counters.tlsFailed.now)
    }

    private static func addConnections(_ counters: ServerCounters, to text: inout PrometheusText) {
        text.add("sockets_open", .gauge, "WebSockets that are open.", counters.socketsOpen.now)
        text.add("sockets_opened_total", .counter, "WebSockets opened since the start.", counters.socketsOpened.now)
        text.add("sockets_refused_total", .counter, "Upgrades refused.", counters.socketsRefused.now)
        text.add(
            "closes_total", .counter, "WebSockets closed, by close code.", by: "code",
            counters.closes.counts.map { ($0.name, $0.count) })
        text.add(
            "refusals_total", .counter, "Requests and upgrades refused, by error code.", by: "code",
            counters.refusals.counts.map { ($0.name, $0.count) })
        text.add(
            "errors_total", .counter, "Errors sent to participants, by error code.", by: "code",
            counters.errors.counts.map { ($0.name, $0.count) })
        text.add("messages_received_total", .counter, "Messages from clients.", counters.messagesReceived.now)
        text.add("messages_bad_total", .counter, "Messages that made no sense.", counters.messagesBad.now)
        text.add("commits_sent_total", .counter, "Commits, once per audience.", counters.commitsSent.now)
        text.add("turns_delivered_total", .counter, "Gathered turns handed to sockets.", counters.framesDelivered.now)
        text.add(
            "readers_behind_total", .counter, "Times a slow reader was sent the whole state.",
            counters.readersBehind.now)
        text.add("loop_lag_seconds", "How late an event loop came to a task that was due.", counters.loopLag.counts)
    }

    private static func addRooms(
        _ counters: ServerCounters, _ sample: ShardSample, to text: inout PrometheusText
    ) {
        text.add("rooms_awake", .gauge, "Rooms in memory.", sample.rooms)
        text.add("rooms_asleep", .gauge, "Rooms on disk only.", max(0, counters.roomsStored.now - sample.rooms))
        text.add("sessions", .gauge, "Sessions of rooms in memory, attached or awaited.", sample.sessions)
        text.add("rooms_loaded_total", .counter, "Rooms read from the store.", counters.roomsLoaded.now)
        text.add("room_loads_failed_total", .counter, "Rooms that could not be read.", counters.roomLoadsFailed.now)
        text.add("reloads_total", .counter, "Versions of recipes taken up by rooms.", counters.reloads.now)
        text.add(
            "reloads_refused_total", .counter, "Versions of recipes that rooms could not run.",
            counters.reloadsRefused.now)
        text.add(
            "reload_seconds", "How long rooms stood still for another version of their recipe.",
            counters.swapTime.counts)
        text.add("mailbox_events", .gauge, "Events that wait in the mailboxes of rooms.", sample.mailbox)
        text.add("nursery_commits", .gauge, "Commits that wait for the disk.", sample.nursery)
        text.add("handlers_waiting", .gauge, "Events whose handlers wait.", sample.waiting)
    }

    private static func addEvents(_ counters: ServerCounters, to text: inout PrometheusText) {
        text.add("events_total", .counter, "Events of participants that ran.", counters.events.now)
        text.add("events_failed_total", .counter, "Events that ended in an error.", counters.eventsFailed.now)
        text.add("commits_total", .counter, "Commits of all rooms.", counters.commits.now)
        text.add("conflicts_total", .counter, "Runs that were rolled back by a conflict.", counters.conflicts.now)
        text.add("reruns_total", .counter, "Runs that followed a conflict.", counters.reruns.now)
        text.add("reattached_total", .counter, "Events bound again after a rollback.", counters.reattached.now)
        text.add("bindings_lost_total", .counter, "Events that could not be bound again.", counters.bindingsLost.now)
        text.add("merges_total", .counter, "Commits that merged what two events had changed.", counters.merges.now)
        text.add("waits_total", .counter, "Waits begun by handlers.", counters.waits.now)
        text.add("recipes_slow_total", .counter, "Moves of recipes to the slow lane.", counters.recipesSlow.now)
        text.add("event_seconds", "From an event's arrival to its answer.", counters.eventTime.counts)
        text.add(
            "run_seconds", "One piece of a room's work: an event's handler with its commit, before the disk.",
            counters.runTime.counts)
        text.add("commit_seconds", "From a room's write to its being on disk.", counters.commitTime.counts)
    }

    private static func addStore(
        _ writer: GroupWriterCounters, _ counters: ServerCounters, to text: inout PrometheusText
    ) {
        text.add("store_batches_total", .counter, "Commits of the store, one fsync each.", writer.batches)
        text.add("store_writes_total", .counter, "Writes of rooms that are durable.", writer.writes)
        text.add("store_failures_total", .counter, "Writes of rooms that failed.", writer.failures)
        text.add("store_waiting", .gauge, "Writes that wait for the disk.", writer.waiting)
        text.add("snapshot_seconds", "A snapshot of a room, from its cells to the disk.", counters.snapshotTime.counts)
        text.add("snapshots_failed_total", .counter, "Snapshots that were not kept.", counters.snapshotsFailed.now)
        text.add("fsync_seconds", "One commit of the store, its fsync included.", counters.fsyncTime.counts)
    }

    private static func addRecipes(
        _ recipes: [String: RecipeUse], _ counters: ServerCounters, to text: inout PrometheusText
    ) {
        text.add(
            "recipe_processes_lost_total", .counter, "Processes of recipes that died or hung under an event.",
            counters.processesLost.now)
        let recipes = recipes.sorted { $0.key < $1.key }
        func add(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ figure: KeyPath<RecipeUse, Int>) {
            text.add(name, kind, help, by: "recipe", recipes.map { ($0.key, $0.value[keyPath: figure]) })
        }
        add("recipe_runs_total", .counter, "Runs of a recipe's functions for an event.", \.runs)
        add("recipe_instructions_total", .counter, "Lua instructions that these runs used.", \.instructions)
        add("recipe_memory_bytes", .gauge, "Heaps of a recipe's Lua VMs.", \.memoryBytes)
        add("recipe_vms_replaced_total", .counter, "Lua VMs that crossed a limit and were replaced.", \.vmsReplaced)
    }
}
