import { defaultPayloadConverter } from '@temporalio/common';

const name = 'from';
const mine = { [name]: defaultPayloadConverter.toPayload('TypeScript') };
const read = (headers) => (headers?.[name] ? defaultPayloadConverter.fromPayload(headers[name]) : 'no header');
const send = (input, next) => next({ ...input, headers: { ...input.headers, ...mine } });

let received;
export const receivedHeader = () => received;

// In a workflow's bundle: keeps what its caller sent, and sends its own to activities.
export const interceptors = () => ({
  inbound: [{ execute: (input, next) => ((received = read(input.headers)), next(input)) }],
  outbound: [{ scheduleActivity: send }],
});

export const clientInterceptor = { start: send };

// The activity named header is told what it was sent.
export const activityInterceptor = (context) => ({
  inbound: { execute: (input, next) => next(context.info.activityType === 'header' ? { ...input, args: [read(input.headers)] } : input) },
});
