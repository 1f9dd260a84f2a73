// A live replica of a Hearth room in the browser (or any runtime with WebSocket). No build step, no dependency.
//
//   import { connect } from "/hearth.js";
//   const room = connect({ room: "kitchen", recipe: "chat" });
//   room.on("change", () => console.log(room.cells.messages?.at(-1)?.author.name));
//   await room.send("send", { text: "hi" });
//
// Types: hearth.d.ts. Protocol: hearth.v1. One file, so that a page has it with one request and others can copy it: how what a room
// sends is kept (patches, Replica), what is on its way there (Outbox), and the connection between (Room).

/** What the server refused, or why a connection ended. */
export class HearthError extends Error {
  /** @param {{code: string, message: string, retryable?: boolean, details?: unknown}} error */
  constructor({ code, message, retryable = false, details }) {
    super(message);
    this.name = "HearthError";
    this.code = code;
    this.retryable = retryable;
    this.details = details;
  }
}

// MARK: Patches (RFC 6902) and pointers (RFC 6901)

/** @param {string} text @returns {string[]} */
export function parsePointer(text) {
  if (text === "") return [];
  if (text[0] !== "/") throw new SyntaxError(`a pointer begins with "/": ${text}`);
  return text.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const isContainer = (value) => typeof value === "object" && value !== null;

function listIndex(token, end) {
  const index = /^(0|[1-9][0-9]*)$/.test(token) ? Number(token) : NaN;
  if (!(index <= end)) throw new RangeError(`no element ${token} in a list of ${end}`);
  return index;
}

/** The child named by `token`, or undefined. Never looks at a prototype. */
function childOf(parent, token) {
  if (Array.isArray(parent)) return /^(0|[1-9][0-9]*)$/.test(token) ? parent[Number(token)] : undefined;
  return isContainer(parent) && Object.hasOwn(parent, token) ? parent[token] : undefined;
}

/** A key such as `__proto__` is a key like any other. */
function setKey(object, key, value) {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** @param {object} root @param {{op: string, path: string, value?: unknown}} operation */
function applyOperation(root, { op, path, value }) {
  const tokens = parsePointer(path);
  const last = tokens.pop();
  if (last === undefined) throw new RangeError("a patch names a cell");
  let parent = root;
  for (const token of tokens) parent = childOf(parent, token);
  if (!isContainer(parent)) throw new RangeError(`nothing at ${path}`);

  if (Array.isArray(parent)) {
    if (op === "add") parent.splice(last === "-" ? parent.length : listIndex(last, parent.length), 0, value);
    else if (op === "remove") parent.splice(listIndex(last, parent.length - 1), 1);
    else if (op === "replace") parent[listIndex(last, parent.length - 1)] = value;
    else throw new RangeError(`unknown operation ${op}`);
    return;
  }
  if (op !== "add" && !Object.hasOwn(parent, last)) throw new RangeError(`nothing at ${path}`);
  if (op === "remove") delete parent[last];
  else if (op === "add" || op === "replace") setKey(parent, last, value);
  else throw new RangeError(`unknown operation ${op}`);
}

/**
 * Applies `operations` to `root` in place, in order.
 * @param {object} root @param {{op: string, path: string, value?: unknown}[]} operations
 * @throws {RangeError} when an operation does not fit; those before it have been applied.
 */
export function applyPatch(root, operations) {
  for (const operation of operations) applyOperation(root, operation);
}

// MARK: Replica

const isLink = (value) =>
  isContainer(value) && typeof value.$ref === "string" && !Array.isArray(value) && Object.keys(value).length === 1;

/** A room's cells as last heard of, and a read-only view of them in which links are already followed. */
export class Replica {
  #views = new WeakMap();
  #handler = {
    get: (target, key) => this.#seen(typeof key === "symbol" || Object.hasOwn(target, key) || Array.isArray(target)
      ? Reflect.get(target, key) : undefined),
    getOwnPropertyDescriptor: (target, key) => {
      const found = Reflect.getOwnPropertyDescriptor(target, key);
      return found && found.configurable ? { ...found, value: this.#seen(found.value) } : found;
    },
    set: () => { throw new TypeError("a replica is read-only: send an event to change the room"); },
    deleteProperty: () => { throw new TypeError("a replica is read-only: send an event to change the room"); },
    defineProperty: () => { throw new TypeError("a replica is read-only: send an event to change the room"); },
  };

  constructor() {
    /** The cells as they came, links unresolved. */
    this.raw = {};
    this.seq = -1;
    this.epoch = undefined;
  }

  /** @param {Record<string, unknown>} cells @param {number} seq @param {string} epoch */
  reset(cells, seq, epoch) {
    this.raw = cells;
    this.seq = seq;
    this.epoch = epoch;
  }

  /**
   * Applies a commit.
   * @returns {"applied" | "old" | "gap"} "gap" when commits are missing or the patch does not fit: the replica
   *   must be synchronised before it is used again.
   */
  commit(seq, patch) {
    if (seq <= this.seq) return "old";
    if (this.seq < 0 || seq !== this.seq + 1) return "gap";
    try {
      applyPatch(this.raw, patch);
    } catch {
      return "gap";
    }
    this.seq = seq;
    return "applied";
  }

  /** Applies changes of ephemeral cells. They are conflated, so one may name what is not here: that is no gap. */
  ephemeral(patch) {
    for (const { op, path, value } of patch) {
      const [cell, ...rest] = parsePointer(path);
      if (rest.length === 0 && op !== "remove") setKey(this.raw, cell, value);
      else if (childOf(this.raw, cell) !== undefined) {
        try { applyOperation(this.raw, { op, path, value }); } catch { /* the next change brings the whole cell */ }
      }
    }
  }

  /** The cells with links followed: `view.messages[0].author.name`. A link that leads nowhere reads as null. */
  get view() {
    return this.#seen(this.raw);
  }

  #seen(value) {
    if (!isContainer(value)) return value;
    if (isLink(value)) {
      const target = this.resolve(value);
      return target === null ? null : this.#seen(target);
    }
    let view = this.#views.get(value);
    if (!view) this.#views.set(value, (view = new Proxy(value, this.#handler)));
    return view;
  }

  /** What a link (or any value) stands for, as it came; null for a target that is gone or a circle of links. */
  resolve(value, hops = 0) {
    while (isLink(value)) {
      if (hops++ > 32) return null;
      const [cell, pointer] = splitLink(value.$ref);
      value = childOf(this.raw, cell);
      for (const token of parsePointer(pointer)) {
        if (isLink(value)) value = this.resolve(value, hops);
        value = childOf(value, token);
      }
    }
    return value === undefined ? null : value;
  }
}

