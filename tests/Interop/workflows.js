import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityFailure, ApplicationFailure, CancellationScope, condition, defineQuery, defineSignal, defineUpdate, executeChild, isCancellation,
  makeContinueAsNewFunc, patched, proxyActivities, proxyLocalActivities, setHandler, sleep, workflowInfo,
} from '@temporalio/workflow';
import { receivedHeader } from './interceptors.js';
import { describe, values } from './values.js';

const keyword = defineSearchAttributeKey('TemporalChangeVersion', 'KEYWORD_LIST');
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

// What its caller sent along, and what its activity got.
export async function Headers(queue) {
  const { header } = proxyActivities({ taskQueue: queue, startToCloseTimeout: '30s' });
  return `${receivedHeader()} ${await header()}`;
}

export async function Counter() {
  let sum = 0;
  let stopped = false;
  setHandler(defineUpdate('add'), async (number) => {
    await sleep(1);
    return (sum += number);
  }, {
    validator: (number) => {
      if (number < 0) throw ApplicationFailure.create({ message: 'only up', type: 'Negative', nonRetryable: true });
    },
  });
  setHandler(defineUpdate('stop'), async () => void (stopped = true));
  await condition(() => stopped);
  return sum;
}

// Its child runs on another queue, under the same type name; so does the run it continues as.
export async function Across(queue, depth) {
  const memo = workflowInfo().memo?.note ?? 'none';
  const attribute = workflowInfo().typedSearchAttributes.get(keyword) ?? 'none';
  if (depth === 0) return `TypeScript(${memo} ${attribute})`;
  const options = {
    workflowId: `${workflowInfo().workflowId}/child`, taskQueue: queue, memo: { note: 'from TypeScript' },
    typedSearchAttributes: [{ key: keyword, value: ['typescript'] }],
  };
  const child = await executeChild('Across', { ...options, args: [queue, 0] });
  if (depth === 1) return child;
  await makeContinueAsNewFunc({ workflowType: 'Across', taskQueue: queue, memo: { note: child }, typedSearchAttributes: options.typedSearchAttributes })(queue, 0);
}
