import HearthRecipes
import HearthRooms
import Testing

@Suite struct `Settings of limits` {
    @Test(arguments: RecipeLimits.all.map(\.name))
    func `set every limit of all recipes or of one`(name: String) throws {
        let limit = try #require(RecipeLimits.all.first { $0.name == name })
        var settings = LimitSettings()
        try settings.set("chat:\(name)=2000000")
        try settings.set("\(name)=1500000")
        #expect(limit.value(in: settings.limits(of: "chat")) == 2_000_000)
        #expect(limit.value(in: settings.limits(of: "counter")) == 1_500_000)
        #expect(settings.recipeNames == ["chat"])
    }

    @Test(arguments: RoomLimits.settable.map(\.name))
    func `set limits of rooms`(name: String) throws {
        let limit = try #require(RoomLimits.settable.first { $0.name == name })
        var settings = LimitSettings()
        try settings.set("\(name)=17")
        var limits = RoomLimits()
        settings.apply(to: &limits)
        #expect(limit.value(in: limits) == 17)
    }

    @Test func `take bytes with a unit`() throws {
        var settings = LimitSettings()
        try settings.set("memory_bytes=64MiB")
        #expect(settings.limits(of: "chat").memoryBytes == 64 << 20)
    }

    @Test(arguments: [
        ("instrutions=5", "did you mean instructions?"), ("room.cell_max=5", "did you mean room.cells_max?"),
        ("nonsense=5", "Docs/limits.md"), ("instructions", "NAME=VALUE"), ("instructions=", "a whole number from 0"),
        ("instructions=-1", "from 0"), ("instructions=many", "\"many\""), ("instructions=5MiB", "no value"),
        ("memory_bytes=0", "from 1048576"), ("room.cells_max=0", "from 1"), (":instructions=5", "names no recipe"),
        ("instructions=99999999999999999999", "no value"), ("memory_bytes=9999999999GiB", "no value"),
    ])
    func `that are wrong are refused and change nothing`(text: String, says: String) {
        var settings = LimitSettings()
        let error = #expect(throws: LimitSettingError.self) { try settings.set(text) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(settings.limits(of: "chat") == RecipeLimits())
    }
}
