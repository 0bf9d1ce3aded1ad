// What the figures mean: pure functions from answers to words.
import { bytes, clock, count, duration, plural } from "./format.js";

const FREE_LOW = 2e9;
const SILENT_SECONDS = 300;

/** The worker in one sentence. kind: good, idle, warn or bad. */
export function stateOf(stats, silence) {
  if (silence) return { kind: "bad", words: "The worker does not answer", since: silence };
  if (!stats) return { kind: "idle", words: "Asking the worker" };
  if (!stats.writer.isReady)
    return { kind: "bad", words: `Cannot write: ${reasonOf(stats.writer)}`, since: stats.writer.since };
  if (!stats.temporal.isReached) return { kind: "warn", words: "Waiting for Temporal", since: stats.temporal.since };
  if (stats.recordsPerSecond > 0) return { kind: "good", words: "Flowing" };
  if (stats.temporal.pendingBatches > 0)
    return {
      kind: "warn",
      words: `${plural(stats.temporal.pendingBatches, "batch", "batches")} wait in Temporal, and none is being written`,
    };
  if (stats.records.written === 0 && !(stats.ledger?.records > 0))
    return {
      kind: "idle",
      words: "Nothing has arrived yet",
      next: "To send a first record: `echo hello | logworker send`",
    };
  return { kind: "good", words: "All is written; nothing new arrives" };
}

// The path and the time stand elsewhere: "/logs cannot be written since …: No space left on device."
const reasonOf = writer =>
  /^.*? cannot be written since \S+: (.*)$/s.exec(writer.problem ?? "")?.[1] ?? writer.problem ?? "the disk is away";

/**
 * What is wrong, the worst first. kind: bad or warn; isAway: it belongs into the banner; target: the section that has more.
 */
export function problemsOf(stats, silence, publishers, now = Date.now()) {
  const problems = [];
  if (silence)
    problems.push({
      kind: "bad",
      isAway: true,
      what: `The worker has not answered since ${clock(silence)}.`,
      next:
        "On its host, `logworker health` tells whether it runs, and `journalctl -u logworker` why it ended. " +
        "Temporal and the applications keep what arrives meanwhile.",
    });
  if (!stats) return problems;
  const { temporal, writer } = stats;
  if (!silence && !writer.isReady)
    problems.push({
      kind: "bad",
      isAway: true,
      what: sentence(writer.problem ?? `${writer.directory} cannot be written.`),
      next: `Make room at \`${writer.directory}\`, or mount it again. Batches wait in Temporal until it can be written; nothing is lost.`,
    });
  if (!silence && !temporal.isReached)
    problems.push({
      kind: "bad",
      isAway: true,
      what: `Temporal is away since ${clock(temporal.since)}. ${sentence(temporal.problem ?? "")}`.trim(),
      next:
        "`logworker test-temporal` names the step that fails. " +
        "Applications keep their records in their spools and send them when it is back.",
    });
  if (writer.isReady && writer.freeBytes !== null && writer.freeBytes < FREE_LOW)
    problems.push({
      kind: "warn",
      what: `The disk of ${writer.directory} has ${bytes(writer.freeBytes)} left.`,
      next: "Make room, or let old files go with `LOG_RETENTION_AGE` or `LOG_RETENTION_BYTES`.",
    });
  for (const publisher of publishers ?? []) problems.push(...problemsOfPublisher(publisher, now));
  if (stats.deadLetters > 0)
    problems.push({
      kind: "warn",
      what: `${plural(stats.deadLetters, "dead letter is", "dead letters are")} kept: records that could not be written.`,
      next: "Read the reason, then retry or purge.",
      target: "dead-letters",
    });
  return problems.sort((a, b) => (a.kind === "bad" ? 0 : 1) - (b.kind === "bad" ? 0 : 1));
}

