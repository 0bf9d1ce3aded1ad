import {
  ApplicationFailure, CancellationScope, ChildWorkflowCancellationType, ParentClosePolicy, allHandlersFinished, condition,
  continueAsNew, defineQuery, defineSignal, defineUpdate, executeChild, getExternalWorkflowHandle, isCancellation, patched,
  proxyActivities, proxyLocalActivities, setHandler, sleep, startChild, upsertMemo, upsertSearchAttributes, workflowInfo,
} from '@temporalio/workflow';

const retry = { initialInterval: '50ms', backoffCoefficient: 1 };
const activities = proxyActivities({ startToCloseTimeout: '20s', retry });
const quick = proxyActivities({ startToCloseTimeout: '300ms', retry: { ...retry, maximumAttempts: 2 } });
const beating = proxyActivities({ startToCloseTimeout: '20s', heartbeatTimeout: '1s', retry });
const local = proxyLocalActivities({ startToCloseTimeout: '10s', retry });

const failureOf = async (promise) => {
  try {
    await promise;
    return 'none';
  } catch (e) {
    const cause = e.cause ?? e;
    return `${cause.name} ${cause.type ?? cause.timeoutType ?? ''}`.trim();
  }
};

export const doubled = (n) => activities.double(n);
export const retried = (n) => activities.failUntil(n);
export const refused = () => activities.refuse('Nope');
export const heartbeats = () => beating.countOn();
export const remember = () => failureOf(activities.refuse('Nope'));
export const timedOut = () => failureOf(quick.wait(5000));
export const asynchronous = () => activities.later();

export async function activityCancelled() {
  const scope = new CancellationScope();
  const running = scope.run(() => proxyActivities({ startToCloseTimeout: '20s', heartbeatTimeout: '5s', cancellationType: 'WAIT_CANCELLATION_COMPLETED' }).untilCancelled());
  await sleep(500);
  scope.cancel();
  return await failureOf(running);
}

export async function timers() {
  const order = [];
  await Promise.all([300, 100, 200].map(async (milliseconds) => {
    await sleep(milliseconds);
    order.push(milliseconds);
  }));
  const scope = new CancellationScope();
  const never = scope.run(() => sleep('1 day'));
  scope.cancel();
  return [...order, await failureOf(never), await condition(() => false, 50)];
}

export const add = defineSignal('add');
export const total = defineQuery('total');
export async function adder(until) {
  let sum = 0;
  setHandler(add, (n) => void (sum += n));
  setHandler(total, () => sum);
  await condition(() => sum >= until);
  return sum;
}

export const change = defineUpdate('change');
export const close = defineSignal('close');
export async function changeable() {
  let value = 0;
  let closed = false;
  setHandler(close, () => void (closed = true));
  setHandler(change, async (to, how) => {
    if (how === 'slowly') await sleep(200);
    if (how === 'doubled') to = await activities.double(to);
    if (how === 'failing') throw ApplicationFailure.create({ message: 'cannot', type: 'Update' });
    const before = value;
    value = to;
    return before;
  }, {
    validator: (to) => {
      if (to < 0) throw new Error(`${to} is below zero`);
    },
  });
  await condition(() => closed && allHandlersFinished());
  return value;
}

export async function child(n) {
  if (n < 0) throw ApplicationFailure.create({ message: 'below zero', type: 'Child' });
  if (n === 0) await sleep('1 hour');
  return await activities.double(n);
}

export async function parent() {
  const good = await executeChild(child, { args: [21] });
  const bad = await failureOf(executeChild(child, { args: [-1] }));
  const scope = new CancellationScope();
  const cancelled = scope.run(() => executeChild(child, { args: [0], cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED }));
  await sleep(100);
  scope.cancel();
  const waited = await failureOf(cancelled);
  const signalled = await startChild(adder, { args: [5] });
  await signalled.signal(add, 5);
  const left = await startChild(child, { args: [0], workflowId: `${workflowInfo().workflowId}-left`, parentClosePolicy: ParentClosePolicy.ABANDON });
  await startChild(child, { args: [0], workflowId: `${workflowInfo().workflowId}-ended`, parentClosePolicy: ParentClosePolicy.TERMINATE });
  return [good, bad, waited, await signalled.result(), left.workflowId];
}

export async function outside(id) {
  const handle = getExternalWorkflowHandle(id);
  await handle.signal(add, 1);
  await handle.cancel();
  return await failureOf(getExternalWorkflowHandle(`${id}-missing`).signal(add, 1));
}

export async function again(n) {
  if (n > 0) await continueAsNew(n - 1);
  return `${workflowInfo().continuedFromExecutionRunId !== undefined}`;
}

export async function cleansUp() {
  try {
    await sleep('1 hour');
  } catch (e) {
    if (!isCancellation(e)) throw e;
    await CancellationScope.nonCancellable(() => activities.double(1));
    throw e;
  }
}

export async function locals() {
  const slow = proxyLocalActivities({ startToCloseTimeout: '10s', localRetryThreshold: '100ms', retry: { initialInterval: '300ms', backoffCoefficient: 1 } });
  return [await local.double(4), await local.failUntil(3), await slow.failUntil(2), await failureOf(local.refuse('Local'))];
}

export async function patches() {
  const before = patched('one') ? 'new' : 'old';
  await sleep(10);
  return `${before} ${patched('one') ? 'new' : 'old'}`;
}

export async function fanOut(n) {
  const results = await Promise.all(Array.from({ length: n }, (_, i) => activities.double(i)));
  return results.reduce((a, b) => a + b, 0);
}

export async function untilToldTo() {
  await sleep('1 hour');
}

export async function failsFirst() {
  if (workflowInfo().attempt < 3) throw new ApplicationFailure('not yet', 'Retry');
  return workflowInfo().attempt;
}

export async function upserts() {
  upsertSearchAttributes({ CustomKeywordField: ['changed'] });
  upsertMemo({ note: 'changed' });
  await sleep(10);
  return workflowInfo().searchAttributes.CustomKeywordField[0];
}
