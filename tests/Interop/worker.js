import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { dataConverter } from './codec.js';

const [address, taskQueue] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });

const connection = await NativeConnection.connect({ address });
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));
const worker = await Worker.create({ connection, taskQueue, workflowsPath, dataConverter, shutdownGraceTime: '1s' });
const run = worker.run();
console.log('ready');
await run;
await connection.close();
