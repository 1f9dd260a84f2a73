function line(item, index) {
  const row = document.createElement("li");
  const label = row.appendChild(document.createElement("label"));
  const box = label.appendChild(document.createElement("input"));
  box.type = "checkbox";
  box.checked = item.done;
  box.addEventListener("change", () => send("tick", { index: index + 1 }));
  label.appendChild(document.createElement("span")).textContent = item.text;
  label.appendChild(document.createElement("small")).textContent = item.by?.name ?? "somebody";
  return row;
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  send("add", { text: byId("text").value });
  byId("text").value = "";
});
byId("clear").addEventListener("click", () => send("clear", {}));
byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  send("rename", { name: byId("name").value });
});

room.on("change", () => {
  byId("items").replaceChildren(...(room.cells.items ?? []).map(line));
  byId("left").textContent = `${room.cells.left ?? 0} left.`;
});
