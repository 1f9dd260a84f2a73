const fields = [...document.querySelectorAll("#form input")];

function others(name) {
  const own = room.own("editing");
  return Object.keys(room.cells)
    .filter((id) => id.startsWith("editing@") && id !== own && room.cells[id] === name)
    .map((id) => room.cells[id.replace("editing", "user")]?.name ?? "somebody");
}

for (const input of fields) {
  input.addEventListener("focus", () => room.set("editing", input.name));
  input.addEventListener("blur", () => room.set("editing", ""));
  input.addEventListener("change", () => send("fill", { field: input.name, value: input.value }));
}
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send("submit", {});
});
byId("reopen").addEventListener("click", () => send("reopen", {}));

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  send("rename", { name: byId("name").value });
});

room.on("change", () => {
  const { answers = {}, filled = 0, is_sent: isSent = false } = room.cells;
  for (const input of fields) {
    const answer = answers[input.name];
    // Whoever is in the field keeps what they have written so far.
    if (document.activeElement !== input) input.value = answer?.value ?? "";
    input.disabled = isSent;
    const here = others(input.name);
    input.nextElementSibling.textContent =
      here.length > 0 ? `${here.join(", ")} is here …` : answer ? `by ${answer.by?.name ?? "somebody"}` : "";
  }
  byId("filled").textContent = isSent ? "Sent." : `${filled} of ${fields.length} filled in.`;
  byId("submit").hidden = isSent;
  byId("reopen").hidden = !isSent;
});
