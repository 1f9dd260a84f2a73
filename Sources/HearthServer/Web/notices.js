/**
 * Says in a corner of the page that the room runs another version of its recipe; and, where the server is one for authors
 * (`hearth dev`), what is wrong with what was just saved.
 *
 *     import { showNotices } from "/notices.js";
 *     showNotices(room);
 */

/** How long the news of a version is shown. */
const shownMs = 4_000;

function line(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {import("./hearth.js").Room} room */
export function showNotices(room) {
  const place = document.createElement("div");
  place.className = "notices";
  place.setAttribute("role", "status");
  document.body.append(place);
  let fades;

  function show(kind, ...children) {
    clearTimeout(fades);
    const notice = document.createElement("div");
    notice.className = `recipe-notice ${kind}`;
    notice.append(...children);
    place.replaceChildren(notice);
  }

  room.on("reload", (recipe) => {
    show("news", line("title", `${recipe.name}: now version ${recipe.version}`));
    fades = setTimeout(() => place.replaceChildren(), shownMs);
  });

  room.on("recipe_error", (problems) => {
    if (problems.length === 0) return place.querySelector(".broken")?.remove();
    const parts = [line("title", "The recipe was saved with an error; the room goes on with the version before it.")];
    for (const problem of problems.slice(0, 5)) {
      parts.push(line("place", `${problem.file}${problem.line ? `:${problem.line}` : ""}: ${problem.message}`));
      if (problem.source) parts.push(line("source", problem.source.trim()));
    }
    show("broken", ...parts);
  });

  return { remove: () => place.remove() };
}
