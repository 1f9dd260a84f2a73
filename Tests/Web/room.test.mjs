import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { connect } from "../../Sources/HearthServer/Web/hearth.js";

/** A socket whose other end is the test. */
class Socket {
  static all = [];
  static get last() { return Socket.all.at(-1); }

  readyState = 0;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    Socket.all.push(this);
  }

  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.drop(1000); }

  open() {
    this.readyState = 1;
    this.onopen();
    return flush();
  }

  receive(...messages) {
    this.onmessage({ data: JSON.stringify(messages.length === 1 ? messages[0] : messages) });
    return flush();
  }

  drop(code, reason = "") {
    if (this.readyState === 3) return undefined;
    this.readyState = 3;
    this.onclose({ code, reason });
    return flush();
  }

  of(type) { return this.sent.filter((message) => message.type === type); }
}

const flush = async () => { for (let i = 0; i < 10; i++) await Promise.resolve(); };

function storage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

const joined = (more = {}) => ({
  type: "joined", protocol: "hearth.v1", room: "r", recipe: { name: "chat", version: 1, hash: "h" },
  session: "s1", resume: "secret", you: { id: "s1", roles: ["member"] }, epoch: "e1", seq: 0, trace: "t",
  resumed: false, last_event: 0, cells: { list: [] }, ...more,
});
const commit = (seq, value) => ({ type: "commit", seq, by: "s2", patch: [{ op: "add", path: "/list/-", value }] });

async function enter(options = {}) {
  const room = connect({
    room: "r", recipe: "chat", origin: "http://host/", WebSocket: Socket, storage: null, locks: null,
    fetch: async () => { throw new TypeError("unreachable"); }, ...options,
  });
  await flush();
  return room;
}

async function live(options, first = joined()) {
  const room = await enter(options);
  await Socket.last.open();
  await Socket.last.receive(first);
  return room;
}

/** Lets the wait before the next try pass and opens the socket that comes of it. */
async function reconnect() {
  clock.tick(5_000);
  await flush();
  await Socket.last.open();
  return Socket.last;
}

/** Time that passes only when the test says so. */
const clock = {
  now: 0,
  timers: new Map(),
  last: 0,

  start() {
    this.now = 0;
    this.timers.clear();
    mock.method(globalThis, "setTimeout", (act, wait = 0) => {
      this.timers.set(++this.last, { at: this.now + wait, act });
      return this.last;
    });
    mock.method(globalThis, "clearTimeout", (timer) => this.timers.delete(timer));
  },

  tick(wait) {
    const until = this.now + wait;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = due[1].at;
      due[1].act();
    }
    this.now = until;
  },
};

beforeEach(() => {
  Socket.all = [];
  clock.start();
  mock.method(Math, "random", () => 0.5);
});
afterEach(() => mock.restoreAll());

describe("entering", () => {
  it("joins by the room's URL and is live with its cells", async () => {
    const room = await enter({ name: "Ann", state: ["list"] });
    assert.equal(Socket.last.url, "ws://host/rooms/r?recipe=chat");
    assert.deepEqual(Socket.last.protocols, ["hearth.v1"]);
    assert.equal(room.state, "connecting");
    await Socket.last.open();
    assert.deepEqual(Socket.last.sent, [{ type: "join", batch: true, name: "Ann", state: ["list"] }]);
    await Socket.last.receive(joined());
    assert.equal(room.state, "live");
    assert.equal(await room.ready, room);
    assert.deepEqual([...room.cells.list], []);
    assert.equal(room.own("user"), "user@s1");
  });

  it("says why an upgrade was refused", async () => {
    const room = await enter({
      recipe: undefined,
      fetch: async (url) => {
        assert.equal(url, "http://host/rooms/r");
        return { status: 403, json: async () => ({ error: { code: "origin_not_allowed", message: "not from here" } }) };
      },
    });
    const errors = [];
    room.on("error", (error) => errors.push(error.code));
    await Socket.last.drop(1006);
    assert.equal(room.state, "closed");
    assert.deepEqual(errors, ["origin_not_allowed"]);
    await assert.rejects(room.ready, { code: "origin_not_allowed" });
    await assert.rejects(room.send("x"), { code: "origin_not_allowed" });
  });

  it("tells whoever looks at a page that nobody made its room, and who can", async () => {
    const said = "there is no room \"two words\"; to create it: POST /rooms";
    const fetch = async () => ({ status: 404, json: async () => ({ error: { code: "room_not_found", message: said } }) });
    const messages = [];
    for (const recipe of ["chat", undefined]) {
      const room = await enter({ room: "two words", recipe, fetch });
      for (let attempt = 0; attempt < 4; attempt++) {
        await Socket.last.drop(1006);
        clock.tick(5_000);
        await flush();
      }
      assert.equal(room.lastError.code, "room_not_found");
      messages.push(room.lastError.message);
    }
    assert.match(messages[0], /^there is no room "two words", and no page may make one here: ask whoever runs the server/);
    assert.equal(messages[1], said);
  });

  it("keeps trying a server that is not there, from connecting", async () => {
    const room = await enter();
    await Socket.last.drop(1006);
    assert.equal(room.state, "connecting");
    await reconnect();
    await Socket.last.receive(joined());
    assert.equal(room.state, "live");
  });
});

