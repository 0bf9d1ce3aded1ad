// One value of each kind that the default converters tell apart.
export const values = {
  null: null,
  text: 'Größe 日本',
  whole: 42,
  fraction: 1.5,
  yes: true,
  object: { name: 'Ann', tags: ['a', 'b'] },
  bytes: new Uint8Array([0, 1, 254, 255]),
  nothing: undefined,
};

export function describe(value) {
  if (value instanceof Uint8Array) return `bytes ${Array.from(value).join(',')}`;
  return value === undefined ? 'undefined' : JSON.stringify(value);
}
