// The live tail: connection, filters, and one change of the document a frame.
import { readEvents } from "./api.js";
import * as address from "./address.js";
import { byId, el, empty, fill, say } from "./dom.js";
import { count, plural, shortCount } from "./format.js";
import { openRecord } from "./record.js";
import { showFilterChips } from "./tailChips.js";
import { LEVELS, TailStore, gapRow, rowOf } from "./tailStore.js";
import { TailView } from "./tailView.js";

const LAST = 500;
const TEXT_MAX = 200;
const RETRY_MAX = 15000;

const store = new TailStore();
let view;
let isPaused = false;
let connection = null;
let retryDelay = 0;
let retryTimer = 0;
let isStale = false;
let problem = null;
let frame = 0;

export function startTail() {
  view = new TailView(
    byId("rows"),
    byId("sizer"),
    row => openRecord(row, { source: filterBySource, channel: toggleChannel }),
    showState,
  );
  store.setFilter({
    levels: address.getSet("levels"),
    channels: address.getSet("channels"),
    source: address.get("source"),
    text: address.get("text"),
  });
  byId("tail-text").value = store.filter.text;
  byId("tail-text").addEventListener("input", () => setFilter({ text: byId("tail-text").value.trim() }));
  byId("pause").addEventListener("click", togglePause);
  byId("newest").addEventListener("click", () => view.follow());
  showChips();
  showState();
  connect();
}

export function togglePause() {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", isPaused);
  say(byId("pause"), isPaused ? "Go on" : "Pause");
  // A filter that was changed meanwhile needs other records.
  if (!isPaused && isStale) connect();
  showState();
  schedule();
}

export const toggleLevel = level => setFilter({ levels: toggled(store.filter.levels, level) });

export const toggleChannel = channel => setFilter({ channels: toggled(store.filter.channels, channel) });

export const filterBySource = source => setFilter({ source: store.filter.source === source ? "" : source });

export function clearFilter() {
  byId("tail-text").value = "";
  setFilter({ levels: new Set(), channels: new Set(), source: "", text: "" });
}

/** The worker's channels, so that those which are silent now have a chip too. */
export function nameChannels(names) {
  for (const name of names) if (!store.channels.has(name)) store.channels.set(name, 0);
  showChips();
}

/** Connects again after a token was given. */
export function reconnectTail() {
  retryDelay = 0;
  connect();
}

function setFilter(filter) {
  store.setFilter(filter);
  for (const [name, value] of Object.entries(store.filter)) address.set(name, value);
  view.isFollowing = true;
  view.show(store.view, 0);
  showChips();
  showState();
  if (isPaused) isStale = true;
  else {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, 250);
  }
}

const toggled = (set, item) => {
  const changed = new Set(set);
  if (!changed.delete(item)) changed.add(item);
  return changed;
};

function path() {
  const { levels, channels, source, text } = store.filter;
  const query = new URLSearchParams({ last: LAST });
  const names = [...channels].join(",");
  // More the worker does not take at once; all are held to the filter here as well.
  if (names && names.length <= TEXT_MAX) query.set("channel", names);
  const least = LEVELS.find(level => levels.has(level));
  if (least && least !== LEVELS[0]) query.set("level", least);
  if (text) query.set("text", text);
  if (source) query.set("source", source);
  return `api/tail?${query}`;
}

async function connect() {
  clearTimeout(retryTimer);
  connection?.abort();
  const mine = new AbortController();
  connection = mine;
  // The last records come again; those that are here already are known by their names.
  let known = null;
  let left = LAST;
  // What is shown while paused stays, whatever was chosen since.
  const isFor = isPaused && store.isFor ? store.isFor : path();
  isStale = isFor !== path();
  try {
    await readEvents(
      isFor,
      mine.signal,
      () => {
        problem = null;
        retryDelay = 0;
        if (isPaused && store.isFor && store.isFor !== isFor) {
          // It was paused while this was asked.
          isStale = true;
          mine.abort();
          return;
        }
        if (store.isFor === isFor) known = new Set([...store.rows, ...store.arrived].map(row => row.key));
        else store.clear();
        store.isFor = isFor;
        schedule();
      },
      (name, data) => {
        if (name === "gap") addGap(data);
        else if (name === "message") {
          const row = rowOf(data);
          if (known === null || left-- <= 0 || !known.has(row.key)) store.add(row);
        }
        schedule();
      },
    );
    // Ended, as when the worker stops; whether it is away the next question tells.
    retry(null);
  } catch (refused) {
    if (!mine.signal.aborted) retry(refused);
  }
}

function retry(refused) {
  problem = refused;
  // Until there is a token, asking is of no use.
  if (refused?.status === 401) return showState();
  retryDelay = refused?.status === 404 ? RETRY_MAX : Math.min(RETRY_MAX, Math.max(1000, retryDelay * 2));
  retryTimer = setTimeout(connect, retryDelay);
  showState();
}

function addGap(data) {
  let missed = 0;
  try {
    missed = Number(JSON.parse(data).missed) || 0;
  } catch {
    // How many is not known.
  }
  store.missed += missed;
  store.add(gapRow(missed));
}

function schedule() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (!isPaused) {
      const gone = store.take();
      view.show(store.view, gone);
      showChips();
    }
    showState();
  });
}

const showChips = () =>
  showFilterChips(store.filter, store.channels, { level: toggleLevel, channel: toggleChannel, source: filterBySource });

function showState() {
  const { rows, view: wanted, missed, waiting } = store;
  say(
    byId("tail-count"),
    [
      isPaused ? `paused, ${count(waiting)} newer` : problem ? "not connected" : "live",
      wanted.length === rows.length
        ? plural(rows.length, "record")
        : `${count(wanted.length)} of ${plural(rows.length, "record")}`,
      missed > 0 ? `${shortCount(missed)} passed unseen` : "",
    ]
      .filter(Boolean)
      .join(" · "),
  );
  // There is no use for much room where nothing can be.
  byId("rows").classList.toggle("short", rows.length === 0 && !isFiltered());
  byId("newest").hidden = view.isFollowing || wanted.length === 0;
  fillEmpty(wanted.length === 0 ? emptyState(rows.length) : null);
}

let shownEmpty = "";

function fillEmpty(state) {
  const key = JSON.stringify(state);
  if (key === shownEmpty) return;
  shownEmpty = key;
  const place = byId("tail-empty");
  fill(place, state && empty(...state));
  if (state && isFiltered())
    place.firstChild.append(el("button", { type: "button", onclick: clearFilter }, "Clear the filters"));
}

const isFiltered = () => {
  const { levels, channels, source, text } = store.filter;
  return levels.size > 0 || channels.size > 0 || source !== "" || text !== "";
};

function emptyState(held) {
  if (problem?.status === 404)
    return [
      "This worker has no live tail.",
      "A newer `logworker` has one. Until then the files have all: `tail -F` in the log directory.",
    ];
  if (problem?.status === 401) return ["The tail needs the token."];
  if (problem?.status === 503) return ["Too many pages watch the tail.", "Close one; this page tries again by itself."];
  if (problem) return ["The tail is not connected.", "This page tries again by itself."];
  if (isFiltered())
    return [
      `No record matches the filters${held > 0 ? ` among the last ${count(held)}` : ""}.`,
      "New ones appear here as they are written.",
    ];
  return [
    "No record has come yet.",
    "Each record appears here once it is in its file. To send one: `echo hello | logworker send`",
  ];
}
