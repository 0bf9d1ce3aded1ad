// node suite/run.js ADDRESS: every case, once with runs remembered and once with every task replayed.
// One line a case: "ok NAME" or "failed NAME MESSAGE".
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from './activities.js';
import { cases } from './cases.js';

const CaseMaximum = 60_000;
const AtATime = 8;

const [address, only] = process.argv.slice(2);
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });

const native = await NativeConnection.connect({ address });
const connection = await Connection.connect({ address });
const client = new Client({ connection });
await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: { CustomKeywordField: 2 } }).catch((e) => {
  if (e.code !== 6) throw e; // 6: it is there already
});
const workflowBundle = await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)), logger });
const session = Math.random().toString(36).slice(2, 8);

function contextOf(name, queue) {
  const id = `${queue}-${name}`;
  let nth = 0;
  const start = (type, ...args) => {
    const options = args.at(-1) !== null && typeof args.at(-1) === 'object' ? args.pop() : {};
    return client.workflow.start(type, { workflowId: nth++ === 0 ? id : `${id}-${nth}`, taskQueue: queue, args, ...options });
  };
  return { client, id, queue, start, run: async (...all) => await (await start(...all)).result() };
}

async function check(name, queue, mode) {
  const limit = new Promise((_, reject) => setTimeout(() => reject(new Error(`not done in ${CaseMaximum} ms`)), CaseMaximum).unref());
  try {
    await Promise.race([cases[name](contextOf(name, queue)), limit]);
    console.log(`ok ${name} ${mode}`);
  } catch (e) {
    console.log(`failed ${name} ${mode} ${`${e.stack ?? e} ${e.cause ?? ''}`.replaceAll('\n', ' ')}`);
  }
}

for (const [mode, maxCachedWorkflows] of [['remembered', 100], ['replayed', 0]]) {
  const queue = `suite-${session}-${mode}`;
  const worker = await Worker.create({ connection: native, taskQueue: queue, activities, workflowBundle, maxCachedWorkflows, shutdownGraceTime: '1s' });
  await worker.runUntil(async () => {
    const names = Object.keys(cases).filter((name) => !only || name === only);
    await Promise.all(Array.from({ length: AtATime }, async () => {
      for (let name = names.shift(); name; name = names.shift()) await check(name, queue, mode);
    }));
  });
}
await connection.close();
await native.close();
