import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { dataConverter } from './codec.js';

const [address] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const client = new Client({ connection, dataConverter });

const operations = {
  start: async (r) => (await client.workflow.start(r.type, { workflowId: r.id, taskQueue: r.queue, args: r.args })).workflowId,
  result: (r) => client.workflow.getHandle(r.id).result(),
};

for (const request of JSON.parse(await text(process.stdin)))
  console.log(JSON.stringify(await operations[request.do](request)));
await connection.close();
