import { connect } from "/hearth.js";
import { showNotices } from "/notices.js";

const byId = (id) => document.getElementById(id);
const roomId = decodeURIComponent(location.pathname.split("/")[3] ?? "home");
const words = { connecting: "Connecting…", live: "Connected", reconnecting: "Reconnecting…", closed: "Closed" };
const room = connect({ room: roomId, recipe: "RECIPE_NAME" });
showNotices(room);

document.title = byId("room").textContent = roomId;

function showProblem(message = "") {
  byId("problem").hidden = message === "";
  byId("problem").textContent = message;
}

async function send(name, data) {
  try {
    await room.send(name, data);
    showProblem();
  } catch (error) {
    showProblem(error.message);
  }
}

room.on("error", (error) => showProblem(error.message));
room.on("state", (state) => {
  byId("connection").dataset.state = state;
  byId("connection").textContent = words[state];
});

// What this page shows and does.
