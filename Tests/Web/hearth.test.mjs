import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Outbox, Replica, applyPatch, backoff, parsePointer } from "../../Sources/HearthServer/Web/hearth.js";

const applied = (root, ...operations) => {
  applyPatch(root, operations);
  return root;
};

describe("a pointer", () => {
  it("is unescaped token by token", () => {
    assert.deepEqual(parsePointer("/a~1b/~0c/~01/"), ["a/b", "~c", "~1", ""]);
    assert.deepEqual(parsePointer(""), []);
  });

  it("begins with a slash", () => assert.throws(() => parsePointer("a"), SyntaxError));
});

describe("a patch", () => {
  it("adds, replaces and removes", () => {
    const root = { a: { list: [1, 3] } };
    applied(root,
      { op: "add", path: "/a/list/1", value: 2 },
      { op: "add", path: "/a/list/-", value: 4 },
      { op: "replace", path: "/a/list/0", value: 0 },
      { op: "remove", path: "/a/list/2" },
      { op: "add", path: "/b", value: null });
    assert.deepEqual(root, { a: { list: [0, 2, 4] }, b: null });
  });

  for (const [why, operation] of [
    ["an index past the end", { op: "add", path: "/list/3", value: 1 }],
    ["an index with a leading nought", { op: "replace", path: "/list/00", value: 1 }],
    ["the place after the last element", { op: "remove", path: "/list/-" }],
    ["a key that is not there", { op: "replace", path: "/object/x", value: 1 }],
    ["a parent that is not there", { op: "add", path: "/nothing/x", value: 1 }],
    ["the whole room", { op: "replace", path: "", value: {} }],
  ]) {
    it(`refuses ${why}`, () => assert.throws(() => applied({ list: [1, 2], object: {} }, operation), RangeError));
  }

  it("treats __proto__ and constructor as keys like any other", () => {
    const root = { cell: {} };
    applied(root, { op: "add", path: "/cell/__proto__", value: { bad: true } });
    assert.equal(root.cell.bad, undefined);
    assert.ok(Object.hasOwn(root.cell, "__proto__"));
    assert.throws(() => applied(root, { op: "add", path: "/constructor/prototype", value: 1 }), RangeError);
  });
});

function replica(cells, seq = 0) {
  const made = new Replica();
  made.reset(cells, seq, "e1");
  return made;
}

describe("a replica", () => {
  it("applies commits in order, once, and tells a gap", () => {
    const room = replica({ list: [] }, 4);
    const push = (value) => [{ op: "add", path: "/list/-", value }];
    assert.equal(room.commit(5, push("a")), "applied");
    assert.equal(room.commit(5, push("a")), "old");
    assert.equal(room.commit(7, push("c")), "gap");
    assert.deepEqual(room.raw.list, ["a"]);
    assert.equal(room.commit(6, []), "applied");
    assert.equal(room.commit(7, [{ op: "remove", path: "/list/9" }]), "gap");
    assert.equal(room.seq, 6);
  });

  it("takes ephemeral changes as they come, whole cells or parts", () => {
    const room = replica({});
    room.ephemeral([{ op: "replace", path: "/typing@a", value: true }, { op: "add", path: "/cursor@a", value: { x: 1 } }]);
    room.ephemeral([{ op: "replace", path: "/cursor@a/x", value: 2 }, { op: "remove", path: "/typing@b" }]);
    assert.deepEqual(room.raw, { "typing@a": true, "cursor@a": { x: 2 } });
    assert.equal(room.seq, 0);
  });

  it("reads through links and follows a rename", () => {
    const room = replica({ "user@a": { name: "Ann" }, messages: [{ author: { $ref: "user@a#" }, text: "hi" }] });
    assert.equal(room.view.messages[0].author.name, "Ann");
    room.commit(1, [{ op: "replace", path: "/user@a/name", value: "Ann B." }]);
    assert.equal(room.view.messages[0].author.name, "Ann B.");
    assert.deepEqual(room.view.messages.map((message) => message.author.name), ["Ann B."]);
    assert.deepEqual(Object.entries(room.view.messages[0].author), [["name", "Ann B."]]);
  });

  it("follows links into a cell, over links on the way, with escaped keys", () => {
    const room = replica({
      board: { "a/b": [{ owner: { $ref: "people#/ann" } }] },
      people: { ann: { name: "Ann" } },
      first: { $ref: "board#/a~1b/0/owner/name" },
      alias: { $ref: "first#" },
    });
    assert.equal(room.view.first, "Ann");
    assert.equal(room.view.alias, "Ann");
  });

  it("reads a link that leads nowhere as null", () => {
    const room = replica({ gone: { $ref: "nobody#" }, past: { $ref: "list#/-" }, inside: { $ref: "list#/0/x/y" }, list: [1] });
    assert.equal(room.view.gone, null);
    assert.equal(room.view.past, null);
    assert.equal(room.view.inside, null);
  });

  it("survives circles: of links as null, of objects as a circle", () => {
    const room = replica({
      a: { $ref: "b#" }, b: { $ref: "a#" }, self: { $ref: "self#/x" },
      ann: { name: "Ann", friend: { $ref: "bob#" } }, bob: { name: "Bob", friend: { $ref: "ann#" } },
    });
    assert.equal(room.view.a, null);
    assert.equal(room.view.self, null);
    assert.equal(room.view.ann.friend.friend.friend.name, "Bob");
    assert.equal(room.view.ann.friend.friend, room.view.ann);
  });

  it("does not take an object with more than a $ref for a link", () => {
    assert.deepEqual({ ...replica({ a: { $ref: "b#", more: 1 } }).view.a }, { $ref: "b#", more: 1 });
  });

  it("is read-only and shows no prototype", () => {
    const { view } = replica({ list: [1], object: {} });
    assert.throws(() => { view.list.push(2); }, TypeError);
    assert.throws(() => { view.object.x = 1; }, TypeError);
    assert.throws(() => { delete view.list; }, TypeError);
    assert.equal(view.constructor, undefined);
    assert.equal(JSON.stringify(view), '{"list":[1],"object":{}}');
    assert.ok(Array.isArray(view.list));
  });
});

