import { CancelledError, FailedPreconditionError, type SdkError, TimeoutError } from '@gomomento/sdk';
import type { Draft } from './draft.ts';
import type { ErrorClass } from './error-classes.ts';
import type { Follower } from './follow.ts';
import { SecretUnavailableError } from './source.ts';
import { WaitEnded, type WaitOptions } from './wait.ts';

export interface FacadeOptions<C extends object, O extends object> {
  /** Of the SDK's class. */
  prototype: C;
  follower: Follower<C>;
  draft: Draft;
  /** Of the methods' error values. */
  errorClasses: object;
  /** Whether a method throws its errors. */
  throwsErrors(method: string): boolean;
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
  /** From then on the clients that have one look at the arguments. */
  let hadKey = false;

  async function call(method: string, args: unknown[]): Promise<unknown> {
    const refuse = hadKey ? undefined : await draft.refusal(method, args);
    if (refuse) return refuse();
    const wait = { signal: signalIn(args), timeoutMs: deadlineMs(method) };
    const perform = calls[method] as ((wait: WaitOptions, ...args: unknown[]) => Promise<unknown>) | undefined;
    try {
      if (perform) return await perform(wait, ...args);
      return await follower.use((current) => {
        hadKey = true;
        return callMethod(current, method, args);
      }, wait);
    } catch (error) {
      return answerWithout(error, method, args, options);
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

/** What a method answers, or throws, for want of a key. What went wrong otherwise is the SDK's, and thrown as it is. */
function answerWithout(
  error: unknown,
  method: string,
  args: unknown[],
  { errorClasses, throwsErrors }: Pick<FacadeOptions<object, object>, 'errorClasses' | 'throwsErrors'>,
): unknown {
  const sdkError = sdkErrorFor(error);
  if (!sdkError) throw error;
  const known = errorClasses as Record<string, ErrorClass<unknown>>;
  const Class = Object.hasOwn(known, method) ? known[method] : undefined;
  if (!Class || throwsErrors(method)) throw sdkError;
  const [, , field] = args;
  return new Class(sdkError, typeof field === 'string' ? new TextEncoder().encode(field) : (field as Uint8Array));
}

function sdkErrorFor(error: unknown): SdkError | undefined {
  if (error instanceof SecretUnavailableError) {
    return causedBy(error, new FailedPreconditionError(error.message, 0, undefined, error.stack));
  }
  if (!(error instanceof WaitEnded)) return undefined;
  // In the SDK's own words.
  if (error.name === 'AbortError') return new CancelledError('Request cancelled by a user-provided AbortSignal');
  const cause = new SecretUnavailableError('The secret was not read before the deadline of the client.', {
    code: 'Timeout',
  });
  return causedBy(cause, new TimeoutError(cause.message, 0, undefined, cause.stack));
}

function causedBy(cause: Error, error: SdkError): SdkError {
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}

/** The signal that a caller gave to a method of the SDK, whose options have it as `abortSignal`. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    const signal = (arg as { abortSignal?: unknown } | null | undefined)?.abortSignal;
    if (signal instanceof AbortSignal) return signal;
  }
  return undefined;
}
