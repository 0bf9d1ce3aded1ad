// Elements are made here and nowhere else. What comes from outside is text: no function takes markup.

/** @param attributes class, data-*, aria-*, on… (listeners), or properties of the element. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key.includes("-") || key === "role" || key === "for" || key === "colspan" || key === "scope")
      element.setAttribute(key, value);
    else element[key] = value;
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export const byId = id => document.getElementById(id);

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

let isPressed = false;
for (const name of ["pointerdown", "pointerup", "pointercancel", "pointermove"])
  document.addEventListener(name, event => (isPressed = event.buttons !== 0), { capture: true, passive: true });

/**
 * Fills an element anew when what it shows has changed: not under a finger or a selection, and the focus stays where it was.
 * @param shown what it shows; @param build makes the children. Buttons that may keep the focus have a data-key.
 */
export function refill(element, shown, build) {
  const text = JSON.stringify(shown);
  if (element.shown === text || isPressed || holdsSelection(element)) return;
  element.shown = text;
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  fill(element, ...[build()].flat());
  if (key !== undefined)
    [...element.querySelectorAll("[data-key]")].find(one => one.dataset.key === key)?.focus({ preventScroll: true });
}

function holdsSelection(element) {
  const selection = getSelection();
  return !selection.isCollapsed && element.contains(selection.anchorNode);
}

/** Sets a text only if it changed, so that a selection in it survives. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What stands where there is nothing to show: what is so, and the next step. */
export const empty = (what, next) =>
  el("div", { class: "empty" }, el("strong", {}, what), next ? el("p", {}, ...commands(next)) : null);

/** A sentence in which `…` is a command or a name. */
export const commands = sentence => sentence.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

/** Only links that a browser opens as pages; anything else stays text. */
export function link(url, text) {
  let target = null;
  try {
    target = new URL(url, location.href);
  } catch {
    // Not an address.
  }
  return target && (target.protocol === "http:" || target.protocol === "https:")
    ? el("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, text)
    : el("span", {}, text);
}

export function toast(text, isBad = false) {
  const note = el("div", { class: isBad ? "toast bad" : "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), isBad ? 10000 : 5000);
  while (byId("toasts").children.length > 4) byId("toasts").firstChild.remove();
}