describe("a room that runs another recipe", () => {
  const other = { name: "todo", version: 3, hash: "i" };
  const commitOfOthers = { type: "commit", seq: 1, by: "s2", patch: [{ op: "add", path: "/items/-", value: 1 }] };

  it("is not entered, and says what to do", async () => {
    const kept = storage();
    const room = await enter({ storage: kept, locks: undefined });
    const [changes, errors, states] = [[], [], []];
    room.on("change", (cells) => changes.push(cells));
    room.on("commit", (each) => changes.push(each));
    room.on("error", (error) => errors.push(error));
    room.on("state", (state) => states.push(state));
    const sent = room.send("send", { text: "hi" });
    await Socket.last.open();
    await Socket.last.receive(joined({ room: "home", recipe: other, cells: { items: [] } }), commitOfOthers);
    assert.deepEqual(states, ["closed"]);
    assert.deepEqual(changes, []);
    assert.deepEqual({ ...room.cells }, {});
    assert.equal(room.session, undefined);
    const message = 'room "home" runs the recipe "todo", not "chat"; choose another name for the room (in the address)';
    const expected = { code: "recipe_mismatch", message, details: { room: "home", recipe: "todo", wanted: "chat" } };
    assert.equal(errors.length, 1);
    for (const told of [room.ready, sent, Promise.reject(errors[0]), room.send("send")]) await assert.rejects(told, expected);
    // Nobody stays behind in it, and nothing is tried again.
    assert.equal(Socket.last.of("leave").length, 1);
    assert.equal(Socket.last.of("event").length, 0);
    assert.equal(Socket.last.readyState, 3);
    assert.equal(kept.getItem("hearth:ws://host/rooms/r?recipe=chat"), null);
    clock.tick(60_000);
    assert.equal(Socket.all.length, 1);
  });

  it("is left when it has taken the place of the one before", async () => {
    const room = await live();
    await Socket.last.drop(1006);
    const socket = await reconnect();
    await socket.receive(joined({ recipe: other, session: "s2", resume: "other", cells: { items: [1] } }));
    assert.equal(room.lastError.code, "recipe_mismatch");
    assert.deepEqual(Object.keys(room.raw), ["list"]);
  });

  it("is entered by whoever asked for none", async () => {
    const room = await live({ recipe: undefined }, joined({ recipe: other }));
    assert.equal(room.state, "live");
    assert.equal(room.recipe.name, "todo");
  });

  it("is found out by a recipe in the URL as well", async () => {
    const room = connect("ws://host/rooms/r?recipe=chat", { WebSocket: Socket, storage: null, locks: null });
    await flush();
    await Socket.last.open();
    await Socket.last.receive(joined({ recipe: other }));
    assert.equal(room.lastError.code, "recipe_mismatch");
  });
});

