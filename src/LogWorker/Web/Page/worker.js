import { byId, el, refill } from "./dom.js";
import { ago, bytes, clock, count } from "./format.js";

/** What the worker is and has done, from /api/stats. */
export function showWorker(stats) {
  const { worker, temporal, writer, records, batches, ledger } = stats;
  const panels = [
    panel("Worker", [
      ["identity", worker.identity],
      ["version", [worker.version, worker.commit?.slice(0, 9)].filter(Boolean).join(" · ")],
      ["started", `${clock(worker.startedAt)}, ${ago(worker.startedAt)}`],
      ["changes from this page", stats.isReadOnly ? "are off (LOG_HTTP_READ_ONLY)" : null],
    ]),
    panel("Temporal", [
      ["address", temporal.address],
      ["namespace", temporal.namespace],
      ["task queue", temporal.taskQueue],
      ["state", temporal.isReached ? "answers" : `away since ${clock(temporal.since)}`],
    ]),
    panel("Since the start", [
      ["batches", count(batches.written)],
      ["records", count(records.written)],
      ["bytes", bytes(stats.bytes)],
      ["filtered", count(records.filtered)],
      ["dead-lettered", count(records.deadLettered)],
      ["in overflow", count(records.overflowed)],
      ["failed attempts", count(batches.failedAttempts)],
      ["out of order", count(batches.outOfOrder)],
      ["copied", count(batches.copied)],
    ]),
    panel("Destinations", [
      ["files", writer.directory],
      ["state", writer.isReady ? "written" : `cannot be written since ${clock(writer.since)}`],
      ["records in its ledger", count(ledger?.records)],
      ["bytes in its ledger", bytes(ledger?.bytes)],
      ["free disk", bytes(writer.freeBytes)],
      ...(stats.destinations ?? [])
        .filter(one => one.name !== "files")
        .map(one => [one.name, one.address ?? one.state ?? "on"]),
    ]),
  ];
  refill(byId("facts"), panels, () =>
    panels.map(({ title, pairs }) =>
      el(
        "div",
        { class: "panel" },
        el("h3", {}, title),
        el(
          "dl",
          {},
          pairs.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
        ),
      ),
    ),
  );
}

const panel = (title, pairs) => ({ title, pairs: pairs.filter(([, value]) => value) });
