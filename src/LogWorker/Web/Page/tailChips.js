// The chips of the tail: levels, channels, and the source that is shown alone.
import { byId, el, refill } from "./dom.js";
import { LEVELS } from "./tailStore.js";

const CHANNELS_MAX = 14;

/**
 * @param filter what is wanted now; @param channels those that are known, by name.
 * @param toggle what a click does: level, channel, source.
 */
export function showFilterChips(filter, channels, toggle) {
  refill(byId("level-chips"), [...filter.levels], () =>
    LEVELS.map((level, i) =>
      chip(level, filter.levels.has(level), `Show ${level} (${i + 1})`, () => toggle.level(level), `level ${level}`),
    ),
  );
  const names = [...new Set([...filter.channels, ...channels.keys()])].sort();
  const shown = [...new Set([...filter.channels, ...names.slice(0, CHANNELS_MAX)])];
  const { source } = filter;
  refill(byId("channel-chips"), [shown, [...filter.channels], source, names.length], () => [
    source && chip(`source ${source} ×`, true, "Show all sources", () => toggle.source(source)),
    shown.map(name => chip(name, filter.channels.has(name), `Show the channel ${name}`, () => toggle.channel(name))),
    names.length > shown.length && el("span", { class: "note" }, `${names.length - shown.length} more`),
  ]);
}

const chip = (text, isPressed, title, onclick, kind = "") =>
  el(
    "button",
    { type: "button", class: `chip ${kind}`, "aria-pressed": String(isPressed), title, onclick, "data-key": text },
    text,
  );
