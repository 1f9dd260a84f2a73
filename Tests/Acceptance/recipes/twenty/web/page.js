// For tests: the room is `window.room`, and what went wrong is kept over reloads.
import { connect } from "/hearth.js";

const room = connect({
  room: location.pathname.split("/")[3],
  recipe: "twenty",
  name: localStorage.getItem("hearth:name") ?? undefined,
});
const note = (error) => {
  const noted = JSON.parse(sessionStorage.getItem("errors") ?? "[]");
  sessionStorage.setItem("errors", JSON.stringify([...noted, `${error.code}: ${error.message}`]));
};
room.on("error", note);

/** Sends an event; whether it was acknowledged. */
globalThis.burst = async (event) => {
  try {
    await room.send("burst", { event });
    return true;
  } catch (error) {
    note(error);
    return false;
  }
};

/**
 * Every message as it shows (its event, its number, its author's name), once there are `count` of them and each has its
 * author's name: the events take turns between two authors.
 */
globalThis.shown = ([count, authors]) => new Promise((resolve) => {
  const look = () => {
    if (room.cells.messages?.length !== count) return;
    const messages = room.cells.messages.map(({ event, number, author }) => [event, number, author?.name ?? null]);
    if (messages.every(([event, , author]) => author === authors[event % 2])) resolve(messages);
  };
  room.on("change", look);
  look();
});
globalThis.room = room;
