// Asks the worker. A token, where one is needed, stays in this tab and goes along as a header.

const TIMEOUT = 8000;
const KEY = "token";

let token = read();
const onLogin = [];
let asking = false;

/** An answer that is none: status 0 means that nobody answered. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** Called when a token is needed; isWrong: one was given. */
export function whenTokenIsNeeded(listener) {
  onLogin.push(listener);
}

export function setToken(text) {
  token = text;
  asking = false;
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // Storage is off: it is asked for again after a reload.
  }
}

/** The parsed answer; Refused when there is none. */
export async function getJson(path) {
  const answer = await send(path, { signal: AbortSignal.timeout(TIMEOUT) });
  return await answer.json();
}

/** Changes something; gives the parsed answer, or null when it has no JSON. */
export async function change(method, path) {
  const answer = await send(path, {
    method,
    headers: { "X-Requested-With": "logworker" },
    signal: AbortSignal.timeout(30000),
  });
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Reads server-sent events until they end. A plain EventSource could not send the token.
 * @param onEvent called with name and data of each.
 */
export async function readEvents(path, signal, onOpen, onEvent) {
  const answer = await send(path, { signal, headers: { Accept: "text/event-stream" } });
  onOpen();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let name = "message";
  let data = null;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (data !== null) onEvent(name, data);
        name = "message";
        data = null;
      } else if (line.startsWith("data:")) {
        const part = line.slice(line[5] === " " ? 6 : 5);
        data = data === null ? part : `${data}\n${part}`;
      } else if (line.startsWith("event:")) {
        name = line.slice(6).trim();
      }
    }
  }
}

async function send(path, options) {
  if (asking) throw new Refused(401, "The token is asked for.");
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (options.signal?.aborted && options.signal.reason?.name !== "TimeoutError") throw error;
    throw new Refused(0, "The worker does not answer.");
  }
  if (answer.ok) return answer;
  if (answer.status === 401) needToken();
  throw new Refused(answer.status, (await answer.text()).trim() || `The worker answered ${answer.status}.`);
}

function needToken() {
  if (asking) return;
  asking = true;
  for (const listener of onLogin) listener(Boolean(token));
}

function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
