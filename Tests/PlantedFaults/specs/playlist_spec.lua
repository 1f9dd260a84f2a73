describe("playlist", function()
  local room, ann

  before_each(function()
    room = hearth.room("playlist", { seed = 1 })
    ann = room:join { name = "Ann" }
    ann:send("add", { title = "One" })
    ann:send("add", { title = "Two" })
  end)

  it("takes a song out after five seconds", function()
    ann:send("remove", { index = 1 })
    room:advance(5000)
    assert.equal(1, #room.cells.songs)
    assert.equal("Two", ann.view.songs[1].title)
  end)

  it("puts it back until then", function()
    ann:send("remove", { index = 1 })
    ann:send("undo")
    room:advance(5000)
    assert.equal(2, #room.cells.songs)
  end)

  it("keeps what is added meanwhile", function()
    explore({ runs = 50, seed = 7 }, function(any)
      local a, b = any:join { name = "A" }, any:join { name = "B" }
      a:send("add", { title = "One" })
      any:concurrently(
        function() a:send("remove", { index = 1 }) end,
        function() b:send("add", { title = "Three" }) end)
      return function()
        any:advance(5000)
        assert.equal(1, #any.cells.songs)
        assert.equal("Three", any.cells.songs[1].title)
      end
    end)
  end)
end)
