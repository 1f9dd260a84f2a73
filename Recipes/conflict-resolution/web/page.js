import { connect } from "/hearth.js";
import { showNotices } from "/notices.js";

const fields = {
  place: ["Place", ["Lisbon", "Kraków", "Ghent", "Bergen"]],
  month: ["Month", ["May", "June", "September", "October"]],
  travel: ["Getting there", ["Train", "Plane", "Car", "Bicycle"]],
  stay: ["Staying", ["Hotel", "Flat", "Camping", "With friends"]],
};

const byId = (id) => document.getElementById(id);
const roomId = decodeURIComponent(location.pathname.split("/")[3] ?? "lobby");
const words = { connecting: "Connecting…", live: "Connected", reconnecting: "Reconnecting…", closed: "Closed" };
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const room = connect({ room: roomId, recipe: "conflict-resolution" });
showNotices(room);

document.title = `${roomId} · Hearth`;
byId("room").textContent = roomId;
byId("name").value = localStorage.getItem("hearth:name") ?? "";

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const me = () => room.cells.participants?.[room.you?.id];
const nameOf = (id) => room.cells.names?.[id] ?? "someone";

function showProblem(message = "") {
  byId("problem").hidden = message === "";
  byId("problem").textContent = message;
}

async function attempt(name, data) {
  try {
    await room.send(name, data);
    showProblem();
  } catch (error) {
    showProblem(`That did not go through: ${error.message}.`);
  }
}

// MARK: The form

function makeField(field, label, options) {
  const choices = options.map((value) => element("label", {},
    element("input", { type: "radio", name: field, value, onchange: () => choose(field, value) }), value));
  return element("fieldset", { className: "card", id: `field-${field}` },
    element("legend", { textContent: label }),
    element("div", { className: "options" }, ...choices),
    element("p", { className: "who" }),
    element("p", { className: "notice clash", hidden: true }));
}

/** The choice is refused if somebody has chosen in the meantime: then the person decides, not the network. */
async function choose(field, value, { strict = true } = {}) {
  const clash = byId(`field-${field}`).querySelector(".clash");
  clash.hidden = true;
  try {
    await room.send("select", { field, value }, { strict });
    showProblem();
  } catch (error) {
    if (error.code === "conflict") showClash(clash, field, value);
    else showProblem(`“${value}” was not chosen: ${error.message}.`);
  }
  draw();
}

function showClash(clash, field, value) {
  const theirs = room.cells.selections?.[field];
  if (!theirs || theirs.value === value) return;
  const message = `${nameOf(theirs.userId)} has just chosen ${theirs.value}. `;
  const override = element("button", {
    type: "button", className: "link", textContent: `Choose ${value} all the same`,
    onclick: () => choose(field, value, { strict: false }),
  });
  clash.replaceChildren(message, override);
  clash.hidden = false;
  byId("news").textContent = message;
}

function showField(field) {
  const set = byId(`field-${field}`);
  const selection = room.cells.selections?.[field];
  set.disabled = room.state === "closed" || !me();
  for (const input of set.querySelectorAll("input")) input.checked = input.value === selection?.value;
  const mine = selection?.userId === room.you?.id;
  set.querySelector(".who").textContent = selection
    ? `${mine ? "You" : nameOf(selection.userId)} chose ${selection.value} at ${clock.format(new Date(selection.timestamp))}`
    : "Not chosen yet";
}

// MARK: Participants

function showParticipants() {
  const participants = Object.values(room.cells.participants ?? {});
  participants.sort((a, b) => a.name.localeCompare(b.name));
  const ready = participants.filter((participant) => participant.isReady).length;
  byId("participants").replaceChildren(...participants.map(({ id, name, isReady }) => element("li", {},
    element("span", { textContent: id === room.you?.id ? `${name} (you)` : name }),
    element("span", { className: isReady ? "mark ready" : "mark", textContent: isReady ? "✓ ready" : "choosing" }))));
  const progress = participants.length === 0 ? "Nobody yet" : `${ready} of ${participants.length} ready`;
  if (byId("progress").textContent !== progress) byId("progress").textContent = progress;

  byId("ready").hidden = !me();
  byId("ready").setAttribute("aria-pressed", String(me()?.isReady === true));
  byId("ready").textContent = me()?.isReady ? "✓ I am ready" : "I am ready";
}

function draw() {
  byId("join").hidden = room.seq < 0 || Boolean(me());
  for (const field of Object.keys(fields)) showField(field);
  showParticipants();
}

for (const [field, [label, options]] of Object.entries(fields)) byId("fields").append(makeField(field, label, options));

byId("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name === "") return;
  localStorage.setItem("hearth:name", name);
  attempt("join_form", { name });
});
byId("ready").addEventListener("click", () => attempt("ready", { isReady: me()?.isReady !== true }));
byId("fields").addEventListener("submit", (event) => event.preventDefault());

room.on("change", draw);
room.on("error", (error) => showProblem(error.message));
room.on("state", (state) => {
  byId("connection").dataset.state = state;
  byId("connection").textContent = words[state];
  draw();
});
draw();
