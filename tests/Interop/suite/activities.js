import { CompleteAsyncError, Context, activityInfo, heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

export async function double(n) {
  return n * 2;
}

export async function failUntil(attempt) {
  if (activityInfo().attempt < attempt) throw new Error(`attempt ${activityInfo().attempt} of ${attempt}`);
  return activityInfo().attempt;
}

export async function refuse(type) {
  throw ApplicationFailure.create({ message: 'refused', type, nonRetryable: true, details: [{ why: type }] });
}

// The first attempt notes how far it came and then hangs; the second goes on from there.
export async function countOn() {
  const from = activityInfo().heartbeatDetails ?? 0;
  if (from === 0) {
    heartbeat(41);
    await Context.current().cancelled;
  }
  return from + 1;
}

export async function untilCancelled() {
  const beat = setInterval(() => heartbeat('alive'), 100);
  try {
    await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}

export async function wait(milliseconds) {
  await sleep(milliseconds);
  return 'waited';
}

// Somebody else completes it, by the id of the workflow and its own.
export async function later() {
  throw new CompleteAsyncError();
}
