// What the tail holds: the newest records, and of them those that are wanted. Bounded in number and in bytes.

import { plural } from "./format.js";

export const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"];

export class TailStore {
  /** @param rowsMax records at most; @param charactersMax of their JSON at most. */
  constructor(rowsMax = 2000, charactersMax = 16e6) {
    this.rowsMax = rowsMax;
    this.charactersMax = charactersMax;
    this.filter = { levels: new Set(), channels: new Set(), source: "", text: "" };
    /** Channels that were seen, with how many records. */
    this.channels = new Map();
    this.clear();
  }

  /** Forgets all records; those that have arrived and are not taken yet, too. */
  clear() {
    this.rows = [];
    this.view = [];
    this.arrived = [];
    this.arrivedCharacters = 0;
    this.characters = 0;
    this.number = 0;
    this.missed = 0;
  }

  /** A record has arrived. It waits for take(), and only the newest do. */
  add(row) {
    row.n = ++this.number;
    this.arrived.push(row);
    this.arrivedCharacters += row.raw.length;
    if (this.arrived.length >= this.rowsMax * 2 || this.arrivedCharacters > this.charactersMax * 2) {
      this.arrived = newest(this.arrived, this.rowsMax, this.charactersMax);
      this.arrivedCharacters = sum(this.arrived);
    }
  }

  /** How many have arrived and are not taken. */
  get waiting() {
    return Math.min(this.arrived.length, this.rowsMax);
  }

  /** Takes what has arrived. @returns how many rows of the view went at its beginning. */
  take() {
    if (this.arrived.length === 0) return 0;
    const arrived = newest(this.arrived, this.rowsMax, this.charactersMax);
    this.arrived = [];
    this.arrivedCharacters = 0;
    for (const row of arrived) {
      this.rows.push(row);
      this.characters += row.raw.length;
      if (row.channel !== null) this.count(row.channel);
      if (this.wants(row)) this.view.push(row);
    }
    let gone = 0;
    while (
      this.rows.length - gone > this.rowsMax ||
      (this.characters > this.charactersMax && gone < this.rows.length - 1)
    )
      this.characters -= this.rows[gone++].raw.length;
    if (gone === 0) return 0;
    const last = this.rows[gone - 1].n;
    this.rows = this.rows.slice(gone);
    let hidden = 0;
    while (hidden < this.view.length && this.view[hidden].n <= last) hidden++;
    if (hidden > 0) this.view = this.view.slice(hidden);
    return hidden;
  }

  setFilter(filter) {
    this.filter = { ...this.filter, ...filter };
    this.view = this.rows.filter(row => this.wants(row));
  }

  wants(row) {
    if (row.isGap) return true;
    const { levels, channels, source, text } = this.filter;
    return (
      (levels.size === 0 || levels.has(row.level)) &&
      (channels.size === 0 || channels.has(row.channel)) &&
      (source === "" || row.source === source) &&
      (text === "" || (row.searched ??= row.raw.toLowerCase()).includes(text.toLowerCase()))
    );
  }

  count(channel) {
    const before = this.channels.get(channel);
    // A name more is a chip more.
    if (before !== undefined || this.channels.size < 200) this.channels.set(channel, (before ?? 0) + 1);
  }
}

/** A row of one record's JSON. What is no record of ours is shown as its text. */
export function rowOf(raw) {
  let record = {};
  try {
    const parsed = JSON.parse(raw);
    if (parsed !== null && typeof parsed === "object") record = parsed;
  } catch {
    // Its text is all that there is.
  }
  return {
    raw,
    time: text(record["@t"]),
    level: levelOf(record),
    channel: text(record.channel),
    source: text(record.source),
    message: oneLine(text(record.message) ?? text(record["@m"]) ?? text(record["@mt"]) ?? raw),
    hasException: record["@x"] !== undefined,
    key: record.seq === undefined ? raw : `${record.source}/${record.instance}/${record.seq}`,
  };
}

/** A row that says that records are missing before it; 0: nobody knows how many. */
export const gapRow = missed => ({
  raw: "",
  isGap: true,
  time: null,
  level: null,
  channel: null,
  source: null,
  message: `${missed > 0 ? plural(missed, "record") : "Some records"} passed faster than this page took them; the files have them all`,
  key: null,
});

const text = value =>
  value === undefined || value === null ? null : typeof value === "string" ? value : JSON.stringify(value);

function levelOf(record) {
  const level = text(record.level)?.toLowerCase();
  return LEVELS.includes(level) ? level : null;
}

// A row shows the beginning; the whole text is in the record.
function oneLine(message) {
  const start = message.length > 600 ? `${message.slice(0, 600)}…` : message;
  return /[\r\n\t]/.test(start) ? start.replace(/\s*[\r\n\t]+\s*/g, " ") : start;
}

const sum = rows => rows.reduce((total, row) => total + row.raw.length, 0);

function newest(rows, rowsMax, charactersMax) {
  let from = Math.max(0, rows.length - rowsMax);
  let characters = 0;
  for (let i = rows.length - 1; i >= from; i--) {
    characters += rows[i].raw.length;
    if (characters > charactersMax && i < rows.length - 1) from = i + 1;
  }
  return from === 0 ? rows : rows.slice(from);
}
