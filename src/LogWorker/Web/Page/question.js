import { byId, el, fill } from "./dom.js";

/** Asks before what cannot be taken back. @returns true only when the button with this word was pressed. */
export function ask(title, sentences, word) {
  const dialog = byId("question");
  return new Promise(resolve => {
    const cancel = el("button", { type: "button", autofocus: true, onclick: () => dialog.close("") }, "Cancel");
    fill(
      dialog,
      el("h2", { id: "question-title" }, title),
      ...sentences.filter(Boolean).map(sentence => el("p", {}, sentence)),
      el(
        "div",
        { class: "buttons" },
        cancel,
        el("button", { type: "button", class: "danger solid", onclick: () => dialog.close("yes") }, word),
      ),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    cancel.focus();
  });
}
