describe("orders", function()
  it("keeps an order until it is ready", function()
    local room = hearth.room("orders", { seed = 1 })
    local ann = room:join {}
    local number = ann:send("order", { dish = "Soup" }).result
    room:advance(60000)
    local other = ann:send("order", { dish = "Bread" }).result
    ann:send("ready", { number = number })
    assert.is_true(ann.view.orders[number].is_ready)
    assert.is_false(ann.view.orders[other].is_ready)
  end)

  it("says which order is missing", function()
    local room = hearth.room("orders", { seed = 1 })
    local _, err = room:join {}:try("ready", { number = "o1" })
    assert.equal("no_such_order", err.code)
  end)

  it("keeps the orders of two at once", function()
    explore({ runs = 50, seed = 7 }, function(room)
      local a, b = room:join {}, room:join {}
      room:concurrently(
        function() a:send("order", { dish = "Soup" }) end,
        function() b:send("order", { dish = "Bread" }) end)
      return function()
        local count = 0
        for _ in pairs(room.cells.orders) do count = count + 1 end
        assert.equal(2, count)
      end
    end)
  end)
end)
