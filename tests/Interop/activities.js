import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

export async function greet(name) {
  return `Hello, ${name}!`;
}

export async function echo(text) {
  return text;
}

export async function fail() {
  const cause = ApplicationFailure.create({ message: 'no space', type: 'DiskFull' });
  throw ApplicationFailure.create({ message: 'cannot be done', type: 'Impossible', nonRetryable: true, details: ['why', 7], cause });
}

export async function throwPlain() {
  throw new TypeError('as is', { cause: new RangeError('beneath') });
}

// Goes on from where another SDK's attempt was, and until there is one leaves its own mark.
export async function resume() {
  const { heartbeatDetails } = activityInfo();
  if (heartbeatDetails !== undefined && heartbeatDetails.by !== 'TypeScript')
    return `TypeScript went on from ${heartbeatDetails.by}, line ${heartbeatDetails.line}`;
  heartbeat({ by: 'TypeScript', line: 7 });
  throw new Error('interrupted');
}

// Its argument comes from an interceptor.
export async function header(text) {
  return text;
}
