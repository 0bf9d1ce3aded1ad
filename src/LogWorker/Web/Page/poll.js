import { getJson } from "./api.js";

const HIDDEN_FACTOR = 10;

/**
 * Asks for a path again and again, one question at a time, and seldom while nobody looks.
 * @returns a function that asks now.
 */
export function poll(path, everyMs, onAnswer, onRefused) {
  let timer = 0;
  let isAsking = false;
  const url = typeof path === "function" ? path : () => path;

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    const asked = url();
    try {
      const answer = await getJson(asked);
      if (asked === url()) onAnswer(answer);
    } catch (refused) {
      // Also what an answer of an unexpected form makes of it: the rest of the page goes on.
      onRefused(refused);
    } finally {
      isAsking = false;
      timer = setTimeout(ask, asked === url() ? everyMs * (document.hidden ? HIDDEN_FACTOR : 1) : 0);
    }
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask());
  ask();
  return ask;
}