describe("an outbox", () => {
  const ids = (events) => events.map(({ id, name }) => `${id}${name}`);

  it("numbers events by one from one", () => {
    const outbox = new Outbox();
    outbox.joined(0, false);
    outbox.add({ name: "a" });
    outbox.add({ name: "b" });
    assert.deepEqual(ids(outbox.fresh()), ["1a", "2b"]);
    outbox.add({ name: "c" });
    assert.deepEqual(ids(outbox.fresh()), ["3c"]);
  });

  it("gives a resumed session its unanswered events again, with their ids, in order", () => {
    const outbox = new Outbox();
    outbox.joined(0, false);
    for (const name of ["a", "b", "c"]) outbox.add({ name });
    outbox.fresh();
    assert.equal(outbox.answered(1).name, "a");
    outbox.add({ name: "d" });
    assert.deepEqual(ids(outbox.joined(2, true).send), ["2b", "3c", "4d"]);
  });

  it("goes on after the highest event that the server has decided", () => {
    const outbox = new Outbox();
    outbox.add({ name: "a" });
    assert.deepEqual(ids(outbox.joined(41, true).send), ["42a"]);
  });

  it("does not send again in a new session what may have been committed in the old one", () => {
    const outbox = new Outbox();
    outbox.joined(0, false);
    outbox.add({ name: "sent" });
    outbox.fresh();
    outbox.add({ name: "unsent" });
    const { send, lost } = outbox.joined(0, false);
    assert.deepEqual(lost.map(({ name }) => name), ["sent"]);
    assert.deepEqual(ids(send), ["1unsent"]);
  });

  it("keeps unanswered events over a page reload", () => {
    const before = new Outbox();
    before.joined(6, true);
    before.add({ name: "a", data: { x: 1 }, resolve() {} });
    before.fresh();
    const after = new Outbox();
    for (const event of JSON.parse(JSON.stringify(before.unanswered))) after.restore(event);
    after.add({ name: "b" });
    assert.deepEqual(ids(after.joined(6, true).send), ["7a", "8b"]);
  });
});

describe("the wait before the next try", () => {
  it("lies anywhere below a ceiling that doubles up to 20 s", () => {
    assert.deepEqual([0, 1, 2, 3, 50].map((attempt) => backoff(attempt, 0, () => 1)), [300, 600, 1200, 2400, 20000]);
    assert.equal(backoff(5, 0, () => 0), 0);
  });

  it("is never shorter than what the server asked for", () => assert.equal(backoff(0, 5000, () => 0.5), 5150));
});
