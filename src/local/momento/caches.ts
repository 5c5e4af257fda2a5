import { StatusError } from './status-error.ts';
import type { Topic } from './topics.ts';

/** The caches of an account. A key of an item is a string with one character a byte. */
export interface Caches {
  /** @throws {StatusError} `ALREADY_EXISTS` */
  create(name: string): void;
  /** Ends the subscriptions to its topics, as not found. @throws {StatusError} `NOT_FOUND` */
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
  /** Its topic of that name. */
  topic(name: string): Topic;
  close(reason: StatusError): void;
}

export function createCaches(now: () => Date, newTopic: () => Topic): Caches {
  const caches = new Map<string, Cache>();
  const notFound = (name: string) => new StatusError('NOT_FOUND', `Cache not found: ${name}`);
  const open = (name: string) => {
    const cache = caches.get(name);
    if (!cache) throw notFound(name);
    return cache;
  };
  return {
    open,
    create(name) {
      if (caches.has(name)) throw new StatusError('ALREADY_EXISTS', `Cache already exists: ${name}`);
      caches.set(name, createCache(now, newTopic));
    },
    delete(name) {
      const cache = open(name);
      caches.delete(name);
      cache.close(notFound(name));
    },
    names: () => [...caches.keys()].sort(),
  };
}

function createCache(now: () => Date, newTopic: () => Topic): Cache {
  const items = new Map<string, { value: Uint8Array; expiresAt: number }>();
  const topics = new Map<string, Topic>();
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
    topic(name) {
      const topic = topics.get(name) ?? newTopic();
      topics.set(name, topic);
      return topic;
    },
    close(reason) {
      for (const topic of topics.values()) topic.close(reason);
    },
  };
}
