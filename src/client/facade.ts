import type { Draft } from './draft.ts';
import type { Clients } from './follow.ts';
import type { WaitOptions } from './wait.ts';
import { answerWithoutKey, type ErrorAnswers } from './without-key.ts';

export interface FacadeOptions<C extends object, O extends object> extends ErrorAnswers {
  /** Of the SDK's class. */
  prototype: C;
  follower: Clients<C>;
  draft: Draft;
  /** How long a method of the SDK waits for its answer, in milliseconds, and so for a key. */
  deadlineMs(method: string): number;
  /** Methods that are not just called on the client of the current key. */
  calls?: Record<string, (wait: WaitOptions, ...args: never[]) => Promise<unknown>>;
  /** What is no call at all, such as what answers at once and not with a promise. */
  own: O;
}

/**
 * An object that is, to its user, a client of the SDK: an instance of its class, with all of its methods, which are called on
 * the client of the current key. A method that a later SDK adds is among them, without being named here.
 *
 * Where there is no key, a method answers as the SDK's do: with its own error value, or by throwing if they are to. Only one
 * without a known error value rejects.
 */
export function facade<C extends object, O extends object>(options: FacadeOptions<C, O>): C & O {
  const { prototype, follower, draft, deadlineMs, calls = {}, own } = options;
  const client: C = Object.create(prototype);

  async function call(method: string, args: unknown[]): Promise<unknown> {
    // Made after `close()`. One that `close()` overtakes is answered by what performs it.
    const isLate = follower.isClosed();
    // Once there was a key, the clients that have one look at the arguments.
    const refuse = follower.hadKey() ? undefined : await draft.refusal(method, args);
    if (refuse) return refuse();
    const wait = { signal: signalIn(args), timeoutMs: deadlineMs(method) };
    const perform = calls[method] as ((wait: WaitOptions, ...args: unknown[]) => Promise<unknown>) | undefined;
    try {
      if (perform && !isLate) return await perform(wait, ...args);
      return await follower.use((current) => callMethod(current, method, args), wait);
    } catch (error) {
      return answerWithoutKey(error, method, args, options);
    }
  }

  for (const method of methodsOf(prototype)) {
    const value = (...args: unknown[]) => call(method, args);
    Object.defineProperty(client, method, { value, configurable: true, writable: true });
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

/** The signal that a caller gave to a method of the SDK, whose options have it as `abortSignal`. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    const signal = (arg as { abortSignal?: unknown } | null | undefined)?.abortSignal;
    if (signal instanceof AbortSignal) return signal;
  }
  return undefined;
}
