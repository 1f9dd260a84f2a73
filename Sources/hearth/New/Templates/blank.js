byId("write").addEventListener("submit", (event) => {
  event.preventDefault();
  send("write", { note: byId("note").value });
});

room.on("change", () => {
  // Whoever is writing keeps what they have written so far.
  if (document.activeElement !== byId("note")) byId("note").value = room.cells.note ?? "";
});
