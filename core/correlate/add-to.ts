/**
 * Adds to the list under a key. A list of one is made as such: one that grows from nothing has room for seventeen, and
 * most lists here never have a second.
 */
export function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
