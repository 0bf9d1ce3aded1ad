import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { dataConverterOf } from './codec.js';
import { clientInterceptor } from './interceptors.js';
import { describe, values } from './values.js';

const [address, codec] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const client = new Client({ connection, dataConverter: dataConverterOf(codec), interceptors: { workflow: [clientInterceptor] } });

// Arguments are named values, so that bytes and undefined can be asked for in JSON.
const argsOf = (request) => request.args ?? (request.values ?? []).map((name) => values[name]);

const operations = {
  start: async (r) => (await client.workflow.start(r.type, { workflowId: r.id, taskQueue: r.queue, args: argsOf(r) })).workflowId,
  signal: (r) => client.workflow.getHandle(r.id).signal(r.type, ...argsOf(r)),
  query: (r) => client.workflow.getHandle(r.id).query(r.type, ...argsOf(r)),
  update: (r) => client.workflow.getHandle(r.id).executeUpdate(r.type, { args: argsOf(r) }),
  result: (r) => client.workflow.getHandle(r.id).result(),
};

// Failures as they came, down to the last cause.
const failureOf = (e) => e && {
  class: e.constructor.name, message: e.message, type: e.type ?? undefined, nonRetryable: e.nonRetryable ?? undefined,
  details: e.details ?? undefined, activityType: e.activityType, stack: e.stack, cause: failureOf(e.cause),
};

const replies = [];
for (const request of JSON.parse(await text(process.stdin))) {
  try {
    replies.push({ value: describe(await operations[request.do](request)) });
  } catch (e) {
    replies.push({ failure: failureOf(e) });
  }
}
console.log(JSON.stringify(replies));
await connection.close();
