import type { Follower } from './follow.ts';

/**
 * An object that is, to its user, a client of the SDK: an instance of its class, with all of its methods, which are called on
 * the client of the current key. A method that a later SDK adds is among them, without being named here.
 *
 * @param prototype of the SDK's class
 * @param own what is not passed on, such as what answers at once and not with a promise
 */
export function facade<C extends object, O extends object>(prototype: C, follower: Follower<C>, own: O): C & O {
  const client: C = Object.create(prototype);
  for (const name of methodsOf(prototype)) {
    const value = (...args: unknown[]) => follower.use((current) => callMethod(current, name, args));
    Object.defineProperty(client, name, { value, configurable: true, writable: true });
  }
  return Object.defineProperties(client, Object.getOwnPropertyDescriptors(own)) as C & O;
}

/** The names of the methods of a class and of those that it extends. */
function methodsOf(prototype: object): Set<string> {
  const names = new Set<string>();
  for (let each = prototype; each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return names;
}

function callMethod(client: object, name: string, args: unknown[]): Promise<unknown> {
  const methods = client as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return methods[name]?.(...args) as Promise<unknown>;
}
