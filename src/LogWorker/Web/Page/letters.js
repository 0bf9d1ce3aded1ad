// Dead letters: why, and what to do with each.
import { change, getJson } from "./api.js";
import * as address from "./address.js";
import { ask } from "./question.js";
import { byId, commands, el, empty, refill, say, toast } from "./dom.js";
import { ago, clock, count, plural, unknown } from "./format.js";
import { poll } from "./poll.js";
import { temporalLink } from "./temporalUi.js";

const PAGE = 50;
const LIMIT_MAX = 500;
const REASONS_MAX = 20;

let letters = [];
let limit = PAGE;
let hasMore = false;
let opened = null;
let isReadOnly = false;
let isRefused = false;
let search = address.get("letters");
let askNow;
const busy = new Set();

export function startLetters() {
  const box = byId("letters-search");
  box.value = search;
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      search = box.value.trim();
      address.set("letters", search);
      askNow();
    }, 250);
  });
  askNow = poll(path, 5000, showPage, showNone);
}

export const refreshLetters = () => askNow();

/** @param yes what changes something is refused by this worker. */
export function setReadOnly(yes) {
  if (isReadOnly === yes) return;
  isReadOnly = yes;
  show();
}

function path() {
  const query = new URLSearchParams({ limit });
  if (search) query.set("search", search);
  return `api/dead-letters?${query}`;
}

function showPage(answer) {
  letters = answer.letters;
  hasMore = Boolean(answer.next);
  say(byId("letters-note"), answer.total > 0 ? plural(answer.total, "letter") : "");
  show();
}

function showNone(refused) {
  letters = [];
  say(byId("letters-note"), "");
  refill(byId("letters"), refused.message, () =>
    refused.status === 404
      ? empty(
          "This worker does not show its dead letters here.",
          "On its host: `logworker dead-letters list`, then `retry` or `purge`.",
        )
      : empty(
          "The dead letters are not known now.",
          refused.status ? refused.message : "They are asked for again in a moment.",
        ),
  );
}

function show() {
  refill(
    byId("letters"),
    [letters, letters.map(letter => ago(letter.at)), hasMore, opened, isReadOnly || isRefused, [...busy]],
    () => {
      if (letters.length === 0)
        return search
          ? empty("No dead letter matches.", "Search looks at source, channel and reason.")
          : empty(
              "There are none.",
              "A record that can never be written lands here with its reason, and its neighbours are written.",
            );
      return [
        el(
          "div",
          { class: "scroller" },
          el(
            "table",
            { class: "letters" },
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                ["Reason", "Source", "Channel", "Records", "Since", ""].map(name =>
                  el(
                    "th",
                    { scope: "col", class: name === "Records" ? "number" : "" },
                    name || el("span", { class: "unseen" }, "Actions"),
                  ),
                ),
              ),
            ),
            el("tbody", {}, letters.map(rowsOf)),
          ),
        ),
        hasMore &&
          limit < LIMIT_MAX &&
          el(
            "div",
            { class: "more" },
            el("button", { type: "button", "data-key": "more", onclick: more }, "Show more"),
          ),
      ];
    },
  );
}

function rowsOf(letter) {
  const isOpen = opened?.id === letter.id;
  const isBusy = busy.has(letter.id);
  return [
    el(
      "tr",
      { class: isOpen ? "open" : "" },
      el(
        "td",
        { class: "reason" },
        el(
          "button",
          {
            type: "button",
            class: "as-link",
            "aria-expanded": String(isOpen),
            "data-key": letter.id,
            onclick: () => toggle(letter),
          },
          letter.reason ?? letter.problem ?? "The reason cannot be read",
        ),
        letter.isRetried && el("span", { class: "tag" }, "retried before"),
      ),
      el("td", {}, letter.source ?? unknown),
      el("td", {}, letter.channel ?? unknown),
      el("td", { class: "number", "data-unit": letter.records === 1 ? " record" : " records" }, count(letter.records)),
      el("td", { title: letter.at ? clock(letter.at) : "" }, letter.at ? ago(letter.at) : unknown),
      el(
        "td",
        { class: "actions" },
        isReadOnly || isRefused
          ? null
          : [
              el(
                "button",
                { type: "button", disabled: isBusy, "data-key": `retry ${letter.id}`, onclick: () => retry(letter) },
                "Retry",
              ),
              el(
                "button",
                {
                  type: "button",
                  class: "danger",
                  disabled: isBusy,
                  "data-key": `purge ${letter.id}`,
                  onclick: () => purge(letter),
                },
                "Purge",
              ),
            ],
      ),
    ),
    isOpen && el("tr", { class: "detail" }, el("td", { colspan: 6 }, detail(letter))),
  ];
}

function detail(letter) {
  const { problem, content } = opened;
  const facts = [
    ["letter", letter.id],
    ["batch", letter.workflow && temporalLink(letter.workflow, letter.workflowUrl)],
    ["first record", letter.first],
    ...(content?.parts ?? []).slice(0, REASONS_MAX).map(part => [recordsOf(part), part.reason]),
  ];
  return [
    el(
      "dl",
      {},
      facts
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    ),
    problem && el("p", { class: "warn" }, problem),
    content && el("pre", {}, (content.lines ?? []).join("\n")),
    content?.isCut &&
      el("p", { class: "note" }, ...commands("This is the beginning; `logworker dead-letters show --raw` has all.")),
    !content && !problem && el("p", { class: "note" }, "Asking for its records"),
  ];
}

const recordsOf = part =>
  part.records === 1
    ? `record ${part.index + 1}`
    : `records ${part.index + 1} to ${part.index + Math.max(1, part.records)}`;

async function toggle(letter) {
  if (opened?.id === letter.id) {
    opened = null;
    return show();
  }
  const mine = (opened = { id: letter.id });
  show();
  try {
    mine.content = await getJson(`api/dead-letters/${encodeURIComponent(letter.id)}`);
  } catch (refused) {
    mine.problem = refused.message;
  }
  show();
}

function more() {
  limit = Math.min(LIMIT_MAX, limit + PAGE);
  askNow();
}

const retry = letter =>
  act(
    letter,
    "POST",
    "/retry",
    answer => `${plural(letter.records ?? 1, "record")} sent again as ${answer?.batch ?? "a batch"}.`,
  );

async function purge(letter) {
  const isSure = await ask(
    "Purge this letter?",
    [
      `${plural(letter.records ?? 1, "record")} of ${letter.source ?? "an application"} will be removed for good.` +
        " What is purged is in no file, and nobody can bring it back.",
      letter.reason ?? "",
    ],
    "Purge",
  );
  if (isSure) await act(letter, "DELETE", "", () => "The letter is purged.");
}

async function act(letter, method, verb, done) {
  busy.add(letter.id);
  show();
  try {
    const answer = await change(method, `api/dead-letters/${encodeURIComponent(letter.id)}${verb}`);
    letters = letters.filter(one => one.id !== letter.id);
    toast(done(answer));
  } catch (refused) {
    // What is refused once is not offered again.
    isRefused ||= refused.status === 403;
    toast(refused.message, true);
  } finally {
    busy.delete(letter.id);
    show();
    askNow();
  }
}
