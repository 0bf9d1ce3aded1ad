import { byId } from "./dom.js";

const themes = ["system", "light", "dark"];
const signs = { system: "◐", light: "☀", dark: "☾" };
const listeners = [];

export function whenThemeChanges(listener) {
  listeners.push(listener);
}

export function startTheme() {
  byId("theme").addEventListener("click", nextTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  show();
}

export function nextTheme() {
  const next = themes[(themes.indexOf(current()) + 1) % themes.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // Storage is off: it holds until the page is left.
  }
  show();
  tell();
}

/** A colour of the style sheet as a canvas takes it. */
export function colour(name) {
  const probe = byId("theme");
  const before = probe.style.color;
  probe.style.color = `var(${name})`;
  const value = getComputedStyle(probe).color;
  probe.style.color = before;
  return value;
}

const current = () => document.documentElement.dataset.theme ?? "system";

function show() {
  const name = current() === "system" ? "as the system" : current();
  const button = byId("theme");
  button.setAttribute("aria-label", `Theme: ${name}`);
  button.title = `Theme: ${name} (t)`;
  button.firstElementChild.textContent = signs[current()];
}

function tell() {
  for (const listener of listeners) listener();
}
