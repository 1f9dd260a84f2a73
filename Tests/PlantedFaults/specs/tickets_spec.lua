describe("tickets", function()
  local room, ann

  before_each(function()
    room = hearth.room("tickets", { seed = 1 })
    ann = room:join { name = "Ann" }
    ann:on_ask(function(_, data) return data.price <= 60 and "yes" or "no" end)
  end)

  it("sells what is left", function()
    ann:send("buy", { count = 3 })
    assert.equal(7, ann.view.left)
    assert.equal("Ann", ann.view.sold[1].to)
  end)

  it("sells no more than there are", function()
    for _ = 1, 3 do ann:send("buy", { count = 3 }) end
    local _, err = ann:try("buy", { count = 2 })
    assert.equal("sold_out", err.code)
  end)

  it("sells nothing to whoever does not confirm", function()
    ann:on_ask(function() return "no" end)
    ann:try("buy", { count = 1 })
    assert.equal(10, ann.view.left)
  end)

  it("sells to two at once", function()
    explore({ runs = 100, seed = 7 }, function(any)
      local a, b = any:join { name = "A" }, any:join { name = "B" }
      for _, who in ipairs { a, b } do who:on_ask(function() return "yes" end) end
      any:concurrently(
        function() a:try("buy", { count = 2 }) end,
        function() b:try("buy", { count = 3 }) end)
    end)
  end)
end)
