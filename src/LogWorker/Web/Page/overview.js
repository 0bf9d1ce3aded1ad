// The first screen: is it flowing, is anything lost, how late is it, what is wrong and what to do.
import { byId, commands, el, refill, say } from "./dom.js";
import { ago, bytes, clock, count, duration, plural, rate, seconds, shortCount, unknown } from "./format.js";
import { lostOf, problemsOf, stateOf } from "./state.js";

const figures = {};

export function startOverview() {
  for (const [key, label] of [
    ["flow", "Flowing"],
    ["lost", "Lost"],
    ["late", "Late"],
    ["waiting", "Waiting in Temporal"],
    ["letters", "Dead letters"],
    ["disk", "Free disk"],
  ]) {
    const value = el("span", { class: "value" }, unknown);
    const unit = el("span", { class: "unit" });
    const note = el("p", { class: "note" });
    const cell = el("div", { class: "figure" }, el("h3", {}, label), el("p", { class: "number" }, value, unit), note);
    figures[key] = { cell, value, unit, note };
    byId("figures").append(cell);
  }
}

/** @param silence since when the worker does not answer; null: it does. */
export function showOverview(stats, silence, publishers) {
  const state = stateOf(stats, silence);
  document.documentElement.dataset.state = state.kind;
  byId("state-light").className = `light ${state.kind}`;
  say(byId("state-words"), state.words);
  say(byId("state-since"), state.since ? `since ${clock(state.since)}, ${ago(state.since)}` : "");
  document.title = `${state.kind === "good" ? "" : "● "}${state.words} – LogPipeline`;
  showProblems(problemsOf(stats, silence, publishers), stats && (state.next ?? ""));
  if (!stats) return;
  say(byId("identity"), stats.worker.identity);
  showFigures(stats, publishers);
}

function showFigures(stats, publishers) {
  const { records, latency, temporal, writer } = stats;
  show(
    "flow",
    rate(stats.recordsPerSecond),
    "records/s",
    `${shortCount(records.written)} written in ${duration(stats.worker.uptimeSeconds)}`,
  );
  const lost = lostOf(publishers);
  show(
    "lost",
    count(lost),
    lost === 1 ? "event" : "events",
    publishers?.length
      ? lost
        ? "see Hosts"
        : `the books of ${plural(publishers.length, "host")} balance`
      : "no application reports its books",
    lost ? "bad" : publishers?.length ? "good" : "",
  );
  show(
    "late",
    seconds(latency.median),
    latency.median === null ? "" : "median",
    latency.percentile95 === null ? "from event to disk" : `95 % within ${seconds(latency.percentile95)}`,
  );
  show(
    "waiting",
    shortCount(temporal.pendingBatches),
    temporal.pendingBatches === 1 ? "batch" : "batches",
    temporal.isReached
      ? temporal.pendingBatches
        ? "being written"
        : "all is taken"
      : "as it was when it answered last",
    temporal.isReached ? "" : "warn",
  );
  show(
    "letters",
    shortCount(stats.deadLetters),
    "",
    stats.deadLetters ? "kept for you to decide" : "every record could be written",
    stats.deadLetters ? "warn" : "",
  );
  const [size, unit] = bytes(writer.freeBytes).split(" ");
  show("disk", size, unit ?? "", writer.directory, writer.isReady ? "" : "bad");
  byId("letters-badge").hidden = !stats.deadLetters;
  say(byId("letters-badge"), shortCount(stats.deadLetters));
}

function show(key, value, unit, note, kind = "") {
  const figure = figures[key];
  say(figure.value, value);
  say(figure.unit, unit);
  say(figure.note, note);
  figure.note.title = note;
  figure.cell.className = `figure ${kind}`;
}

// next: what to do when nothing is wrong; null: that is not known.
function showProblems(problems, next) {
  const away = problems.filter(problem => problem.isAway);
  const banner = byId("banner");
  banner.hidden = away.length === 0;
  refill(banner, away, () =>
    away.map(problem => el("p", {}, el("strong", {}, problem.what), " ", ...commands(problem.next))),
  );
  const others = problems.filter(problem => !problem.isAway);
  refill(byId("problems"), [others, away.length, next], () => {
    if (others.length === 0)
      return next !== null && away.length === 0
        ? el("p", { class: "fine" }, "Nothing is wrong. ", ...commands(next))
        : [];
    return el(
      "ul",
      {},
      others.map(problem =>
        el(
          "li",
          { class: problem.kind },
          el("div", {}, el("strong", {}, problem.what), el("p", {}, ...commands(problem.next))),
          problem.target ? el("a", { href: `#${problem.target}`, "data-key": problem.what }, "Show") : null,
        ),
      ),
    );
  });
}
