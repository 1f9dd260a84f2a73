describe("checkout", function()
  -- A till that counts what it has charged. It knows a receipt again, and charges it once.
  local function open_till(room)
    local till = room:join { name = "Till", roles = { "till" } }
    local taken = { cents = 0, times = 0 }
    till:on_ask(function(_, charge)
      if taken[charge.receipt] then return true end
      taken[charge.receipt] = true
      taken.cents = taken.cents + charge.cents
      taken.times = taken.times + 1
      return true
    end)
    return taken
  end

  it("charges what was ordered", function()
    local room = hearth.room("checkout", { seed = 1 })
    local taken = open_till(room)
    local ann = room:join { name = "Ann" }
    ann:send("order", { cents = 450 })
    ann:send("order", { cents = 200 })
    assert.equal(650, taken.cents)
    assert.same({ 1, 2 }, { ann.view.orders[1].number, ann.view.orders[2].number })
  end)

  it("takes no order that is not paid", function()
    local room = hearth.room("checkout", { seed = 1 })
    room:join { name = "Till", roles = { "till" } } :on_ask(function() return false end)
    local _, err = room:join { name = "Ann" } :try("order", { cents = 100 })
    assert.equal("not_paid", err.code)
    assert.equal(0, #room.cells.orders)
  end)

  it("charges two who order at once, each once", function()
    explore({ runs = 100, seed = 7 }, function(room)
      local taken = open_till(room)
      local a, b = room:join { name = "A" }, room:join { name = "B" }
      room:concurrently(
        function() a:try("order", { cents = 450 }) end,
        function() b:try("order", { cents = 200 }) end)
      return function()
        assert.is_true(taken.times <= 2, taken.times .. " charges for two orders")
      end
    end)
  end)
end)
