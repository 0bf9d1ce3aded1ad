// One record, whole.
import { byId, el, fill, link, toast } from "./dom.js";
import { temporalLink } from "./temporalUi.js";

// What stands in the head; anything else is a property of the event.
const OWN = new Set([
  "@t",
  "@mt",
  "@m",
  "@l",
  "@x",
  "@i",
  "@r",
  "@tr",
  "@sp",
  "level",
  "channel",
  "source",
  "instance",
  "seq",
  "message",
  "batch",
]);
const SHOWN_MAX = 100000;

/** @param filters what a click on source or channel does. */
export function openRecord(row, filters) {
  const dialog = byId("record");
  let record = {};
  try {
    record = JSON.parse(row.raw) ?? {};
  } catch {
    // Its text is shown below.
  }
  const close = el(
    "button",
    { type: "button", class: "quiet", "aria-label": "Close", onclick: () => dialog.close() },
    "×",
  );
  const filterBy = (name, value) =>
    value === undefined
      ? null
      : el(
          "button",
          {
            type: "button",
            class: "as-link",
            title: `Show only this ${name}`,
            onclick: () => {
              dialog.close();
              filters[name](String(value));
            },
          },
          String(value),
        );
  fill(
    dialog,
    el(
      "header",
      {},
      el("span", { class: `tag ${row.level ?? ""}` }, row.level ?? "no level"),
      el("h2", { id: "record-title" }, "Record"),
      close,
    ),
    el(
      "div",
      { class: "body" },
      el("p", { class: "whole" }, cut(String(record.message ?? record["@m"] ?? record["@mt"] ?? row.raw))),
      record["@x"] !== undefined && el("pre", { class: "exception" }, cut(String(record["@x"]))),
      facts([
        ["time", record["@t"]],
        ["channel", filterBy("channel", record.channel)],
        ["source", filterBy("source", record.source)],
        ["instance", record.instance],
        ["sequence", record.seq],
        ["trace", record["@tr"]],
        ["span", record["@sp"]],
        ["template", record["@mt"]],
        ["batch", record.batch && temporalLink(record.batch)],
      ]),
      properties(record),
      el("h3", {}, "JSON"),
      el("pre", {}, cut(row.raw)),
      el("button", { type: "button", onclick: () => copy(row.raw) }, "Copy JSON"),
    ),
  );
  dialog.showModal();
}

function properties(record) {
  const own = Object.entries(record).filter(([name]) => !OWN.has(name));
  return (
    own.length > 0 && [
      el("h3", {}, "Properties"),
      facts(
        own.map(([name, value]) => [
          name,
          typeof value === "object" && value !== null
            ? el("pre", {}, cut(JSON.stringify(value, null, 2)))
            : cut(String(value)),
        ]),
      ),
    ]
  );
}

const facts = pairs =>
  el(
    "dl",
    {},
    pairs
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );

const cut = text =>
  text.length > SHOWN_MAX
    ? `${text.slice(0, SHOWN_MAX)}… (${text.length - SHOWN_MAX} characters more; "Copy JSON" has all)`
    : text;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    toast("The browser does not let this page copy; select the text instead.", true);
  }
}