describe("commits", () => {
  it("change the cells, once for every frame", async () => {
    const room = await live();
    const changes = [];
    room.on("change", (cells) => changes.push([...cells]));
    await Socket.last.receive(commit(1, "a"), commit(2, "b"));
    assert.deepEqual([...room.cells.list], ["a", "b"]);
    assert.deepEqual(changes, [["list"]]);
  });

  it("that are missing are asked for; what came meanwhile is kept", async () => {
    const room = await live();
    await Socket.last.receive(commit(2, "b"));
    await Socket.last.receive(commit(3, "c"));
    assert.equal(Socket.last.of("sync_request").length, 1);
    assert.deepEqual([...room.cells.list], []);
    await Socket.last.receive({ type: "sync_response", epoch: "e1", seq: 2, cells: { list: ["a", "b"] }, participants: [] });
    assert.deepEqual([...room.cells.list], ["a", "b", "c"]);
    assert.equal(room.seq, 3);
  });

  it("go on from a snapshot that a slow reader is given", async () => {
    const room = await live();
    await Socket.last.receive({ type: "sync_response", epoch: "e1", seq: 9, cells: { list: [9] } });
    await Socket.last.receive(commit(10, 10));
    assert.deepEqual([...room.cells.list], [9, 10]);
  });
});

describe("events", () => {
  it("resolve with their ack and reject with their error", async () => {
    const room = await live();
    const first = room.send("send", { text: "a" });
    const second = room.send("send", {}, { strict: true });
    assert.deepEqual(Socket.last.of("event"), [
      { type: "event", id: 1, name: "send", data: { text: "a" } },
      { type: "event", id: 2, name: "send", data: {}, strict: true, basis: 0 },
    ]);
    const details = { cell: "list" };
    await Socket.last.receive(
      { type: "ack", id: 1, seq: 1, result: 7 },
      { type: "error", id: 2, code: "conflict", message: "list has changed", retryable: true, details });
    assert.equal((await first).result, 7);
    await assert.rejects(second, { name: "HearthError", code: "conflict", retryable: true, details });
  });

  it("that were sent before the first join wait for it", async () => {
    const room = await enter();
    room.send("a");
    await Socket.last.open();
    assert.equal(Socket.last.of("event").length, 0);
    await Socket.last.receive(joined());
    assert.deepEqual(Socket.last.of("event").map(({ id, name }) => [id, name]), [[1, "a"]]);
  });

  it("without an answer are sent again once after a drop, with their ids, in order", async () => {
    const room = await live();
    const answers = ["a", "b", "c"].map((name) => room.send(name));
    await Socket.last.receive(commit(1, "a"), { type: "ack", id: 1, seq: 1 });
    await Socket.last.drop(1006);
    assert.equal(room.state, "reconnecting");
    answers.push(room.send("d"));
    const socket = await reconnect();
    assert.deepEqual(socket.sent, [{ type: "join", batch: true, resume: "secret", since: 1, epoch: "e1" }]);
    await socket.receive(joined({ resumed: true, last_event: 2, seq: 2, cells: undefined }));
    assert.deepEqual(socket.of("event").map(({ id, name }) => [id, name]), [[2, "b"], [3, "c"], [4, "d"]]);
    await socket.receive(commit(2, "b"), { type: "ack", id: 2, seq: 2 }, { type: "ack", id: 3, seq: 3 }, { type: "ack", id: 4, seq: 4 });
    assert.deepEqual((await Promise.all(answers)).map(({ seq }) => seq), [1, 2, 3, 4]);
    assert.deepEqual([...room.cells.list], ["a", "b"]);
  });

  it("whose session is gone are not sent twice but reported", async () => {
    const room = await live();
    const lost = room.send("a");
    await Socket.last.drop(1006);
    const kept = room.send("b");
    const socket = await reconnect();
    await socket.receive(joined({ session: "s2", resume: "other" }));
    await assert.rejects(lost, { code: "session_lost" });
    assert.deepEqual(socket.of("event").map(({ id, name }) => [id, name]), [[1, "b"]]);
    await socket.receive({ type: "ack", id: 1, seq: 1 });
    await kept;
  });

  it("that are too large are given up, the others are not", async () => {
    const room = await live();
    const large = room.send("b", "x".repeat(100));
    const small = room.send("a", "x");
    await Socket.last.drop(1009);
    await assert.rejects(large, { code: "too_large" });
    const socket = await reconnect();
    await socket.receive(joined({ resumed: true, last_event: 0, cells: undefined }));
    assert.deepEqual(socket.of("event").map(({ id, name }) => [id, name]), [[1, "a"]]);
    await socket.receive({ type: "ack", id: 1, seq: 1 });
    await small;
  });
});

