/** Somebody's part in a thing that others may use, too. */
export interface Lease<T> {
  readonly value: T;
  /** To be called once. */
  release(): void;
}

/**
 * Things that all who ask for the same share: made for the first, and closed when the last has given it back. After that it
 * is made anew.
 */
export function sharing<T extends { close(): void }>(): (name: string, make: () => T) => Lease<T> {
  const inUse = new Map<string, { value: T; users: number }>();
  return (name, make) => {
    const entry = inUse.get(name) ?? { value: make(), users: 0 };
    inUse.set(name, entry);
    entry.users += 1;
    return {
      value: entry.value,
      release() {
        entry.users -= 1;
        if (entry.users > 0) return;
        inUse.delete(name);
        entry.value.close();
      },
    };
  };
}
