import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));
const { id, history } = JSON.parse(await text(process.stdin));
await Worker.runReplayHistory({ workflowsPath }, history, id);
console.log('fits');
