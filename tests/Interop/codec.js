import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';

const { Payload } = proto.temporal.api.common.v1;
const cipher = 'aes-256-gcm';
const key = Buffer.from('test-key-test-key-test-key-test!');
const nonceLength = 12;
const tagLength = 16;
const text = (value) => new Uint8Array(Buffer.from(value));

// The format of Temporal's samples, with which the product's own is compared.
const aesCodec = {
  encode: async (payloads) => payloads.map(encrypt),
  decode: async (payloads) =>
    payloads.map((p) => (Buffer.from(p.metadata?.encoding ?? []).toString() === 'binary/encrypted' ? decrypt(p) : p)),
};

function encrypt(payload) {
  const nonce = randomBytes(nonceLength);
  const aes = createCipheriv(cipher, key, nonce);
  const data = Buffer.concat([nonce, aes.update(Payload.encode(payload).finish()), aes.final(), aes.getAuthTag()]);
  return {
    metadata: { encoding: text('binary/encrypted'), 'encryption-key-id': text('test-key-id') },
    data: new Uint8Array(data),
  };
}

function decrypt(payload) {
  const data = Buffer.from(payload.data);
  const aes = createDecipheriv(cipher, key, data.subarray(0, nonceLength));
  aes.setAuthTag(data.subarray(-tagLength));
  return Payload.decode(Buffer.concat([aes.update(data.subarray(nonceLength, -tagLength)), aes.final()]));
}

export const dataConverter = { payloadCodecs: [aesCodec] };
