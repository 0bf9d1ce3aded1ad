// The books of each host, as a bar that must be full.
import { byId, el, empty, refill } from "./dom.js";
import { ago, bytes, clock, count, plural, unknown } from "./format.js";
import { breakerOf, nameOf, partsOf, silentFor } from "./state.js";

export function showBooks(publishers) {
  const sorted = [...publishers].sort(
    (a, b) => nameOf(a).localeCompare(nameOf(b)) || String(a.instance).localeCompare(b.instance),
  );
  refill(byId("books"), [sorted, sorted.map(publisher => ago(publisher.reportedAt))], () =>
    sorted.length > 0
      ? el("ul", { class: "books" }, sorted.map(book))
      : empty(
          "No application reports its books.",
          "An application reports when it logs through `WriteTo.Temporal` to this Temporal and task queue.",
        ),
  );
}

export function showNoBooks(refused) {
  refill(byId("books"), refused.message, () =>
    refused.status === 404
      ? empty(
          "This worker does not collect the books of applications.",
          "A newer `logworker` does. Each application has them in its own metrics, `LogPipeline.Publisher`.",
        )
      : empty(
          "The books are not known now.",
          refused.status ? refused.message : "They are asked for again in a moment.",
        ),
  );
}

function book(publisher) {
  const { counts } = publisher;
  const { parts, gap } = partsOf(counts);
  const breaker = breakerOf(publisher);
  const silent = silentFor(publisher);
  return el(
    "li",
    {},
    el(
      "div",
      { class: "who" },
      el("strong", {}, publisher.source ?? unknown),
      el("span", {}, [publisher.host, publisher.version].filter(Boolean).join(" · ")),
      el("span", { class: "emitted" }, el("b", {}, count(counts.emitted)), " emitted"),
    ),
    bar(counts.emitted, parts, gap),
    el(
      "div",
      { class: "parts" },
      parts
        .filter(part => part.count > 0)
        .map(part =>
          el(
            "span",
            { class: `part ${part.key}` },
            el("b", {}, count(part.count)),
            ` ${part.name}${reasons(part, counts)}`,
          ),
        ),
      gap
        ? el(
            "span",
            { class: "part gap" },
            el("b", {}, count(Math.abs(gap))),
            gap > 0
              ? " in no place: the application counted them, and nothing else has them"
              : " too many: something is counted twice",
          )
        : null,
      gap === null ? el("span", { class: "part" }, "Not all counts are known.") : null,
    ),
    el(
      "p",
      { class: "how" },
      breaker ? el("span", { class: "warn" }, `It ${breaker}`) : "It reaches Temporal.",
      publisher.spool?.bytes
        ? ` Its spool holds ${bytes(publisher.spool.bytes)}${
            publisher.spool.oldest ? `, the oldest from ${clock(publisher.spool.oldest)}` : ""
          }.`
        : "",
      counts.fallbackFile > 0
        ? ` ${plural(counts.fallbackFile, "event")} went to its fallback files; those are final.`
        : "",
      publisher.reportedAt
        ? el("span", { class: silent > 90 ? "warn" : "" }, ` Reported ${ago(publisher.reportedAt)}.`)
        : "",
    ),
  );
}

function bar(emitted, parts, gap) {
  const shown = parts.filter(part => part.count > 0).map(part => segment(part.key, part.count, part.name));
  if (gap > 0) shown.push(segment("gap", gap, "in no place"));
  return el(
    "div",
    {
      class: "full",
      role: "img",
      "aria-label":
        `${count(emitted)} emitted: ${parts
          .filter(part => part.count > 0)
          .map(part => `${count(part.count)} ${part.name}`)
          .join(", ")}` + (gap > 0 ? `, and ${count(gap)} in no place` : ""),
    },
    shown,
  );
}

function segment(key, n, name) {
  const part = el("span", { class: key, title: `${count(n)} ${name}` });
  part.style.flexGrow = n;
  return part;
}

function reasons(part, counts) {
  if (part.key !== "dropped" || typeof counts.dropped === "number") return "";
  const told = Object.entries(counts.dropped)
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => `${count(n)} ${reason}`);
  return ` (${told.join(", ")})`;
}
