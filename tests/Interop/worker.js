import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from './activities.js';
import { dataConverterOf } from './codec.js';
import { activityInterceptor } from './interceptors.js';

const [address, taskQueue, kind] = process.argv.slice(2);
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });

const connection = await NativeConnection.connect({ address });
// all: workflows and activities, on a second queue behind the codec; echo: the same on one queue; activities: those alone.
const queues = kind !== 'all' ? { [taskQueue]: undefined } : { [taskQueue]: undefined, [`${taskQueue}-aes`]: 'aes' };
const workflowBundle = kind === 'activities' ? undefined : await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
  workflowInterceptorModules: [fileURLToPath(new URL('interceptors.js', import.meta.url))],
  logger,
});
const workers = await Promise.all(Object.entries(queues).map(([queue, codec]) => Worker.create({
  connection, taskQueue: queue, activities, workflowBundle, dataConverter: dataConverterOf(codec),
  interceptors: { activity: [activityInterceptor] },
  shutdownGraceTime: '1s',
})));
const runs = workers.map((worker) => worker.run());
console.log('ready');
await Promise.all(runs);
await connection.close();
