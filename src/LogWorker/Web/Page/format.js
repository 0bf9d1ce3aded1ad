// Numbers, sizes and times as people read them. Null is "–": not known.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const unknown = "–";

export const count = n => (n === null || n === undefined ? unknown : whole.format(n));

/** For places with little room: 12,345 stays, 1,234,567 becomes 1.2M. */
export const shortCount = n =>
  n === null || n === undefined ? unknown : Math.abs(n) < 100000 ? whole.format(n) : short.format(n);

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function rate(n) {
  if (n === null || n === undefined) return unknown;
  return n > 0 && n < 10 ? n.toFixed(1) : shortCount(Math.round(n));
}

export function bytes(n) {
  if (n === null || n === undefined) return unknown;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** A latency in seconds. */
export function seconds(s) {
  if (s === null || s === undefined) return unknown;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${s.toFixed(2)} s`;
  return s < 120 ? `${s.toFixed(1)} s` : duration(s);
}

/** How long, in the two largest units. */
export function duration(s) {
  if (s === null || s === undefined) return unknown;
  s = Math.max(0, Math.round(s));
  const parts = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = parts.findIndex(([size]) => s >= size);
  if (first < 0) return "0 s";
  const [size, unit] = parts[first];
  const rest = parts[first + 1];
  const left = rest ? Math.floor((s % size) / rest[0]) : 0;
  return `${Math.floor(s / size)} ${unit}${left ? ` ${left} ${rest[1]}` : ""}`;
}

const two = n => String(n).padStart(2, "0");

/** The time of day on this machine's clock; a date before it when it is another day's. */
export function clock(time, now = new Date()) {
  const t = new Date(time);
  if (isNaN(t)) return unknown;
  const day =
    t.toDateString() === now.toDateString() ? "" : `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} `;
  return `${day}${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

export function clockMs(time) {
  const t = new Date(time);
  return isNaN(t)
    ? unknown
    : `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

export const ago = (time, now = Date.now()) => {
  const t = Date.parse(time);
  return isNaN(t) ? unknown : `${duration((now - t) / 1000)} ago`;
};
