describe("chat", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("chat", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
  end)

  it("shows a message to everyone, with its author", function()
    ann:send("send", { text = "hi" })

    local message = bob.view.messages[1]
    assert.equal("hi", message.text)
    assert.equal("Ann", message.author.name)
  end)

  it("follows a rename in what was already said", function()
    ann:send("send", { text = "one" })
    bob:send("send", { text = "two" })
    ann:send("send", { text = "three" })
    ann:send("rename", { name = "Ann B." })

    local authors = {}
    for _, message in ipairs(bob.view.messages) do authors[#authors + 1] = message.author.name end
    assert.same({ "Ann B.", "Bob", "Ann B." }, authors)
  end)

  it("keeps the last hundred messages in view and counts them all", function()
    for i = 1, 110 do ann:send("send", { text = "message " .. i }) end

    assert.equal(110, bob.view.count)
    assert.equal(100, #bob.view.recent)
    assert.equal("message 11", bob.view.recent[1].text)
    assert.equal("message 110", bob.view.recent[100].text)
  end)

  it("lists who is here by their present name", function()
    ann:send("rename", { name = "Annie" })

    local names = {}
    for _, user in pairs(bob.view.here) do names[#names + 1] = user.name end
    table.sort(names)
    assert.same({ "Annie", "Bob" }, names)
  end)

  it("calls a participant without a name Guest", function()
    local guest = room:join {}
    guest:send("send", { text = "hello" })
    assert.equal("Guest", bob.view.messages[1].author.name)
  end)

  it("cuts a name that is too long instead of refusing whoever bears it", function()
    local long = room:join { name = ("é"):rep(60) }
    long:send("send", { text = "hello" })
    assert.equal(("é"):rep(40), bob.view.messages[1].author.name)
  end)

  it("refuses an empty message and changes nothing", function()
    local ack, err = ann:try("send", { text = "" })

    assert.is_nil(ack)
    assert.equal("invalid_data", err.code)
    assert.equal(0, #room.cells.messages)
  end)

  it("is the same room after a restart", function()
    ann:send("send", { text = "still here" })
    room:restart()

    local late = room:join { name = "Late" }
    assert.equal("still here", late.view.messages[1].text)
    assert.equal("Ann", late.view.messages[1].author.name)
  end)

  it("goes on when its recipe is reloaded in the middle of a talk", function()
    ann:send("send", { text = "before" })
    room:reload()
    bob:send("send", { text = "after" })

    assert.equal("before", bob.view.messages[1].text)
    assert.equal("after", ann.view.messages[2].text)
    assert.equal(1, room.stats.reloads)
  end)

  it("loses and doubles nothing, whatever the order of things", function()
    explore({ runs = 200, seed = 7 }, function(any)
      local a, b = any:join { name = "A" }, any:join { name = "B" }
      any:concurrently(
        function() a:send("send", { text = "1" }) end,
        function() b:send("send", { text = "2" }) end)
      return function() assert.equal(2, #any.cells.messages) end
    end)
  end)
end)
