// The books of each host, as a bar that must be full.
import { byId, el, empty, refill } from "./dom.js";
import { ago, bytes, clock, count, plural, unknown } from "./format.js";
import { breakerOf, droppedOf, nameOf, partsOf, totalOf } from "./state.js";

const SHOWN_MAX = 30;

export function showBooks(publishers) {
  const sorted = [...publishers].sort(
    (a, b) =>
      weight(b) - weight(a) || nameOf(a).localeCompare(nameOf(b)) || String(a.instance).localeCompare(b.instance),
  );
  refill(byId("books"), [sorted, sorted.map(publisher => ago(publisher.reportedAt))], () =>
    sorted.length > 0
      ? [
          el("ul", { class: "books" }, sorted.slice(0, SHOWN_MAX).map(book)),
          sorted.length > SHOWN_MAX &&
            el("p", { class: "more" }, `${count(sorted.length - SHOWN_MAX)} more, which lack nothing`),
        ]
      : empty(
          "No application has been heard of.",
          "One is, when it logs through `WriteTo.Temporal` to this Temporal and task queue.",
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

// What lacks something first, what has ended last.
function weight(publisher) {
  if (partsOf(publisher.counts).gap || droppedOf(publisher.counts) > 0 || publisher.counts.setAside > 0) return 3;
  if (publisher.ended) return 0;
  return breakerOf(publisher) ? 2 : 1;
}

function book(publisher) {
  const { counts } = publisher;
  const { parts, gap } = partsOf(counts);
  return el(
    "li",
    { class: publisher.ended ? "ended" : "" },
    el(
      "div",
      { class: "who" },
      el("strong", {}, publisher.source ?? unknown),
      el("span", { title: publisher.instance }, [publisher.host, publisher.version].filter(Boolean).join(" · ")),
      el("span", { class: "emitted" }, emitted(counts)),
    ),
    bar(totalOf(counts), parts, gap),
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
      gap ? missing(gap) : null,
    ),
    el("p", { class: "how" }, ...how(publisher)),
  );
}

const emitted = counts =>
  totalOf(counts) === null
    ? "what it emitted is not told"
    : [
        el("b", {}, count(counts.emitted)),
        " emitted",
        counts.adopted > 0 ? `, ${count(counts.adopted)} adopted` : "",
        counts.notices > 0 ? `, ${count(counts.notices)} of the sink itself` : "",
      ];

const missing = gap =>
  el(
    "span",
    { class: "part gap" },
    el("b", {}, count(Math.abs(gap))),
    gap > 0
      ? " in no place: the application counted them, and nothing else has them"
      : " too many: something is counted twice",
  );

function how(publisher) {
  const { counts, spool, reportedAt } = publisher;
  const breaker = breakerOf(publisher);
  if (!reportedAt) return ["It tells nothing of itself: an older version, or LOG_REPORT_INTERVAL is 0."];
  return [
    publisher.ended
      ? "It has ended and left nothing behind."
      : breaker
        ? el("span", { class: "warn" }, `It ${breaker}`)
        : `It reaches Temporal${publisher.breaker?.since ? ` since ${clock(publisher.breaker.since)}` : ""}.`,
    spool?.oldest ? ` Its spool holds ${bytes(spool.bytes)}, the oldest event from ${clock(spool.oldest)}.` : "",
    counts.fallbackFile > 0
      ? ` ${plural(counts.fallbackFile, "event")} went to its fallback files; those are final.`
      : "",
    ` Reported ${ago(reportedAt)}.`,
  ];
}

function bar(total, parts, gap) {
  const shown = parts.filter(part => part.count > 0).map(part => segment(part.key, part.count, part.name));
  if (gap > 0) shown.push(segment("gap", gap, "in no place"));
  const told = parts.filter(part => part.count > 0).map(part => `${count(part.count)} ${part.name}`);
  if (gap > 0) told.push(`${count(gap)} in no place`);
  return el("div", { class: "full", role: "img", "aria-label": `${count(total)} events: ${told.join(", ")}` }, shown);
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
