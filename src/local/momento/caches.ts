import { StatusError } from './status-error.ts';

/** The caches of an account. A key of an item is a string with one character a byte. */
export interface Caches {
  /** @throws {StatusError} `ALREADY_EXISTS` */
  create(name: string): void;
  /** @throws {StatusError} `NOT_FOUND` */
  delete(name: string): void;
  /** @throws {StatusError} `NOT_FOUND` */
  open(name: string): Cache;
  /** In alphabetical order. */
  names(): string[];
}

export interface Cache {
  /** Undefined for an item that is not there, or no longer. */
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array, ttlMilliseconds: number): void;
  delete(key: string): void;
  flush(): void;
}

export function createCaches(now: () => Date): Caches {
  const caches = new Map<string, Cache>();
  const open = (name: string) => {
    const cache = caches.get(name);
    if (!cache) throw new StatusError('NOT_FOUND', `Cache not found: ${name}`);
    return cache;
  };
  return {
    open,
    create(name) {
      if (caches.has(name)) throw new StatusError('ALREADY_EXISTS', `Cache already exists: ${name}`);
      caches.set(name, createCache(now));
    },
    delete(name) {
      open(name);
      caches.delete(name);
    },
    names: () => [...caches.keys()].sort(),
  };
}

function createCache(now: () => Date): Cache {
  const items = new Map<string, { value: Uint8Array; expiresAt: number }>();
  return {
    get(key) {
      const item = items.get(key);
      return item && now().getTime() < item.expiresAt ? item.value : undefined;
    },
    set(key, value, ttlMilliseconds) {
      items.set(key, { value, expiresAt: now().getTime() + ttlMilliseconds });
    },
    delete: (key) => void items.delete(key),
    flush: () => items.clear(),
  };
}