describe("a session", () => {
  it("goes on after a page reload, with its next event id", async () => {
    const kept = storage();
    await live({ storage: kept });
    const room = await enter({ storage: kept });
    await Socket.last.open();
    assert.deepEqual(Socket.last.sent, [{ type: "join", batch: true, resume: "secret" }]);
    await Socket.last.receive(joined({ resumed: true, last_event: 8, seq: 3 }));
    room.send("a");
    assert.equal(Socket.last.of("event")[0].id, 9);
  });

  it("is forgotten when the room is left", async () => {
    const kept = storage();
    const room = await live({ storage: kept });
    const open = room.send("a");
    room.leave();
    assert.equal(Socket.last.of("leave").length, 1);
    assert.equal(room.state, "closed");
    await assert.rejects(open, { code: "left" });
    await enter({ storage: kept });
    await Socket.last.open();
    assert.equal(Socket.last.sent[0].resume, undefined);
  });

  it("is begun anew by a duplicated tab", async () => {
    const kept = storage();
    const held = new Set();
    const locks = {
      async request(name, _, act) {
        if (held.has(name)) throw new DOMException("timed out", "TimeoutError");
        held.add(name);
        await act();
      },
    };
    await live({ storage: kept, locks });
    await enter({ storage: kept, locks });
    await Socket.last.open();
    assert.equal(Socket.last.sent[0].resume, undefined);
  });
});

describe("a connection", () => {
  it("that falls silent is asked, then given up", async () => {
    const room = await live();
    const [socket] = Socket.all;
    clock.tick(20_000);
    assert.equal(socket.of("ping").length, 1);
    await socket.receive({ type: "pong", now: 1 });
    clock.tick(20_000);
    assert.equal(socket.of("ping").length, 2);
    clock.tick(10_000);
    await flush();
    assert.equal(room.state, "reconnecting");
    await socket.receive(commit(1, "late"));
    assert.deepEqual([...room.cells.list], []);
  });

  it("waits as long as a restarting server asks", async () => {
    await live();
    await Socket.last.receive({ type: "bye", code: 1012, reason: "restart", retry_after_ms: 5000 });
    await Socket.last.drop(1012);
    clock.tick(5_149);
    assert.equal(Socket.all.length, 1);
    clock.tick(1);
    assert.equal(Socket.all.length, 2);
  });

  for (const [code, name] of [[4401, "unauthenticated"], [4403, "forbidden"], [4409, "replaced"], [4410, "room_closed"], [4400, "bad_message"]]) {
    it(`that was closed with ${code} stays closed as ${name}`, async () => {
      const room = await live({ token: "t" });
      await Socket.last.receive({ type: "bye", code, reason: "so it is" });
      await Socket.last.drop(code);
      assert.equal(room.state, "closed");
      assert.equal(room.lastError.code, name);
      assert.equal(room.lastError.message, "so it is");
      clock.tick(60_000);
      assert.equal(Socket.all.length, 1);
    });
  }
});

describe("a refusal in join", () => {
  it("is told in the words of its error, for a close frame has room for few", async () => {
    const room = await enter();
    await Socket.last.open();
    await Socket.last.receive({ type: "error", code: "unauthenticated", message: "this server wants a token", retryable: false });
    await Socket.last.drop(4401, "unauthenticated");
    assert.equal(room.lastError.code, "unauthenticated");
    assert.equal(room.lastError.message, "this server wants a token");
  });
});

