// The last hour: what the worker kept, and what it has done since then.
import uPlot from "./uplot/uPlot.esm.js";
import { byId, el, say } from "./dom.js";
import { clock, rate, seconds, shortCount, unknown } from "./format.js";
import { colour, whenThemeChanges } from "./theme.js";

const HOUR = 3600;
const HEIGHT = 132;

const kinds = [
  {
    title: "Throughput",
    unit: "records/s",
    show: rate,
    least: 5,
    series: [
      { label: "written", of: point => point.rate, colour: "--accent", isFilled: true },
      { label: "dead letters", of: point => point.deadRate || null, colour: "--bad" },
    ],
  },
  {
    title: "Latency",
    unit: "event to disk",
    show: seconds,
    least: 0.05,
    series: [
      { label: "median", of: point => point.latencyMedian, colour: "--accent", isFilled: true },
      { label: "95 %", of: point => point.latency95, colour: "--series-2" },
    ],
  },
  {
    title: "Backlog",
    unit: "batches in Temporal",
    show: shortCount,
    least: 5,
    series: [
      { label: "waiting", of: point => point.pendingBatches, colour: "--accent", isFilled: true },
      { label: "failed attempts", of: point => point.failedAttempts || null, colour: "--bad" },
    ],
  },
];

let history = [];
let live = [];
let last = null;
const charts = [];

export function startCharts() {
  for (const kind of kinds) {
    const legend = kind.series.map(series => ({ series, value: el("b", {}, unknown) }));
    const at = el("span", { class: "at" });
    const place = el("div", {
      class: "plot",
      role: "img",
      "aria-label": `${kind.title} over the last hour, ${kind.unit}`,
    });
    byId("charts").append(
      el(
        "figure",
        { class: "chart" },
        el(
          "figcaption",
          {},
          el("h3", {}, kind.title),
          el("span", { class: "unit" }, kind.unit),
          el(
            "span",
            { class: "legend" },
            at,
            legend.map(({ series, value }) =>
              el("span", { class: `key ${series.colour.slice(2)}` }, series.label, " ", value),
            ),
          ),
        ),
        place,
      ),
    );
    charts.push({ kind, place, legend, at, plot: null });
  }
  draw();
  new ResizeObserver(resize).observe(byId("charts"));
  whenThemeChanges(() => {
    for (const chart of charts) {
      chart.plot?.destroy();
      chart.plot = null;
    }
    draw();
  });
}

/** An answer of /api/history. */
export function setHistory(answer) {
  const step = answer.stepSeconds || 10;
  history = (answer.points ?? [])
    .map(point => ({
      ...point,
      at: Date.parse(point.time) / 1000,
      rate: point.written / step,
      deadRate: point.deadLettered / step,
    }))
    .filter(point => !isNaN(point.at));
  const end = history.at(-1)?.at ?? 0;
  live = live.filter(point => point.at > end + step / 2);
  draw();
}

/** An answer of /api/stats: what has happened since the one before it is a point. */
export function addLive(stats) {
  const now = Date.now() / 1000;
  const before = last;
  if (before && now - before.at < 4.5) return;
  last = {
    at: now,
    written: stats.records.written,
    dead: stats.records.deadLettered,
    failed: stats.batches.failedAttempts,
    startedAt: stats.worker.startedAt,
  };
  // Another process counts from nought.
  if (!before || before.startedAt !== last.startedAt) return;
  const passed = now - before.at;
  live.push({
    at: now,
    rate: (last.written - before.written) / passed,
    deadRate: (last.dead - before.dead) / passed,
    latencyMedian: stats.latency.median,
    latency95: stats.latency.percentile95,
    pendingBatches: stats.temporal.isReached ? stats.temporal.pendingBatches : null,
    failedAttempts: last.failed - before.failed,
  });
  live = live.filter(point => point.at > now - HOUR);
  draw();
}

function draw() {
  const now = Date.now() / 1000;
  const points = [...history, ...live].filter(point => point.at > now - HOUR && point.at <= now + 60);
  for (const chart of charts) {
    const data = [
      points.map(point => point.at),
      ...chart.kind.series.map(series => points.map(point => series.of(point) ?? null)),
    ];
    chart.plot ??= create(chart, data);
    chart.plot.setData(data, false);
    chart.plot.setScale("x", { min: now - HOUR, max: now });
    showLegend(chart, null);
  }
}

function create(chart, data) {
  const { kind } = chart;
  const axis = {
    stroke: colour("--muted"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: colour("--line-soft"), width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: Math.max(200, chart.place.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      padding: [6, 16, 0, 0],
      cursor: { sync: { key: "hour" }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: {
        x: { time: true },
        y: { range: (_, __, max) => [0, Math.max(max * 1.15, kind.least)] },
      },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 4,
          space: 60,
          values: (_, splits) => splits.map(at => clock(at * 1000).slice(-8, -3)),
        },
        {
          ...axis,
          size: 44,
          gap: 6,
          space: 26,
          values: (_, splits) => splits.map(n => (n === 0 ? "0" : kind.show(n))),
        },
      ],
      series: [
        {},
        ...kind.series.map(series => ({
          stroke: colour(series.colour),
          width: 1.5,
          spanGaps: false,
          // Trouble is rare, and a line of one point is a dot.
          points: { show: series.colour === "--bad", size: 5, fill: colour(series.colour) },
          fill: series.isFilled ? colour(`${series.colour}-wash`) : undefined,
        })),
      ],
      hooks: { setCursor: [plot => showLegend(chart, plot.cursor.idx)] },
    },
    data,
    chart.place,
  );
}

function showLegend(chart, index) {
  const data = chart.plot.data;
  const i = index ?? data[0].length - 1;
  say(chart.at, index === null || index === undefined || i < 0 ? "" : clock(data[0][i] * 1000));
  chart.legend.forEach(({ value }, n) =>
    say(
      value,
      i < 0 ? unknown : chart.kind.show(data[n + 1][i] ?? (chart.kind.series[n].colour === "--bad" ? 0 : null)),
    ),
  );
}

function resize() {
  for (const { plot, place } of charts)
    if (plot && place.clientWidth > 0 && place.clientWidth !== plot.width)
      plot.setSize({ width: place.clientWidth, height: HEIGHT });
}
