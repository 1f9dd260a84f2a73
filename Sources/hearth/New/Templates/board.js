const columns = ["todo", "doing", "done"];

function button(label, title, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = label;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", action);
  return made;
}

function cardOf(card) {
  const place = columns.indexOf(card.column);
  const row = document.createElement("li");
  row.appendChild(document.createElement("span")).textContent = card.text;
  row.appendChild(document.createElement("small")).textContent = card.by?.name ?? "somebody";
  const moves = row.appendChild(document.createElement("div"));
  moves.className = "moves";
  for (const [label, to, title] of [["←", columns[place - 1], "back"], ["→", columns[place + 1], "on"]]) {
    if (to) moves.append(button(label, `Move ${card.text} ${title}`, () => send("move", { id: card.id, column: to })));
  }
  moves.append(button("×", `Remove ${card.text}`, () => send("remove", { id: card.id })));
  return row;
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  send("add", { text: byId("text").value });
  byId("text").value = "";
});

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  send("rename", { name: byId("name").value });
});

room.on("change", () => {
  for (const name of columns) byId(name).replaceChildren(...(room.cells.columns?.[name] ?? []).map(cardOf));
  byId("left").textContent = `${room.cells.left ?? 0} left.`;
});
