import { setToken } from "./api.js";
import { byId, el, fill } from "./dom.js";

/** Asks for the token. @param isWrong one was sent, and not accepted. */
export function login(isWrong, onGiven) {
  const dialog = byId("login");
  const box = el("input", {
    type: "password",
    id: "token",
    autocomplete: "current-password",
    required: true,
    "aria-describedby": "login-note",
  });
  const form = el(
    "form",
    {
      onsubmit: event => {
        event.preventDefault();
        setToken(box.value.trim());
        dialog.close();
        onGiven();
      },
    },
    el("h2", { id: "login-title" }, isWrong ? "This token was not accepted" : "This worker asks for a token"),
    el("label", { for: "token" }, "Token"),
    box,
    el(
      "p",
      { class: "note", id: "login-note" },
      "It is the value of LOG_HTTP_TOKEN on the worker's host. It stays in this tab.",
    ),
    el("div", { class: "buttons" }, el("button", { type: "submit", class: "solid" }, "Continue")),
  );
  fill(dialog, form);
  dialog.addEventListener("cancel", event => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  box.focus();
}
