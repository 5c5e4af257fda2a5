import { type CredentialProvider, MomentoErrorCode } from '@gomomento/sdk';
import { channelsOf } from '../momento/close-channels.ts';
import { LocalV2CredentialProvider } from '../momento/local-v2-credential-provider.ts';
import { outcomeOf } from './outcome.ts';

/** A client of the SDK without a key, which looks at calls as the SDK does before it sends them, and sends nothing. */
export interface Draft {
  /** What the SDK answers to wrong arguments, to be answered or thrown. Undefined when it would send the call. */
  refusal(method: string, args: unknown[]): Promise<(() => unknown) | undefined>;
}

/** Nobody listens there. */
const NOWHERE = new LocalV2CredentialProvider('', '127.0.0.1:0');

/** What an SDK answers to a call that got as far as being sent: here, and if it keeps its channels where this does not look. */
const SENT: unknown[] = [
  MomentoErrorCode.CANCELLED_ERROR,
  MomentoErrorCode.SERVER_UNAVAILABLE,
  MomentoErrorCode.TIMEOUT_ERROR,
];

/**
 * Makes such a client.
 *
 * @throws what the constructor throws
 */
export function draftOf<C extends object>(create: (credentialProvider: CredentialProvider) => C): Draft {
  const client = create(NOWHERE);
  for (const { owner, field, client: channel } of channelsOf(client)) {
    channel.close();
    owner[field] = NO_CHANNEL;
    // It would make another when it was idle for long.
    if ('getClient' in owner) owner['getClient'] = () => NO_CHANNEL;
  }
  const methods = client as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return {
    async refusal(method, args) {
      const { settle, errorCode, thrown } = await outcomeOf(async () =>
        methods[method]?.(...args.map(withoutCallbacks)),
      );
      const isRefused = (thrown || errorCode !== undefined) && !SENT.includes(errorCode);
      return isRefused ? settle : undefined;
    },
  };
}

type Listener = (event?: unknown) => void;

/** Cancels each call that it is given. */
const NO_CHANNEL: object = new Proxy({}, { get: (_, name) => (name === 'getChannel' ? undefined : cancelledCall) });

const CANCELLED = Object.assign(new Error('Not sent.'), { code: 1 });

/** As gRPC has them: with a callback for one answer, or with listeners for a stream of them. */
function cancelledCall(...args: unknown[]): object {
  const callback = args.at(-1);
  if (typeof callback === 'function') queueMicrotask(() => callback(CANCELLED));
  const ends: Listener[] = [];
  return {
    on(event: string, listener: Listener) {
      if (event === 'error') queueMicrotask(() => listener(CANCELLED));
      if (event === 'end') ends.push(listener);
    },
    cancel() {
      // Later, as gRPC does: the SDK counts a subscription that ends while it is cancelled as one that goes on.
      for (const end of ends.splice(0)) queueMicrotask(end);
    },
  };
}

/** What is not sent is not to be heard of. */
function withoutCallbacks(arg: unknown): unknown {
  const hasCallbacks =
    typeof arg === 'object' && arg !== null && Object.values(arg).some((value) => typeof value === 'function');
  return hasCallbacks ? {} : arg;
}
