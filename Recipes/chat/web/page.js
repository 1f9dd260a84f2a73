import { connect } from "/hearth.js";
import { showNotices } from "/notices.js";

const byId = (id) => document.getElementById(id);
const roomId = decodeURIComponent(location.pathname.split("/")[3] ?? "lobby");
const nameKey = "hearth:name";

const room = connect({
  room: roomId,
  recipe: "chat",
  name: localStorage.getItem(nameKey) ?? undefined,
  // What the page shows; the users come along because these link to them.
  state: ["recent", "count", "here", "typing"],
});
showNotices(room);

document.title = `${roomId} · Hearth`;
byId("room").textContent = roomId;

// MARK: Connection

const words = { connecting: "Connecting…", live: "Connected", reconnecting: "Reconnecting…", closed: "Closed" };

function showState() {
  const connection = byId("connection");
  connection.dataset.state = room.state;
  connection.textContent = words[room.state];
  if (room.state !== "closed") return;
  // Entering again would lead to the same room.
  if (room.lastError.code === "recipe_mismatch") showProblem(room.lastError.message);
  else showProblem(`${room.lastError.message}.`, "Enter again", () => location.reload());
}

function showProblem(message, action, act) {
  const problem = byId("problem");
  problem.replaceChildren(message);
  if (action) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "link", textContent: action, onclick: act });
    problem.append(button);
  }
  problem.hidden = false;
}

// MARK: Messages

/** Elements by the message's number in the room, so that a window that moves on keeps what it still shows. */
const shown = new Map();
const scroll = byId("scroll");
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
let atEnd = true;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function paint(avatar, id, name) {
  let hue = 0;
  for (const character of id) hue = (hue * 31 + character.charCodeAt(0)) % 360;
  avatar.style.setProperty("--hue", String(hue));
  setText(avatar, [...name][0]?.toUpperCase() ?? "?");
}

function makeAvatar() {
  const avatar = element("span", "avatar");
  avatar.setAttribute("aria-hidden", "true");
  return avatar;
}

function makeMessage(className = "message") {
  return element("li", className,
    makeAvatar(),
    element("p", "meta", element("span", "author"), document.createElement("time")),
    element("p", "text"));
}

function fillMessage(item, message, author, follows) {
  const name = message.author?.name ?? "Someone who left";
  item.classList.toggle("mine", author === `${room.own("user")}#`);
  item.classList.toggle("follows", follows);
  paint(item.querySelector(".avatar"), author, name);
  setText(item.querySelector(".author"), name);
  setText(item.querySelector(".text"), message.text);
  const time = item.querySelector("time");
  const at = new Date(message.at);
  if (time.dateTime !== at.toISOString()) {
    time.dateTime = at.toISOString();
    time.title = dateAndClock.format(at);
    time.textContent = clock.format(at);
  }
}

