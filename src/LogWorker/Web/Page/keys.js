import { byId, el, fill } from "./dom.js";
import { clearFilter, toggleLevel, togglePause } from "./tail.js";
import { LEVELS } from "./tailStore.js";
import { nextTheme } from "./theme.js";

const sheet = [
  ["/", "Filter the tail by text"],
  ["p", "Pause the tail, or go on"],
  ["1 – 6", "Show trace, debug, info, warning, error, fatal; again: no longer"],
  ["0", "Clear all filters of the tail"],
  ["↑ ↓", "In the tail: choose a record; Enter opens it"],
  ["End", "In the tail: the newest, and follow"],
  ["d", "Search dead letters"],
  ["t", "Theme: system, light, dark"],
  ["?", "This sheet"],
  ["Esc", "Close, or leave a field"],
];

export function startKeys() {
  byId("help").addEventListener("click", open);
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!act(event.key)) return;
    event.preventDefault();
  });
}

function act(key) {
  if (key === "?") open();
  else if (key === "/") focus("tail-text");
  else if (key === "d") focus("letters-search");
  else if (key === "p") togglePause();
  else if (key === "t") nextTheme();
  else if (key === "0") clearFilter();
  else if (key >= "1" && key <= "6") toggleLevel(LEVELS[key - 1]);
  else return false;
  return true;
}

function focus(id) {
  byId(id).focus();
  byId(id).select();
}

function open() {
  const dialog = byId("keys");
  fill(
    dialog,
    el(
      "header",
      {},
      el("h2", { id: "keys-title" }, "Keyboard"),
      el("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
    ),
    el(
      "dl",
      { class: "sheet" },
      sheet.map(([keys, does]) => [
        el(
          "dt",
          {},
          keys.split(" ").map(key => (key === "–" ? key : el("kbd", {}, key))),
        ),
        el("dd", {}, does),
      ]),
    ),
  );
  dialog.showModal();
}
