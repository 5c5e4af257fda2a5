/**
 * Puts items into as few groups as their order allows, each of at most a size. An item that is larger has a group for itself.
 */
export function inGroups<T>(items: readonly T[], most: number, sizeOf: (item: T) => number): T[][] {
  const groups: T[][] = [];
  let left = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const group = groups.at(-1);
    if (group === undefined || size > left) {
      groups.push([item]);
      left = most - size;
    } else {
      group.push(item);
      left -= size;
    }
  }
  return groups;
}
