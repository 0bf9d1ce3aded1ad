// Channels with their files. Where the worker does not tell of files, its volume is shown.
import { byId, el, empty, refill } from "./dom.js";
import { ago, bytes, count, rate, unknown } from "./format.js";
import { toggleChannel } from "./tail.js";
import { LEVELS } from "./tailStore.js";

const SHOWN_MAX = 200;

let volume = [];
let isToldFiles = false;

/** The volume of /api/stats, by channel and level. */
export function setVolume(rows) {
  volume = rows;
  if (!isToldFiles) show(channelsOf(volume));
}

export function showChannels(channels) {
  isToldFiles = true;
  show(channels);
}

export function showNoFiles() {
  isToldFiles = false;
  show(channelsOf(volume));
}

function channelsOf(rows) {
  const channels = new Map();
  for (const { channel, level, records } of rows) {
    const one = channels.get(channel) ?? { name: channel, recordsSinceStart: 0, recordsByLevel: {} };
    one.recordsSinceStart += records;
    one.recordsByLevel[level] = records;
    channels.set(channel, one);
  }
  return [...channels.values()];
}

function show(channels) {
  const sorted = [...channels].sort(
    (a, b) => (b.recordsSinceStart ?? 0) - (a.recordsSinceStart ?? 0) || a.name.localeCompare(b.name),
  );
  refill(byId("channel-table"), [sorted, sorted.map(channel => ago(channel.lastWritten))], () =>
    sorted.length > 0
      ? [
          table(sorted.slice(0, SHOWN_MAX)),
          sorted.length > SHOWN_MAX && el("p", { class: "more" }, `${count(sorted.length - SHOWN_MAX)} more`),
        ]
      : empty(
          "There is no channel yet.",
          "The first record makes one. An event with the property `channel` makes its own; all others go to `app`.",
        ),
  );
}

function table(channels) {
  const most = Math.max(1, ...channels.map(channel => channel.recordsSinceStart ?? 0));
  const hasFiles = channels.some(channel => channel.files !== undefined);
  const titles = [
    "Channel",
    "Records since start",
    "Per second",
    ...(hasFiles ? ["Files", "Size", "Oldest", "Last written"] : []),
  ];
  return el(
    "div",
    { class: "scroller" },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          titles.map((title, i) => el("th", { scope: "col", class: i > 1 ? "number" : "" }, title)),
        ),
      ),
      el(
        "tbody",
        {},
        channels.map(channel =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              el(
                "button",
                {
                  type: "button",
                  class: "as-link",
                  title: "Show it in the tail",
                  "data-key": channel.name,
                  onclick: () => toTail(channel.name),
                },
                channel.name,
              ),
            ),
            el(
              "td",
              { class: "volume" },
              levels(channel, most),
              el("span", {}, count(channel.recordsSinceStart ?? null)),
            ),
            el("td", { class: "number" }, rate(channel.recordsPerSecond)),
            hasFiles
              ? [
                  el("td", { class: "number" }, count(channel.files)),
                  el("td", { class: "number" }, bytes(channel.bytes)),
                  el("td", { class: "number" }, channel.oldest ?? unknown),
                  el(
                    "td",
                    { class: "number" },
                    channel.lastWritten ? ago(channel.lastWritten) : (channel.newest ?? unknown),
                  ),
                ]
              : null,
          ),
        ),
      ),
    ),
  );
}

function levels(channel, most) {
  const bar = el("span", { class: "levels", "aria-hidden": "true" });
  bar.style.width = `${100 * Math.max(0.01, (channel.recordsSinceStart ?? 0) / most)}%`;
  for (const level of [...LEVELS, "unknown"]) {
    const records = channel.recordsByLevel?.[level];
    if (!records) continue;
    const part = el("span", { class: level, title: `${count(records)} ${level}` });
    part.style.flexGrow = records;
    bar.append(part);
  }
  return el("span", { class: "track" }, bar);
}

function toTail(name) {
  toggleChannel(name);
  byId("tail").scrollIntoView();
}
