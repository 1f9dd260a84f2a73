function line(message) {
  const row = document.createElement("li");
  row.appendChild(document.createElement("strong")).textContent = message.author?.name ?? "somebody";
  row.appendChild(document.createElement("span")).textContent = message.text;
  return row;
}

function typists() {
  const own = room.own("typing");
  return Object.keys(room.cells)
    .filter((id) => id.startsWith("typing@") && id !== own && room.cells[id])
    .map((id) => room.cells[id.replace("typing", "user")]?.name ?? "somebody");
}

byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  send("say", { text: byId("text").value });
  byId("text").value = "";
  room.set("typing", false);
});
byId("text").addEventListener("input", () => room.set("typing", byId("text").value !== ""));
byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  send("rename", { name: byId("name").value });
});

room.on("change", () => {
  byId("messages").replaceChildren(...(room.cells.recent ?? []).map(line));
  byId("messages").scrollTop = byId("messages").scrollHeight;
  const names = typists();
  byId("typing").textContent = names.length > 0 ? `${names.join(", ")} …` : "";
});
