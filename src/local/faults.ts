/**
 * Faults that a stand-in is told to have: which call, before or after its effect, what happens, and how often.
 * Both stand-ins take a {@link Faults}; what an error looks like on the wire is theirs, hence the parameter `E`.
 */

/** What the caller of a faulty call sees. */
export type Mishap<E> =
  /** The call answers with this error. */
  | { kind: 'error'; error: E }
  /** The call is answered as usual, `ms` milliseconds late. */
  | { kind: 'delay'; ms: number }
  /** The call is never answered; its connection stays open until the caller or the stand-in closes it. */
  | { kind: 'silence' }
  /** The connection is reset under the call. */
  | { kind: 'disconnect' }
  /** The call is answered with bytes that the caller cannot parse. */
  | { kind: 'malformed' };

export interface Fault<E> {
  /** The call's name on the wire, for example `PutSecretValue` or `RefreshApiToken`. */
  call: string;
  /** `before`: the call has no effect. `after`: it has its effect, and only the answer suffers. @default 'before' */
  at?: 'before' | 'after';
  mishap: Mishap<E>;
  /** How many matching calls go through before the first that suffers. @default 0 */
  skip?: number;
  /** How many matching calls suffer, `Infinity` for a fault that stays. @default 1 */
  times?: number;
}

/** The faults that are pending at one stand-in. When several match a call, the one added first is taken. */
export class Faults<E> {
  #pending: { fault: Fault<E>; skip: number; times: number }[] = [];

  add(...faults: Fault<E>[]): void {
    for (const fault of faults) this.#pending.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** Asked once for each call that arrives; counts it against every fault that matches until one strikes. */
  strike(call: string): Fault<E> | undefined {
    for (const entry of this.#pending) {
      if (entry.fault.call !== call || entry.times <= 0) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.times -= 1;
      return entry.fault;
    }
    return undefined;
  }
}