function showMessages() {
  const recent = room.cells.recent ?? [];
  const raw = room.raw.recent ?? [];
  const count = room.cells.count ?? recent.length;
  const first = count - recent.length;
  const list = byId("messages");

  for (const [number, item] of shown) {
    if (number >= first && number < count) continue;
    item.remove();
    shown.delete(number);
  }
  recent.forEach((message, index) => {
    const number = first + index;
    const author = raw[index].author?.$ref ?? "";
    const before = raw[index - 1];
    const follows = before !== undefined && before.author?.$ref === author && message.at - before.at < 300_000;
    if (!shown.has(number)) {
      shown.set(number, makeMessage());
      // New messages come at the end, but a fresh snapshot may bring older ones.
      const next = [...shown.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
      list.insertBefore(shown.get(number), shown.get(next) ?? null);
    }
    fillMessage(shown.get(number), message, author, follows);
  });

  byId("earlier").hidden = first <= 0;
  setText(byId("earlier"), `${first} earlier message${first === 1 ? " is" : "s are"} kept in the room.`);
  byId("empty").hidden = room.state !== "live" || count > 0;
}

function scrollToEnd() {
  scroll.scrollTop = scroll.scrollHeight;
  byId("latest").hidden = true;
}

scroll.addEventListener("scroll", () => {
  atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  if (atEnd) byId("latest").hidden = true;
});
new ResizeObserver(() => { if (atEnd) scrollToEnd(); }).observe(scroll);
byId("latest").addEventListener("click", scrollToEnd);

// MARK: People

function showPeople() {
  const here = Object.entries(room.cells.here ?? {}).map(([session, user]) => [session, user?.name ?? "Guest"]);
  here.sort(([, a], [, b]) => a.localeCompare(b));
  byId("here").replaceChildren(...here.map(([session, name]) => {
    const avatar = makeAvatar();
    paint(avatar, `user@${session}#`, name);
    return element("li", "", avatar, session === room.session ? `${name} (you)` : name);
  }));
  setText(byId("here-count"), String(here.length));
  setText(byId("me"), ownName());
}

function ownName() {
  return room.cells.here?.[room.session]?.name ?? localStorage.getItem(nameKey) ?? "Guest";
}

function showTyping() {
  const names = Object.keys(room.raw)
    .filter((id) => id.startsWith("typing@") && room.raw[id] === true && id !== room.own("typing"))
    .map((id) => room.cells.here?.[id.slice("typing@".length)]?.name)
    .filter((name) => name);
  const who = names.length > 3 ? "Several people" : names.join(names.length > 2 ? ", " : " and ");
  setText(byId("typing"), names.length === 0 ? "" : `${who} ${names.length === 1 ? "is" : "are"} typing…`);
}

// MARK: Writing

const text = byId("text");
let quietTimer;
let isTyping = false;

function setTyping(typing) {
  clearTimeout(quietTimer);
  if (typing) quietTimer = setTimeout(() => setTyping(false), 4_000);
  if (isTyping !== typing) room.set("typing", typing);
  isTyping = typing;
}

async function say(words) {
  const item = makeMessage("message mine pending follows");
  setText(item.querySelector(".text"), words);
  const slow = setTimeout(() => {
    item.classList.remove("follows");
    setText(item.querySelector(".author"), "sending…");
  }, 600);
  byId("pending").append(item);
  scrollToEnd();
  try {
    await room.send("send", { text: words });
    byId("problem").hidden = true;
  } catch (error) {
    showProblem(`Not sent: ${error.message}.`, "Try again", () => {
      byId("problem").hidden = true;
      say(words);
    });
  } finally {
    clearTimeout(slow);
    item.remove();
  }
}

byId("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words === "") return;
  text.value = "";
  setTyping(false);
  say(words);
});

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("compose").requestSubmit();
});
text.addEventListener("input", () => setTyping(text.value !== ""));
text.addEventListener("blur", () => setTyping(false));

byId("rename").addEventListener("click", () => {
  byId("name").value = ownName();
  byId("name-dialog").showModal();
  byId("name").select();
});
byId("name-cancel").addEventListener("click", () => byId("name-dialog").close());
byId("name-form").addEventListener("submit", async () => {
  const name = byId("name").value.trim();
  if (name === "") return;
  localStorage.setItem(nameKey, name);
  try {
    await room.send("rename", { name });
  } catch (error) {
    showProblem(`Not renamed: ${error.message}.`);
  }
});

// MARK: Drawing

function draw() {
  const before = shown.size === 0 ? -1 : Math.max(...shown.keys());
  showMessages();
  showPeople();
  showTyping();
  const news = shown.size > 0 && Math.max(...shown.keys()) > before;
  if (atEnd) scrollToEnd();
  else if (news) byId("latest").hidden = false;
}

room.on("change", draw);
room.on("state", () => {
  showState();
  draw();
});
room.on("error", (error) => { if (room.state !== "closed") showProblem(error.message); });
