import assert from 'node:assert/strict';
import {
  ApplicationFailure, TerminatedFailure, TimeoutFailure, WithStartWorkflowOperation, WorkflowExecutionAlreadyStartedError, WorkflowFailedError,
  WorkflowNotFoundError, WorkflowUpdateFailedError, isGrpcServiceError,
} from '@temporalio/client';
import * as workflows from './workflows.js';

const causeOf = async (promise) => {
  try {
    await promise;
  } catch (e) {
    return e instanceof WorkflowFailedError ? e.cause : e;
  }
  throw new assert.AssertionError({ message: 'it did not fail' });
};

const eventually = async (check) => {
  const end = Date.now() + 20_000;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const typesOf = async (handle) => {
  const { events } = await handle.fetchHistory();
  return events.map((e) => Object.keys(e).find((key) => key.endsWith('EventAttributes') && e[key]).replace('EventAttributes', ''));
};

// Each case: what a user does with the official SDK's client, against workflows and activities of its worker.
// "run" executes a workflow under an id of its own, "start" starts one.
export const cases = {
  async activities({ run }) {
    assert.equal(await run('doubled', 21), 42);
  },

  async retries({ run }) {
    assert.equal(await run('retried', 3), 3);
  },

  async aPendingActivityIsDescribed({ start, client }) {
    const handle = await start('retried', 1000);
    await eventually(async () => {
      const { raw } = await handle.describe();
      const pending = raw.pendingActivities?.[0];
      return pending?.attempt > 1 && /^attempt \d+ of 1000$/.test(pending.lastFailure?.message ?? '') && pending.activityType.name === 'failUntil';
    });
    await handle.terminate();
  },

  async aFailureNamesItsTypeAndDetails({ run }) {
    const failure = await causeOf(run('refused'));
    assert.equal(failure.activityType, 'refuse');
    assert.ok(failure.cause instanceof ApplicationFailure);
    assert.equal(failure.cause.type, 'Nope');
    assert.deepEqual(failure.cause.details, [{ why: 'Nope' }]);
    assert.equal(await run('remember'), 'ApplicationFailure Nope');
  },

  async heartbeatsReachTheNextAttempt({ run }) {
    assert.equal(await run('heartbeats'), 42);
  },

  async activitiesTimeOut({ run }) {
    assert.equal(await run('timedOut'), 'TimeoutFailure START_TO_CLOSE');
  },

  async activitiesAreCancelled({ run }) {
    assert.equal(await run('activityCancelled'), 'CancelledFailure');
  },

  async activitiesAreCompletedByOthers({ start, client }) {
    const handle = await start('asynchronous');
    await eventually(async () => (await handle.describe()).raw.pendingActivities?.[0]?.state === 2);
    const { raw } = await handle.describe();
    await client.activity.heartbeat({ workflowId: handle.workflowId, activityId: raw.pendingActivities[0].activityId }, 'on the way');
    await client.activity.complete({ workflowId: handle.workflowId, activityId: raw.pendingActivities[0].activityId }, 'from outside');
    assert.equal(await handle.result(), 'from outside');
  },

  async timers({ run }) {
    assert.deepEqual(await run('timers'), [100, 200, 300, 'CancelledFailure', false]);
  },

  async signalsAndQueries({ start }) {
    const handle = await start('adder', 3);
    assert.equal(await handle.query('total'), 0);
    await handle.signal('add', 1);
    await eventually(async () => (await handle.query('total')) === 1);
    await handle.signal('add', 2);
    assert.equal(await handle.result(), 3);
    assert.equal(await handle.query('total'), 3);
    assert.ok(isGrpcServiceError((await causeOf(handle.signal('add', 1)))) || (await causeOf(handle.signal('add', 1))) instanceof WorkflowNotFoundError);
  },

  async unknownQueriesAreRefused({ start }) {
    const handle = await start('adder', 3);
    assert.match((await causeOf(handle.query('unknown'))).message, /unknown/);
    await handle.terminate();
  },

  async signalWithStart({ client, id, queue }) {
    const options = { workflowId: id, taskQueue: queue, signal: 'add', signalArgs: [2], args: [4] };
    const first = await client.workflow.signalWithStart('adder', options);
    await client.workflow.signalWithStart('adder', options);
    assert.equal(await first.result(), 4);
  },

  async updates({ start }) {
    const handle = await start('changeable');
    assert.equal(await handle.executeUpdate('change', { args: [5] }), 0);
    assert.equal(await handle.executeUpdate('change', { args: [6, 'slowly'] }), 5);
    const accepted = await handle.startUpdate('change', { args: [7, 'slowly'], waitForStage: 'ACCEPTED', updateId: 'mine' });
    assert.equal(accepted.updateId, 'mine');
    assert.equal(await accepted.result(), 6);
    assert.equal(await handle.getUpdateHandle('mine').result(), 6);
    assert.equal(await handle.executeUpdate('change', { args: [4, 'doubled'] }), 7);
    await handle.signal('close');
    assert.equal(await handle.result(), 8);
  },

  async aRefusedUpdateLeavesNoTrace({ start }) {
    const handle = await start('changeable');
    await handle.executeUpdate('change', { args: [1] });
    const before = (await typesOf(handle)).length;
    const refused = await causeOf(handle.executeUpdate('change', { args: [-1] }));
    assert.ok(refused instanceof WorkflowUpdateFailedError);
    assert.match(refused.cause.message, /-1 is below zero/);
    assert.equal((await typesOf(handle)).length, before);
    const failed = await causeOf(handle.executeUpdate('change', { args: [1, 'failing'] }));
    assert.equal(failed.cause.type, 'Update');
    await handle.signal('close');
    assert.equal(await handle.result(), 1);
  },

  async updateWithStart({ client, id, queue }) {
    const startWorkflowOperation = new WithStartWorkflowOperation('changeable', { workflowId: id, taskQueue: queue, workflowIdConflictPolicy: 'USE_EXISTING' });
    assert.equal(await client.workflow.executeUpdateWithStart('change', { args: [9], startWorkflowOperation }), 0);
    const handle = await startWorkflowOperation.workflowHandle();
    await handle.signal('close');
    assert.equal(await handle.result(), 9);
  },

  async childWorkflows({ start, client, id }) {
    const handle = await start('parent');
    assert.deepEqual(await handle.result(), [42, 'ApplicationFailure Child', 'CancelledFailure', 5, `${id}-left`]);
    await eventually(async () => (await client.workflow.getHandle(`${id}-ended`).describe()).status.name === 'TERMINATED');
    const left = client.workflow.getHandle(`${id}-left`);
    assert.equal((await left.describe()).status.name, 'RUNNING');
    await left.terminate();
  },

  async otherWorkflowsAreSignalledAndCancelled({ start, run, id }) {
    const other = await start('adder', 100);
    assert.match(await run('outside', other.workflowId), /ExternalWorkflow|NotFound|Error/i);
    assert.equal((await causeOf(other.result())).name, 'CancelledFailure');
    assert.ok((await typesOf(other)).includes('workflowExecutionSignaled'));
  },

  async continueAsNew({ start }) {
    const handle = await start('again', 3);
    assert.equal(await handle.result(), 'true');
    assert.equal((await typesOf(handle)).at(0), 'workflowExecutionStarted');
  },

  async aCancelledWorkflowCleansUp({ start }) {
    const handle = await start('cleansUp');
    await eventually(async () => (await typesOf(handle)).includes('timerStarted'));
    await handle.cancel();
    assert.equal((await causeOf(handle.result())).name, 'CancelledFailure');
    assert.equal((await handle.describe()).status.name, 'CANCELLED');
    assert.ok((await typesOf(handle)).includes('activityTaskCompleted'));
  },

  async termination({ start }) {
    const handle = await start('untilToldTo');
    await handle.terminate('enough');
    const failure = await causeOf(handle.result());
    assert.ok(failure instanceof TerminatedFailure);
    assert.equal(failure.message, 'enough');
  },

  async localActivities({ start }) {
    const handle = await start('locals');
    assert.deepEqual(await handle.result(), [8, 3, 2, 'ApplicationFailure Local']);
    assert.ok(!(await typesOf(handle)).includes('activityTaskScheduled'));
  },

  async patches({ run }) {
    assert.equal(await run('patches'), 'new new');
  },

  async twoHundredActivitiesAtOnce({ run }) {
    assert.equal(await run('fanOut', 200), 39800);
  },

  async workflowsTimeOut({ start }) {
    const handle = await start('untilToldTo', { workflowExecutionTimeout: '1s' });
    assert.ok((await causeOf(handle.result())) instanceof TimeoutFailure);
    assert.equal((await handle.describe()).status.name, 'TIMED_OUT');
  },

  async workflowsAreRetried({ start }) {
    const handle = await start('failsFirst', { retry: { initialInterval: '100ms', maximumAttempts: 5 } });
    assert.equal(await handle.result(), 3);
  },

  async startsAreDelayed({ start }) {
    const began = Date.now();
    const handle = await start('doubled', 1, { startDelay: '1s' });
    assert.equal(await handle.result(), 2);
    assert.ok(Date.now() - began >= 1000);
  },

  async idsAreUsedAsThePoliciesSay({ client, id, queue }) {
    const start = (options) => client.workflow.start('adder', { workflowId: id, taskQueue: queue, args: [1], ...options });
    const first = await start({});
    const conflict = await causeOf(start({}));
    assert.ok(conflict instanceof WorkflowExecutionAlreadyStartedError);
    const same = await start({ workflowIdConflictPolicy: 'USE_EXISTING' });
    assert.equal(same.firstExecutionRunId, first.firstExecutionRunId);
    const other = await start({ workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
    assert.notEqual(other.firstExecutionRunId, first.firstExecutionRunId);
    await other.signal('add', 1);
    await other.result();
    assert.ok((await causeOf(start({ workflowIdReusePolicy: 'REJECT_DUPLICATE' }))) instanceof WorkflowExecutionAlreadyStartedError);
    assert.ok((await causeOf(start({ workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' }))) instanceof WorkflowExecutionAlreadyStartedError);
    await (await start({ workflowIdReusePolicy: 'ALLOW_DUPLICATE' })).terminate();
    await (await start({ workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' })).terminate();
  },

  async searchAttributesAndMemo({ start, client, id }) {
    const handle = await start('upserts', { searchAttributes: { CustomKeywordField: ['first'] }, memo: { note: 'first', other: 1 } });
    assert.equal(await handle.result(), 'changed');
    const description = await handle.describe();
    assert.deepEqual(description.memo, { note: 'changed', other: 1 });
    assert.deepEqual(description.searchAttributes.CustomKeywordField, ['changed']);
    await eventually(async () => (await client.workflow.count(`CustomKeywordField = 'changed' AND WorkflowId = '${id}'`)).count === 1);
  },

  async workflowsAreListedAndCounted({ client, id, queue }) {
    const handles = await Promise.all([1, 2, 3].map((n) => client.workflow.start('doubled', { workflowId: `${id}-${n}`, taskQueue: queue, args: [n] })));
    await Promise.all(handles.map((h) => h.result()));
    const query = `WorkflowType = 'doubled' AND WorkflowId STARTS_WITH '${id}-' AND ExecutionStatus = 'Completed'`;
    await eventually(async () => (await client.workflow.count(query)).count === 3);
    const ids = [];
    for await (const w of client.workflow.list({ query, pageSize: 2 })) ids.push(w.workflowId);
    assert.deepEqual(ids.sort(), [1, 2, 3].map((n) => `${id}-${n}`));
    assert.ok(workflows.doubled);
  },

  async aResultIsWaitedFor({ start }) {
    const handle = await start('adder', 1);
    const waiting = handle.result();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await handle.signal('add', 1);
    assert.equal(await waiting, 1);
  },

  async aMissingWorkflowIsNotFound({ client, id }) {
    assert.ok((await causeOf(client.workflow.getHandle(`${id}-missing`).describe())) instanceof WorkflowNotFoundError);
    assert.ok((await causeOf(client.workflow.getHandle(`${id}-missing`).result())) instanceof WorkflowNotFoundError);
  },
};
