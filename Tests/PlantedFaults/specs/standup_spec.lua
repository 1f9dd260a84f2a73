describe("standup", function()
  local room, ann

  before_each(function()
    room = hearth.room("standup", { seed = 1 })
    ann = room:join { name = "Ann" }
  end)

  it("keeps what is said while a round is open", function()
    ann:send("open", { seconds = 60 })
    ann:send("say", { text = "I bake." })
    assert.equal("I bake.", ann.view.said[1].text)
  end)

  it("closes a round when its time is up", function()
    ann:send("open", { seconds = 60 })
    room:advance(60000)
    local _, err = ann:try("say", { text = "Too late." })
    assert.equal("closed", err.code)
  end)

  it("closes a round when somebody says so", function()
    ann:send("open", { seconds = 60 })
    ann:send("close")
    assert.is_false(ann.view.is_open)
  end)

  it("gives each round its time", function()
    explore({ runs = 100, seed = 7 }, function(any)
      local a = any:join { name = "A" }
      local began
      any:concurrently(function()
        a:try("open", { seconds = 60 })
        a:try("close")
        any:advance(30000)
        began = any.now
        a:try("open", { seconds = 60 })
      end)
      return function()
        any:advance(math.max(0, began + 45000 - any.now))
        if any.now < began + 60000 then assert.is_true(any.cells.is_open, "it closed early") end
      end
    end)
  end)
end)
