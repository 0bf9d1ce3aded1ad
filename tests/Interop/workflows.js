export async function Describe(...args) {
  return args.map((arg) => JSON.stringify(arg)).join(' | ');
}