describe("credentials", () => {
  it("are fetched anew for every join, also when a token has run out", async () => {
    let count = 0;
    const room = await live({ token: async () => `token ${++count}` });
    assert.equal(Socket.last.sent[0].token, "token 1");
    await Socket.last.receive({ type: "bye", code: 4401, reason: "the token has expired" });
    await Socket.last.drop(4401);
    assert.equal(room.state, "reconnecting");
    const socket = await reconnect();
    assert.equal(socket.sent[0].token, "token 2");
    assert.equal(socket.sent[0].resume, "secret");
    await socket.receive({ type: "bye", code: 4401, reason: "not any more" });
    await socket.drop(4401);
    assert.equal(room.lastError.code, "unauthenticated");
  });

  it("that nobody asked for do not keep a page out whose session is unknown", async () => {
    await live();
    await Socket.last.drop(4401);
    const socket = await reconnect();
    assert.equal(socket.sent[0].resume, undefined);
  });
});

describe("a token given by a function", () => {
  const notice = { type: "error", code: "token_expiring", message: "soon", retryable: true, details: { expires_in_ms: 9 } };

  it("is asked for again before it runs out, and the answer is no event's", async () => {
    let count = 0;
    const errors = [];
    const room = await live({ token: async () => `token ${++count}` });
    room.on("error", (error) => errors.push(error.code));
    await Socket.last.receive(notice);
    assert.deepEqual(Socket.last.of("auth"), [{ type: "auth", token: "token 2" }]);
    const sent = room.send("say");
    await Socket.last.receive({ type: "ack" });
    await Socket.last.receive({ type: "ack", id: 1, seq: 1 });
    assert.equal((await sent).seq, 1);
    assert.deepEqual(errors, []);
  });

  it("is asked for once more when it is refused, and then it is final", async () => {
    let count = 0;
    const room = await enter({ token: () => `token ${++count}` });
    for (let round = 0; round < 2; round++) {
      await Socket.last.open();
      await Socket.last.receive({ type: "error", code: "unauthenticated", message: "no", retryable: false });
      await Socket.last.drop(4401, "unauthenticated");
      clock.tick(5_000);
      await flush();
    }
    assert.equal(count, 2);
    assert.equal(room.state, "closed");
    assert.equal(room.lastError.code, "unauthenticated");
  });

  it("cannot be had now: the room tries again", async () => {
    let count = 0;
    const room = await enter({ token: async () => { if (++count < 2) throw new Error("offline"); return "t"; } });
    await Socket.last.open();
    await flush();
    await reconnect();
    assert.equal(Socket.last.sent[0].token, "t");
    assert.equal(room.state, "connecting");
  });
});

describe("own ephemeral cells", () => {
  it("are written under the own session and again after a drop, the latest only", async () => {
    const room = await enter();
    room.set("typing", false);
    await Socket.last.open();
    await Socket.last.receive(joined());
    room.set("typing", true);
    assert.deepEqual(Socket.last.of("set"), [
      { type: "set", cell: "typing@s1", value: false },
      { type: "set", cell: "typing@s1", value: true },
    ]);
    assert.equal(room.cells["typing@s1"], true);
    await Socket.last.drop(1006);
    const socket = await reconnect();
    await socket.receive(joined({ resumed: true, cells: undefined }));
    assert.deepEqual(socket.of("set"), [{ type: "set", cell: "typing@s1", value: true }]);
  });
});

describe("what the server says beside commits", () => {
  it("is handed on: signals, reloads, questions, errors", async () => {
    const room = await live();
    const heard = [];
    room.on("signal", ({ name, data }) => heard.push(["signal", name, data]));
    room.on("reload", ({ version }) => heard.push(["reload", version]));
    const off = room.on("error", ({ code }) => heard.push(["error", code]));
    room.on("ask", async (name) => `${name}: yes`);
    await Socket.last.receive(
      { type: "signal", name: "bell", data: 1, from: "s2" },
      { type: "reload", recipe: { name: "chat", version: 2, hash: "i" } },
      { type: "error", code: "bad_message", message: "no", retryable: false },
      { type: "ask", ask: 5, name: "sure", data: {}, timeout_ms: 100 },
      { type: "something new" });
    off();
    await Socket.last.receive({ type: "error", code: "bad_message", message: "no", retryable: false });
    assert.deepEqual(heard, [["signal", "bell", 1], ["reload", 2], ["error", "bad_message"]]);
    assert.deepEqual(Socket.last.of("answer"), [{ type: "answer", ask: 5, data: "sure: yes" }]);
  });
});
