import type { CredentialProvider } from '@gomomento/sdk';
import { type MomentoEvent, type ReportOptions, reporter } from './client-events.ts';
import { closedError, type KeyKeeper, keyKeeper } from './key-keeper.ts';
import { secretsManager } from './secrets-manager-source.ts';
import { type Lease, sharing } from './shared.ts';
import type { SecretSource } from './source.ts';
import { LONGEST_TIMEOUT_MS } from './wait.ts';

export interface CredentialOptions extends ReportOptions {
  /**
   * Time to live, in seconds: for how long a key is served before the secret is looked at again. Each key gets up to a tenth
   * more, at random, so that processes which started together do not read together. @default 300
   */
  ttlSeconds?: number;
  /** How long one read of the secret may take, in milliseconds. @default 5000 */
  timeoutMs?: number;
  /** Where the secret is read. @default {@link secretsManager} */
  source?: SecretSource;
}

/**
 * The current API key of a secret, kept in memory. The clients of this package follow one; anything else of the SDK that takes
 * a `CredentialProvider` can be given one by hand.
 */
export interface MomentoCredential {
  readonly secretId: string;
  /**
   * The current key, as the SDK wants it: the same object as long as it is the same key.
   * Who has asked before is not made to wait for longer than 250 ms, unless that key has expired.
   * @throws SecretUnavailableError when there is none: the secret cannot be read or holds no key, and never could or did; or
   *   the credential is closed
   */
  current(): Promise<CredentialProvider>;
  /**
   * To be told when Momento has refused a key (`AUTHENTICATION_ERROR`). Reads the secret again, once for each refused key,
   * and then less and less often while the secret has not changed. Never rejects.
   * @returns another key to try, if there is one
   */
  refused(provider: CredentialProvider): Promise<CredentialProvider | undefined>;
  /**
   * Calls `listener` when the key has changed, and sees to it that this is noticed even if nobody asks for the key. It does
   * not keep the process alive.
   * @returns a function that ends it
   */
  watch(listener: () => void): () => void;
  /** Tells `onEvent` and the logger. For what follows the credential. */
  report(event: MomentoEvent): void;
  /** From now on there is no key here. It does not close the clients that follow it. */
  close(): void;
}

const WATCH_MS = 1000;

/** By everything that has nothing of the application's own: one read of the secret for each process. */
const shareKeeper = sharing<KeyKeeper>();
/** One client of the AWS SDK for each process. */
const shareSource = sharing<SecretSource & { close(): void }>();

/**
 * The current Momento API key of a secret, read when it is needed. Credentials of the same secret with the same options share
 * one key and its reads, unless they have a `source`, a `logger` or an `onEvent`; closing one affects no other.
 *
 * @param secretId the secret's name or ARN
 * @throws RangeError for a time that is none
 */
export function momentoCredential(secretId: string, options: CredentialOptions = {}): MomentoCredential {
  const { ttlSeconds = 300, timeoutMs = 5000 } = options;
  if (!(ttlSeconds > 0)) throw new RangeError('ttlSeconds must be more than 0.');
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be more than 0, and at most ${LONGEST_TIMEOUT_MS}.`);
  }
  const report = reporter(options);
  const { value: keeper, release } = leaseKeeper(secretId, { ...options, ttlSeconds, timeoutMs }, report);
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const listener of watchers) queueMicrotask(listener);
  };
  let watch: NodeJS.Timeout | undefined;
  let closed = false;

  async function current(): Promise<CredentialProvider> {
    if (closed) throw closedError();
    const provider = await keeper.current();
    if (closed) throw closedError();
    return provider;
  }

  return {
    secretId,
    current,
    refused: async (provider) => (closed ? undefined : keeper.refused(provider)),
    report,
    watch(listener) {
      watchers.add(listener);
      keeper.listeners.add(tell);
      watch ??= setInterval(() => void current().catch(() => {}), WATCH_MS).unref();
      return () => {
        watchers.delete(listener);
        if (watchers.size > 0) return;
        keeper.listeners.delete(tell);
        clearInterval(watch);
        watch = undefined;
      };
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(watch);
      watchers.clear();
      keeper.listeners.delete(tell);
      release();
    },
  };
}

function leaseKeeper(
  secretId: string,
  { source, logger, onEvent, ttlSeconds, timeoutMs }: CredentialOptions & { ttlSeconds: number; timeoutMs: number },
  report: (event: MomentoEvent) => void,
): Lease<KeyKeeper> {
  const make = (): KeyKeeper => {
    const shared = source ? undefined : shareSource('default', secretsManager);
    const from = source ?? (shared as Lease<SecretSource>).value;
    const keeper = keyKeeper({ secretId, source: from, ttlMs: ttlSeconds * 1000, timeoutMs, report });
    return {
      ...keeper,
      close() {
        keeper.close();
        shared?.release();
      },
    };
  };
  if (!source && !logger && !onEvent) return shareKeeper(JSON.stringify([secretId, ttlSeconds, timeoutMs]), make);
  const value = make();
  return { value, release: value.close };
}
