describe("pantry", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("pantry", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
  end)

  it("lists what is wanted", function()
    ann:send("want", { item = "milk", count = 2 })
    bob:send("want", { item = "eggs", count = 6 })
    assert.same({ milk = 2, eggs = 6 }, ann.view.wanted)
  end)

  it("takes out what somebody has", function()
    ann:send("want", { item = "milk", count = 2 })
    bob:send("have", { item = "milk" })
    assert.same({}, ann.view.wanted)
  end)

  it("works for two at once", function()
    explore({ runs = 50, seed = 7 }, function(any)
      local a, b = any:join { name = "A" }, any:join { name = "B" }
      a:send("want", { item = "milk", count = 2 })
      any:concurrently(
        function() a:send("have", { item = "milk" }) end,
        function() b:send("want", { item = "eggs", count = 6 }) end)
      return function() assert.equal(6, any.cells.wanted.eggs) end
    end)
  end)
end)
