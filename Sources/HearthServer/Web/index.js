// The index page: which recipes there are, which rooms, and a way into one.

const byId = (id) => document.getElementById(id);
const pageOf = (recipe, room) => `/r/${encodeURIComponent(recipe)}/${encodeURIComponent(room)}`;
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
/** What the recipes that have a page say of themselves. */
const about = new Map();
let after;

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error?.message ?? answer.statusText), { status: answer.status });
  return body;
}

function showAbout() {
  byId("about").textContent = about.get(byId("recipe").value) ?? "";
}

async function showRecipes() {
  const { recipes } = await get("/recipes");
  for (const recipe of recipes.filter(({ page }) => page)) {
    about.set(recipe.name, recipe.about);
    byId("recipe").append(new Option(recipe.name));
  }
  if (about.has("chat")) byId("recipe").value = "chat";
  showAbout();
}

function roomItem({ id, recipe, updated_at: updated }) {
  const link = document.createElement("a");
  if (about.has(recipe)) link.href = pageOf(recipe, id);
  const title = document.createElement("strong");
  title.textContent = id;
  const kind = Object.assign(document.createElement("span"), { className: "recipe", textContent: recipe });
  link.append(title, kind);
  if (updated) {
    const at = new Date(updated);
    link.append(Object.assign(document.createElement("time"), { dateTime: at.toISOString(), textContent: dateAndClock.format(at) }));
  }
  const item = document.createElement("li");
  item.append(link);
  return item;
}

async function showRooms() {
  const { rooms, next } = await get(`/rooms?limit=50${after === undefined ? "" : `&after=${encodeURIComponent(after)}`}`);
  byId("rooms").append(...rooms.map(roomItem));
  byId("none").hidden = byId("rooms").childElementCount > 0;
  after = next ?? undefined;
  byId("more").hidden = after === undefined;
}

async function show(...parts) {
  const connection = byId("connection");
  try {
    for (const part of parts) await part();
    connection.dataset.state = "live";
    connection.textContent = "Online";
    byId("problem").hidden = true;
  } catch (error) {
    const wantsToken = error.status === 401;
    connection.dataset.state = "closed";
    connection.textContent = wantsToken ? "Closed" : "Offline";
    byId("problem").textContent = wantsToken
      ? "This server asks everybody for a token, and this page has no sign-in. Use the pages of whoever runs it."
      : `The server did not answer: ${error.message}`;
    byId("problem").hidden = false;
    if (wantsToken) for (const part of document.querySelectorAll("#open, section")) part.hidden = true;
  }
}

byId("name").value = `room-${Math.random().toString(36).slice(2, 7)}`;
byId("recipe").addEventListener("change", showAbout);
byId("more").addEventListener("click", () => show(showRooms));
byId("open").addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign(pageOf(byId("recipe").value, byId("name").value.trim()));
});
show(showRecipes, showRooms);