function problemsOfPublisher(publisher, now) {
  const problems = [];
  const add = (kind, what, next) => problems.push({ kind, what, next, target: "hosts" });
  const name = nameOf(publisher);
  const { counts } = publisher;
  const { gap } = partsOf(counts);
  const dropped = droppedOf(counts);
  if (gap)
    add(
      "bad",
      `${plural(Math.abs(gap), "event")} of ${name} ${gap > 0 ? "are in no place of its books" : "are counted twice"}.`,
      "That is a defect of the sink; `logworker verify` says what the files have.",
    );
  if (dropped > 0)
    add(
      "bad",
      `${name} dropped ${plural(dropped, "event")}: ${reasonsOf(counts)}.`,
      "Give the spool more room (`LOG_SPOOL_BYTES_MAX`), or log less; what was dropped is gone.",
    );
  if (counts.setAside > 0)
    add(
      "bad",
      `Temporal refuses ${plural(counts.setAside, "event")} of ${name} for good.`,
      "They are kept in its spool; `logworker spool list` on that host names the folder.",
    );
  const breaker = breakerOf(publisher);
  if (breaker)
    add("warn", `${name} ${breaker}`, "Run `logworker test-temporal` on that host. Its events wait in its spool.");
  const silent = silentFor(publisher, now);
  if (silent > SILENT_SECONDS)
    add(
      "warn",
      `${name} has not reported for ${duration(silent)}.`,
      "It was killed, or does not reach Temporal. Its last figures are shown.",
    );
  return problems;
}

export const nameOf = publisher => [publisher.source, publisher.host].filter(Boolean).join(" on ") || "An application";

/** Seconds since its last word; 0 for one that has ended, or that never says anything. */
export const silentFor = (publisher, now = Date.now()) =>
  publisher.reportedAt && !publisher.ended ? (now - Date.parse(publisher.reportedAt)) / 1000 : 0;

/** The breaker in words; null while it is closed. */
export function breakerOf(publisher) {
  const breaker = publisher.breaker;
  if (!breaker?.state || breaker.state.toLowerCase() === "closed") return null;
  const since = breaker.since ? ` since ${clock(breaker.since)}` : "";
  const words = {
    open: "does not try Temporal",
    halfopen: "tries the way back to Temporal",
    denied: "is denied by Temporal",
  };
  const state = breaker.state.toLowerCase().replace(/[^a-z]/g, "");
  return `${words[state] ?? `has its breaker ${breaker.state}`}${since}${breaker.reason ? `: ${sentence(breaker.reason)}` : "."}`;
}

/**
 * The places of a host's events, in the order of the way, and what no place has (null: not known). What Temporal has
 * taken is told apart by what this worker made of it since its start, which may be newer than the host's report.
 */
export function partsOf(counts) {
  const taken = counts.inTemporal ?? counts.written ?? 0;
  const written = Math.min(counts.written ?? 0, taken);
  const dead = Math.min(counts.deadLettered ?? 0, taken - written);
  const filteredHere = Math.min(counts.filteredByWorker ?? 0, taken - written - dead);
  const parts = [
    { key: "written", name: "written", count: written },
    {
      key: "in-temporal",
      name: "in Temporal, or written before or elsewhere",
      count: taken - written - dead - filteredHere,
    },
    { key: "spooled", name: "spooled", count: counts.spooled ?? 0 },
    { key: "queued", name: "queued", count: counts.queued ?? 0 },
    { key: "filtered", name: "filtered", count: (counts.filtered ?? 0) + filteredHere },
    { key: "fallback", name: "in fallback files", count: counts.fallbackFile ?? 0 },
    { key: "dead", name: "dead letters", count: dead },
    { key: "aside", name: "set aside", count: counts.setAside ?? 0 },
    { key: "dropped", name: "dropped", count: droppedOf(counts) },
  ];
  const total = totalOf(counts);
  const gap = total === null ? null : total - parts.reduce((sum, part) => sum + part.count, 0);
  return { parts, gap };
}

/** What must be somewhere; null: the application does not tell. */
export const totalOf = counts =>
  counts.emitted === null || counts.emitted === undefined
    ? null
    : counts.emitted + (counts.notices ?? 0) + (counts.adopted ?? 0);

export function droppedOf(counts) {
  if (typeof counts.dropped === "number") return counts.dropped;
  return Object.values(counts.dropped ?? {}).reduce((sum, n) => sum + n, 0);
}

const reasonsOf = counts =>
  typeof counts.dropped === "number"
    ? "no reason is known"
    : Object.entries(counts.dropped)
        .filter(([, n]) => n > 0)
        .map(([reason, n]) => `${count(n)} ${reason}`)
        .join(", ");

/** What is lost, over all that is known: what was dropped, and what is in no place. */
export function lostOf(publishers) {
  let lost = 0;
  for (const { counts } of publishers ?? []) lost += droppedOf(counts) + Math.max(0, partsOf(counts).gap ?? 0);
  return lost;
}

const sentence = text => (text && !/[.!?]$/.test(text) ? `${text}.` : text);
