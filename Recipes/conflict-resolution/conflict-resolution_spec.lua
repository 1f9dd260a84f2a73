describe("conflict-resolution", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("conflict-resolution", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
    ann:send("join_form", { name = "Ann" })
    bob:send("join_form", { name = "Bob" })
  end)

  local function chosen(view, field)
    local selection = view.selections[field]
    return selection.value .. " by " .. view.names[selection.userId]
  end

  it("keeps who chose what", function()
    ann:send("select", { field = "place", value = "Lisbon" })
    bob:send("select", { field = "month", value = "May" })

    assert.equal("Lisbon by Ann", chosen(bob.view, "place"))
    assert.equal("May by Bob", chosen(ann.view, "month"))
  end)

  it("keeps what was chosen when its recipe is reloaded", function()
    ann:send("select", { field = "place", value = "Lisbon" })
    room:reload()
    bob:send("select", { field = "month", value = "May" })

    assert.equal("Lisbon by Ann", chosen(bob.view, "place"))
    assert.equal("May by Bob", chosen(ann.view, "month"))
  end)

  it("shows a late joiner everything", function()
    ann:send("select", { field = "place", value = "Lisbon" })
    ann:send("select", { field = "month", value = "May" })
    ann:send("select", { field = "travel", value = "train" })
    bob:send("select", { field = "stay", value = "flat" })

    local late = room:join { name = "Cleo" }
    assert.equal("Lisbon by Ann", chosen(late.view, "place"))
    assert.equal("May by Ann", chosen(late.view, "month"))
    assert.equal("train by Ann", chosen(late.view, "travel"))
    assert.equal("flat by Bob", chosen(late.view, "stay"))
  end)

  it("lets the later choice of a field stand", function()
    ann:send("select", { field = "place", value = "Lisbon" })
    bob:send("select", { field = "place", value = "Porto" })
    assert.equal("Porto by Bob", chosen(ann.view, "place"))
  end)

  it("knows who is ready", function()
    ann:send("ready", { isReady = true })

    local ready = {}
    for _, participant in pairs(bob.view.participants) do
      if participant.isReady then ready[#ready + 1] = participant.name end
    end
    assert.same({ "Ann" }, ready)
  end)

  it("wants a participant to join the form before being ready", function()
    local stranger = room:join { name = "Dan" }
    local ack, err = stranger:try("ready", { isReady = true })

    assert.is_nil(ack)
    assert.equal("unknown_participant", err.code)
  end)

  it("keeps everything over a reload and a restart", function()
    ann:send("select", { field = "place", value = "Lisbon" })
    ann:reload()
    room:restart()
    assert.equal("Lisbon by Ann", chosen(ann.view, "place"))
  end)

  it("keeps choices of different fields made at once", function()
    explore({ runs = 100, seed = 5 }, function(any)
      local a, b = any:join {}, any:join {}
      any:concurrently(
        function() a:send("select", { field = "place", value = "Lisbon" }) end,
        function() b:send("select", { field = "month", value = "May" }) end)
      return function()
        assert.equal("Lisbon", any.cells.selections.place.value)
        assert.equal("May", any.cells.selections.month.value)
      end
    end)
  end)

  -- The raw JSON messages of PartySocket clients, and what they hear.
  describe("for PartySocket clients", function()
    local function last_heard(by)
      local signals = by.signals
      return signals[#signals].data
    end

    before_each(function()
      ann:message { type = "user_joined", userId = "u1", userName = "Una" }
    end)

    it("tells the others who came", function()
      assert.same({ type = "user_joined", userId = "u1", userName = "Una" }, last_heard(bob))
      assert.equal("Una", bob.view.participants.u1.name)
      assert.equal(false, bob.view.participants.u1.isReady)
    end)

    it("keeps a selection and passes it on", function()
      local selection = { field = "city", value = "Lisbon", userId = "u1", timestamp = 17 }
      ann:message { type = "field_selected", selection = selection }
      assert.same({ type = "field_selected", selection = selection }, last_heard(bob))
      assert.same(selection, bob.view.selections.city)
    end)

    it("answers who asks for everything, and nobody else", function()
      local selection = { field = "city", value = "Lisbon", userId = "u1", timestamp = 17 }
      ann:message { type = "field_selected", selection = selection }
      ann:message { type = "user_ready", userId = "u1", isReady = true }
      local heard = #ann.signals
      bob:message { type = "sync_request" }
      local answer = last_heard(bob)
      assert.equal("sync_response", answer.type)
      assert.same({ city = selection }, answer.selections)
      local mine
      for _, participant in ipairs(answer.participants) do
        if participant.id == "u1" then mine = participant end
      end
      assert.same({ id = "u1", name = "Una", isReady = true }, mine)
      assert.equal(heard, #ann.signals)
    end)

    it("passes on what it does not know", function()
      ann:message { type = "cursor", x = 1 }
      assert.same({ type = "cursor", x = 1 }, last_heard(bob))
    end)

    it("refuses what is no message of its kind", function()
      ann:message { type = "user_joined", userId = 7 }
      ann:message { type = "field_selected", selection = { field = "" } }
      ann:message { type = "user_ready", userId = "nobody", isReady = true }
      assert.equal(3, #ann.errors)
      assert.matches("userId must be a string", ann.errors[1].message)
      assert.equal("unknown_participant", ann.errors[3].code)
    end)

    it("names the field of a selection that does not fit", function()
      local good = { field = "city", value = "Lisbon", userId = "u1", timestamp = 17 }
      local long = ("é"):rep(201)
      for field, wrong in pairs {
        field = { 7, "", long }, value = {}, userId = { 7, "", long }, timestamp = { "17", "" },
      } do
        wrong[#wrong + 1] = false -- absent
        for _, value in ipairs(wrong) do
          local selection = {}
          for key, each in pairs(good) do selection[key] = each end
          selection[field] = value or nil
          ann:message { type = "field_selected", selection = selection }
          local err = ann.errors[#ann.errors]
          assert.equal("invalid_data", err.code)
          assert.matches("^" .. field .. " ", err.message)
        end
      end
      assert.equal(12, #ann.errors)
      assert.is_nil(bob.view.selections.city)
    end)

    it("keeps of a selection what it knows", function()
      local longest = ("é"):rep(200)
      local selection = { field = longest, value = false, userId = "u1", timestamp = 0.5 }
      ann:message {
        type = "field_selected",
        selection = { field = longest, value = false, userId = "u1", timestamp = 0.5, more = 1 },
      }
      assert.same(selection, bob.view.selections[longest])
    end)

    it("says who left when their session ends, unless they are back", function()
      bob:message { type = "user_joined", userId = "u1", userName = "Una" }
      ann:leave()
      assert.equal("Una", bob.view.participants.u1.name)
      bob:leave()
      local cleo = room:join { name = "Cleo" }
      assert.is_nil(cleo.view.participants.u1)
    end)
  end)
end)
