import { connect } from "/hearth.js";
import { showNotices } from "/notices.js";

const byId = (id) => document.getElementById(id);
const roomId = decodeURIComponent(location.pathname.split("/")[3] ?? "lobby");
const words = { connecting: "Connecting…", live: "Connected", reconnecting: "Reconnecting…", closed: "Closed" };
const room = connect({ room: roomId, recipe: "counter" });
showNotices(room);

document.title = `${roomId} · Hearth`;
byId("room").textContent = roomId;

function showProblem(message = "") {
  byId("problem").hidden = message === "";
  byId("problem").textContent = message;
}

for (const name of ["increment", "decrement", "reset"]) {
  byId(name).addEventListener("click", async () => {
    try {
      await room.send(name, {});
      showProblem();
    } catch (error) {
      showProblem(`Not counted: ${error.message}.`);
    }
  });
}

room.on("change", () => { byId("count").textContent = room.cells.count ?? "–"; });
room.on("error", (error) => showProblem(error.message));
room.on("state", (state) => {
  byId("connection").dataset.state = state;
  byId("connection").textContent = words[state];
});
