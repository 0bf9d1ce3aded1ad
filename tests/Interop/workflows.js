import {
  ActivityFailure, CancellationScope, condition, defineQuery, defineSignal, isCancellation, patched,
  proxyActivities, proxyLocalActivities, setHandler, sleep,
} from '@temporalio/workflow';
import { describe, values } from './values.js';

const retry = { initialInterval: '10ms', maximumAttempts: 3 };
const remote = proxyActivities({ startToCloseTimeout: '10s', retry });
const local = proxyLocalActivities({ startToCloseTimeout: '10s', retry });

export async function Collect(count) {
  const items = [];
  setHandler(defineSignal('add'), (item) => void items.push(item));
  setHandler(defineQuery('count'), () => items.length);
  setHandler(defineQuery('item'), (index) => items[index]);
  await condition(() => items.length >= count);
  return items.join(' ');
}

export async function CallActivity(queue, name, args) {
  const activities = proxyActivities({
    taskQueue: queue,
    startToCloseTimeout: '30s',
    retry: { initialInterval: '200ms', backoffCoefficient: 1, nonRetryableErrorTypes: ['TypeError', 'InvalidOperationException'] },
  });
  return await activities[name](...args);
}

export async function Describe(...args) {
  return args.map(describe).join(' | ');
}

export async function Give(kind) {
  return values[kind];
}

export async function Echo(text, locally) {
  return await (locally ? local : remote).echo(text);
}

export async function Mixed(name) {
  let going = false;
  setHandler(defineSignal('go'), () => void (going = true));
  const said = [];
  await sleep(50);
  said.push(await remote.greet(name));
  said.push(await local.greet('local'));
  if (patched('second-greeting')) said.push(await remote.greet('patched'));
  said.push(await failureOf(() => remote.fail()));
  said.push(await failureOf(() => local.fail()));
  await condition(() => going);
  said.push(`${await condition(() => false, 20)}`);
  said.push(await cancelTimer());
  const both = await Promise.all([local.greet('one'), remote.greet('two'), sleep(30)]);
  said.push(both[0], both[1], `${patched('second-greeting')}`);
  return said.join(' ');
}

async function cancelTimer() {
  const scope = new CancellationScope();
  const timer = scope.run(() => sleep('1 hour'));
  await sleep(10);
  scope.cancel();
  try {
    await timer;
    return 'fired';
  } catch (e) {
    if (isCancellation(e)) return 'cancelled';
    throw e;
  }
}

async function failureOf(call) {
  try {
    await call();
    return 'did not fail';
  } catch (e) {
    const outer = e instanceof ActivityFailure ? `${e.activityType}/${e.activityId} ` : '';
    const inner = e instanceof ActivityFailure ? e.cause : e;
    return `${outer}${inner.type} ${inner.details[1]}`;
  }
}