function splitLink(text) {
  const at = text.indexOf("#");
  const pointer = at < 0 ? "" : text.slice(at + 1);
  return [at < 0 ? text : text.slice(0, at), pointer === "" || pointer[0] === "/" ? pointer : `/${pointer}`];
}

// MARK: Outbox

/** Events that have no answer yet, in the order they were sent. Ids rise by 1 within a session. */
export class Outbox {
  #events = [];
  #nextId = 1;

  /** The unanswered events as plain data, to be kept over a page reload. */
  get unanswered() {
    return this.#events.map(({ id, name, data, strict, basis }) => ({ id, name, data, strict, basis }));
  }

  add(event) {
    this.#events.push(event);
  }

  /** Takes back an event that was sent before a page reload, with its id. */
  restore(event) {
    this.#events.push(event);
  }

  /** Gives an id to every event that has none and returns those, in order. */
  fresh() {
    const fresh = this.#events.filter((event) => event.id === undefined);
    for (const event of fresh) event.id = this.#nextId++;
    return fresh;
  }

  /**
   * Takes up a session whose highest decided event is `lastEvent`; returns what is to be sent, in order. A resumed session gets every
   * unanswered event again with its id: what it had decided is answered again, not run again. (The ids only close up when
   * one was given up as too large: nothing after it has arrived.) A new session cannot know what became of the
   * sent ones; they are returned as lost.
   */
  joined(lastEvent, resumed) {
    const lost = resumed ? [] : this.#events.filter((event) => event.id !== undefined);
    this.#events = this.#events.filter((event) => !lost.includes(event));
    this.#nextId = lastEvent + 1;
    for (const event of this.#events) if (event.id === undefined || event.id > lastEvent) event.id = this.#nextId++;
    return { send: [...this.#events], lost };
  }

  /** Takes out the event that `id` answers. */
  answered(id) {
    const index = this.#events.findIndex((event) => event.id === id);
    return index < 0 ? undefined : this.#events.splice(index, 1)[0];
  }

  /** Takes out the largest event that was sent: the one to blame when a message was too large. */
  takeLargest() {
    const sent = this.#events.filter((event) => event.id !== undefined);
    const largest = sent.reduce((a, b) => (a && sizeOf(a) >= sizeOf(b) ? a : b), undefined);
    return largest && this.answered(largest.id);
  }

  clear() {
    return this.#events.splice(0);
  }
}

const sizeOf = (event) => (event.size ??= JSON.stringify(event.data ?? null).length);

// MARK: Back-off

/**
 * Full jitter: anything between nought and a ceiling that doubles, so that clients that were cut off together do not come
 * back together. A wait that the server asked for is added to.
 * @param {number} attempt from 0 @param {number} atLeast ms that the server asked for @param {() => number} random
 */
export function backoff(attempt, atLeast = 0, random = Math.random) {
  return atLeast + random() * Math.min(20_000, 300 * 2 ** Math.min(attempt, 10));
}

// MARK: Room

const silence = { pingAfter: 20_000, deadAfter: 10_000 };
const stableAfter = 10_000;
// What will not go better next time: refused, forbidden, replaced by another page, gone.
const finalCloses = new Map([
  [1000, "left"], [1003, "bad_message"], [1007, "bad_message"], [4400, "bad_message"], [4401, "unauthenticated"],
  [4403, "forbidden"], [4409, "replaced"], [4410, "room_closed"],
]);

/** One participant in one room. Made by {@link connect}. */
export class Room {
  #options;
  #url;
  #socket;
  #replica = new Replica();
  #outbox = new Outbox();
  #listeners = new Map();
  #asked = new Set();
  #held = new Map();
  #own = new Map();
  #timers = {};
  #attempt = 0;
  #opened = false;
  #bye;
  #said;
  #secret;
  #claimed;
  #refusedTokens = 0;
  #settleReady;

  constructor(url, options) {
    this.#url = url;
    this.#options = options;
    this.state = "connecting";
    this.session = undefined;
    this.you = undefined;
    this.recipe = undefined;
    this.participants = undefined;
    this.lastError = null;
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    this.ready.catch(() => {});
    this.#watchPage();
    this.#restore().then(() => this.#open());
  }

  /** The recipe that the room was asked to run. */
  get #wanted() { return new URL(this.#url).searchParams.get("recipe") ?? undefined; }

  get cells() { return this.#replica.view; }
  get raw() { return this.#replica.raw; }
  get seq() { return this.#replica.seq; }

  /** The id of this participant's own cell: `own("user")` is `user@SESSION`. */
  own(name) { return name.includes("@") ? name : `${name}@${this.session}`; }

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.#listeners.get(event).delete(listener);
  }

  send(name, data, { strict = false } = {}) {
    if (this.state === "closed") return Promise.reject(this.lastError ?? closedError("left"));
    return new Promise((resolve, reject) => {
      this.#outbox.add({ name, data, strict, basis: strict ? this.#replica.seq : undefined, resolve, reject });
      if (this.state === "live") for (const event of this.#outbox.fresh()) this.#sendEvent(event);
    });
  }

  set(cell, value) {
    this.#own.set(cell, value);
    if (this.state !== "live") return;
    this.#post({ type: "set", cell: this.own(cell), value });
    setKey(this.#replica.raw, this.own(cell), value);
    this.#emit("change", new Set([this.own(cell)]));
  }

  leave() { this.#depart(closedError("left")); }

  #depart(error) {
    this.#post({ type: "leave" });
    this.#forget();
    this.#end(error);
  }

  // Connection

  #open() {
    clearTimeout(this.#timers.retry);
    if (this.state === "closed") return;
    this.#opened = false;
    this.#bye = this.#said = undefined;
    const socket = new this.#options.WebSocket(this.#url, ["hearth.v1"]);
    this.#socket = socket;
    // A socket that was given up may still speak; it is no longer listened to.
    const current = (act) => (event) => { if (this.#socket === socket) act(event); };
    socket.onopen = current(() => this.#join());
    socket.onmessage = current(({ data }) => this.#receive(data));
    socket.onclose = current(({ code, reason }) => this.#dropped(code, reason));
    socket.onerror = () => {};
    this.#timers.dead = setTimeout(() => this.#dead(), silence.deadAfter);
  }

  async #join() {
    this.#opened = true;
    const socket = this.#socket;
    const { name, state } = this.#options;
    let credential;
    try {
      credential = await this.#token();
    } catch {
      // No token can be had now: tried again like a connection that cannot.
      return this.#socket === socket ? this.#dead() : undefined;
    }
    if (this.#socket !== socket) return;
    const known = this.#secret !== undefined && this.#replica.seq >= 0;
    this.#post({
      type: "join", batch: true, token: credential, resume: this.#secret, name, state,
      since: known ? this.#replica.seq : undefined,
      epoch: known ? this.#replica.epoch : undefined,
    });
  }

  async #token() {
    const { token } = this.#options;
    return typeof token === "function" ? await token() : token;
  }

  /** The token runs out soon: whoever gave it by a function is asked for a fresh one. */
  async #renewToken(notice) {
    if (typeof this.#options.token !== "function") return this.#emit("error", notice);
    const socket = this.#socket;
    try {
      const token = await this.#token();
      if (this.#socket === socket) this.#post({ type: "auth", token });
    } catch { /* asked again when the server has closed with 4401 */ }
  }

  #post(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #sendEvent({ id, name, data, strict, basis }) {
    this.#post({ type: "event", id, name, data, ...(strict ? { strict, basis } : {}) });
  }

  /** Nothing was heard for too long: the socket is given up, whatever it believes of itself. */
  #dead() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#dropped(4408, "nothing heard from the server");
  }

  #heard() {
    clearTimeout(this.#timers.ping);
    clearTimeout(this.#timers.dead);
    this.#timers.ping = setTimeout(() => this.#probe(silence.deadAfter), silence.pingAfter);
  }

  #probe(patience) {
    clearTimeout(this.#timers.dead);
    this.#post({ type: "ping", at: Date.now() });
    this.#timers.dead = setTimeout(() => this.#dead(), patience);
  }

  async #dropped(code, reason) {
    for (const timer of ["ping", "dead", "stable"]) clearTimeout(this.#timers[timer]);
    this.#socket = undefined;
    if (this.state === "closed") return;
    const asked = this.#bye;
    const final = finalCloses.get(asked?.code ?? code);
    // A session that the server no longer knows is no reason to stay out where nobody has to show a token, nor is a
    // token that has run out where the next join gets a fresh one.
    const { token } = this.#options;
    const unknown = this.#secret !== undefined && token === undefined;
    const expired = typeof token === "function" && this.#refusedTokens++ < 1;
    const stale = final === "unauthenticated" && (unknown || expired);
    if (stale && unknown) this.#secret = undefined;
    if (final && !stale) return this.#end(this.#finalError(final, asked?.reason, reason));
    if (code === 1009) {
      this.#outbox.takeLargest()?.reject(new HearthError({ code: "too_large", message: "the message is larger than the server takes" }));
    }
    this.#become(this.state === "connecting" ? "connecting" : "reconnecting");
    if (!this.#opened) {
      const refusal = await this.#refusal();
      if (this.state === "closed" || this.#socket) return;
      if (refusal) return this.#end(refusal);
    }
    this.#timers.retry = setTimeout(() => this.#open(), backoff(this.#attempt++, asked?.retry_after_ms));
  }

  /** A close frame has room for a few words; what was said right before it says more. */
  #finalError(code, told, reason) {
    const said = this.#said?.code === code ? this.#said.message : undefined;
    return new HearthError({ code, message: told || said || reason || closedError(code).message });
  }

  /** A browser does not say why an upgrade was refused; the same URL without the upgrade does. */
  async #refusal() {
    try {
      const answer = await this.#options.fetch(this.#url.replace(/^ws/, "http"), {
        signal: AbortSignal.timeout(5_000), headers: await this.#credentials(),
      });
      // The upgrade may make a room that a plain request does not find.
      const mayCome = answer.status === 404 && this.#attempt < 3;
      if (mayCome || ![401, 403, 404].includes(answer.status)) return undefined;
      const { error } = await answer.json();
      return new HearthError(error.code === "room_not_found" ? this.#nobodyMadeIt(error) : error);
    } catch {
      return undefined;
    }
  }

  /** The server says what a program would do; whoever looks at a page that was to make the room can do none of it. */
  #nobodyMadeIt(error) {
    if (this.#wanted === undefined) return error;
    const message = `there is no room "${lastStep(this.#url)}", and no page may make one here: `
      + "ask whoever runs the server for it (or for --auto-create)";
    return { ...error, message };
  }

  async #credentials() {
    const token = await this.#token();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  #retryNow() {
    if (this.state === "closed") return;
    if (this.#socket) return this.state === "live" && this.#probe(4_000);
    if (this.#bye?.retry_after_ms) return;
    this.#attempt = 0;
    this.#open();
  }

  #end(error) {
    if (this.state === "closed") return;
    const socket = this.#socket;
    this.#socket = undefined;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#unwatchPage();
    this.#claimed?.release();
    for (const event of this.#outbox.clear()) event.reject?.(error);
    this.lastError = error;
    this.#become("closed");
    this.#settleReady.reject(error);
    if (error.code !== "left") this.#emit("error", error);
    socket?.close(1000);
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#emit("state", state);
  }

  // Messages

  #receive(text) {
    this.#heard();
    const frame = JSON.parse(text);
    const changed = new Set();
    for (const message of Array.isArray(frame) ? frame : [frame]) {
      this.#handle(message, changed);
      if (this.state === "closed") return;
    }
    if (changed.size > 0) this.#emit("change", changed);
  }

  #handle(message, changed) {
    switch (message.type) {
      case "joined": return this.#joined(message, changed);
      case "commit": return this.#commit(message, changed);
      case "ephemeral":
        this.#replica.ephemeral(message.patch);
        return noteCells(message.patch, changed);
      case "sync_response": return this.#synchronised(message, changed);
      case "ack": return message.id !== undefined && this.#outbox.answered(message.id)?.resolve?.(message);
      case "error":
        if (message.code === "token_expiring") return this.#renewToken(new HearthError(message));
        return this.#refused(new HearthError(message), message.id);
      case "signal": return this.#emit("signal", message);
      case "ask": return this.#answer(message);
      case "reload":
        this.recipe = message.recipe;
        return this.#emit("reload", message.recipe);
      case "recipe_error": return this.#emit("recipe_error", message.problems);
      case "bye": this.#bye = message;
    }
  }

  #joined(message, changed) {
    this.recipe = message.recipe;
    if (this.#wanted !== undefined && message.recipe.name !== this.#wanted) return this.#mistaken(message);
    this.session = message.session;
    this.you = message.you;
    this.#refusedTokens = 0;
    this.#secret = message.resume ?? this.#secret;
    this.#held.clear();
    if (message.cells) this.#replaceCells(message, changed);
    else if (this.#replica.seq < 0 || this.#replica.epoch !== message.epoch) this.#synchronise();
    const { send, lost } = this.#outbox.joined(message.last_event ?? 0, message.resumed === true);
    for (const event of lost) this.#reject(event, closedError("session_lost"));
    this.#remember();
    this.#claim(this.#secret);
    this.#timers.stable = setTimeout(() => (this.#attempt = 0), stableAfter);
    this.#become("live");
    for (const event of send) this.#sendEvent(event);
    for (const [cell, value] of this.#own) this.set(cell, value);
    this.#settleReady.resolve(this);
  }

  /** All rooms have one namespace: this name is taken by a room of another kind, whose state the page could not read. */
  #mistaken({ room, recipe }) {
    const error = {
      code: "recipe_mismatch",
      message: `room "${room}" runs the recipe "${recipe.name}", not "${this.#wanted}"; choose another name for the room (in the address)`,
      details: { room, recipe: recipe.name, wanted: this.#wanted },
    };
    this.#depart(new HearthError(error));
  }

  #commit(message, changed) {
    if (this.#held.size > 0) return this.#held.set(message.seq, message);
    const outcome = this.#replica.commit(message.seq, message.patch);
    if (outcome === "applied") {
      noteCells(message.patch, changed);
      this.#emit("commit", message);
    } else if (outcome === "gap") {
      this.#held.set(message.seq, message);
      this.#synchronise();
    }
  }

  #synchronise() { this.#post({ type: "sync_request" }); }

  #synchronised(message, changed) {
    this.participants = message.participants;
    this.#replaceCells(message, changed);
    const held = [...this.#held.values()].sort((a, b) => a.seq - b.seq);
    this.#held.clear();
    for (const commit of held) this.#commit(commit, changed);
  }

  #replaceCells({ cells, seq, epoch }, changed) {
    for (const id of [...Object.keys(this.#replica.raw), ...Object.keys(cells)]) changed.add(id);
    this.#replica.reset(cells, seq, epoch);
  }

  #refused(error, id) {
    if (id === undefined) this.#said = error;
    this.#reject(id === undefined ? undefined : this.#outbox.answered(id), error);
  }

  /** An event that was sent before a page reload has nobody left who waits for it. */
  #reject(event, error) {
    if (event?.reject) event.reject(error);
    else this.#emit("error", error);
  }

  /** A question comes again after a reconnection; whoever is being asked is asked once. */
  async #answer({ ask, name, data }) {
    if (this.#asked.has(ask)) return;
    this.#asked.add(ask);
    try {
      for (const listener of this.#listeners.get("ask") ?? []) {
        const answer = await listener(name, data);
        if (answer !== undefined) return this.#post({ type: "answer", ask, data: answer });
      }
    } finally {
      this.#asked.delete(ask);
    }
  }

  #emit(event, detail) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try { listener(detail); } catch (error) { queueMicrotask(() => { throw error; }); }
    }
  }

  // Over a page reload: the session's secret from the moment it is known, unanswered events when the page goes.

  #key() { return `hearth:${this.#url}`; }

  async #restore() {
    try {
      const kept = JSON.parse(this.#options.storage?.getItem(this.#key()) ?? "null");
      if (typeof kept?.resume !== "string" || !(await this.#claim(kept.resume))) return;
      this.#secret = kept.resume;
      for (const event of kept.outbox ?? []) this.#outbox.restore(event);
    } catch { /* no storage, or not ours: a new session */ }
  }

  /**
   * A duplicated tab has a copy of the storage. The one that holds the lock has the session; the other begins its own.
   * The wait is for a page that is being reloaded, whose lock is about to be let go.
   */
  #claim(secret) {
    const { locks } = this.#options;
    if (!locks || this.#claimed?.secret === secret) return Promise.resolve(true);
    this.#claimed?.release();
    return new Promise((settle) => {
      const hold = () => new Promise((release) => {
        this.#claimed = { secret, release };
        settle(true);
      });
      locks.request(`hearth:${secret}`, { signal: AbortSignal.timeout(700) }, hold).catch(() => settle(false));
    });
  }

  #remember(outbox = []) {
    try {
      if (this.#secret) this.#options.storage?.setItem(this.#key(), JSON.stringify({ resume: this.#secret, outbox }));
    } catch { /* storage full or forbidden: the session then ends with the page */ }
  }

  #forget() {
    try { this.#options.storage?.removeItem(this.#key()); } catch { /* nothing kept */ }
  }

  // The page tells when it is worth trying again.

  #retry = () => this.#retryNow();
  #seen = () => { if (globalThis.document?.visibilityState === "visible") this.#retryNow(); };
  #hidden = () => { if (this.state !== "closed") this.#remember(this.#outbox.unanswered); };

  #watchPage() {
    globalThis.addEventListener?.("online", this.#retry);
    globalThis.addEventListener?.("pagehide", this.#hidden);
    globalThis.document?.addEventListener("visibilitychange", this.#seen);
  }

  #unwatchPage() {
    globalThis.removeEventListener?.("online", this.#retry);
    globalThis.removeEventListener?.("pagehide", this.#hidden);
    globalThis.document?.removeEventListener("visibilitychange", this.#seen);
  }
}

const lastStep = (url) => decodeURIComponent(new URL(url).pathname.split("/").at(-1));

function noteCells(patch, changed) {
  for (const { path } of patch) changed.add(parsePointer(path)[0]);
}

function closedError(code) {
  const messages = {
    left: "the room was left",
    replaced: "another page goes on with this session",
    session_lost: "the session ended while this event was under way; it may or may not have been committed",
    room_closed: "the room was closed",
  };
  return new HearthError({ code, message: messages[code] ?? "the connection was closed", retryable: code === "session_lost" });
}

/**
 * Enters a room.
 * @param {string | import("./hearth.js").ConnectOptions} where a URL, or `{ room, recipe, ... }`
 * @param {import("./hearth.js").ConnectOptions} [options]
 * @returns {Room}
 */
export function connect(where, options = {}) {
  const given = typeof where === "string" ? { ...options, url: where } : { ...where, ...options };
  const url = new URL(given.url ?? `/rooms/${encodeURIComponent(given.room)}`, given.origin ?? globalThis.location?.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  if (given.recipe) url.searchParams.set("recipe", given.recipe);
  return new Room(url.href, {
    WebSocket: globalThis.WebSocket,
    fetch: (...request) => globalThis.fetch(...request),
    locks: globalThis.navigator?.locks,
    ...given,
    storage: given.storage === undefined ? sessionStorageOrNone() : given.storage,
  });
}

function sessionStorageOrNone() {
  try { return globalThis.sessionStorage; } catch { return undefined; }
}
