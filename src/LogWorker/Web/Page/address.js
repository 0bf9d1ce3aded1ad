// The filters are in the address, so that a link shows the same.

const parameters = new URLSearchParams(location.search);

export const get = name => parameters.get(name) ?? "";

export const getSet = name => new Set(get(name).split(",").filter(Boolean).map(decodeURIComponent));

export function set(name, value) {
  const text = value instanceof Set ? [...value].map(encodeURIComponent).join(",") : value;
  if (text) parameters.set(name, text);
  else parameters.delete(name);
  const query = parameters.toString();
  history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
}
