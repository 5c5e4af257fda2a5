/**
 * Puts items into as few groups as their order allows, each of at most a size. An item that is larger has a group for itself.
 *
 * @param sizeOf what an item adds to a group
 */
export function inGroups<T>(
  items: readonly T[],
  most: number,
  sizeOf: (item: T, group: readonly T[]) => number,
): T[][] {
  const groups: T[][] = [];
  let left = 0;
  for (const item of items) {
    const group = groups.at(-1);
    const size = sizeOf(item, group ?? []);
    if (group === undefined || size > left) {
      groups.push([item]);
      left = most - sizeOf(item, []);
    } else {
      group.push(item);
      left -= size;
    }
  }
  return groups;
}
