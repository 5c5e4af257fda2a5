import type { CredentialProvider } from '@gomomento/sdk';
import { credentialProvider } from '../momento/api-key.ts';
import { readKeyInSecret } from '../momento/key-in-secret.ts';
import { within } from '../momento/within.ts';
import { type MomentoEvent, type ReportOptions, reporter } from './events.ts';
import {
  advise,
  afterFailure,
  afterRead,
  afterRefusal,
  isPostponed,
  isRefused,
  keyWith,
  NO_KEYS,
  type ReadKey,
  served,
} from './known-keys.ts';
import { readError } from './read-error.ts';
import { secretReader } from './secret-reader.ts';
import { secretsManager } from './secrets-manager.ts';
import { type SecretSource, SecretUnavailableError, type SecretVersion } from './source.ts';

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
   * @throws SecretUnavailableError when there is none: the secret cannot be read or holds no key, and never could or did
   */
  current(): Promise<CredentialProvider>;
  /**
   * To be told when Momento has refused a key (`AUTHENTICATION_ERROR`). Reads the secret again, once for each refused key,
   * and then less and less often while the secret has not changed. Never rejects.
   * @returns another key to try, if there is one
   */
  refused(provider: CredentialProvider): Promise<CredentialProvider | undefined>;
  /**
   * Calls `listener` when the key has changed, and sees to it that this is noticed even if nobody asks for the key.
   * @returns a function that ends it
   */
  watch(listener: () => void): () => void;
  /** Tells `onEvent` and the logger. For what follows the credential. */
  report(event: MomentoEvent): void;
  /** From now on there is no key. Clients that follow it are closed by themselves. */
  close(): void;
}

const WATCH_MS = 1000;
/** How long who has a key waits for a read at most, counted from its beginning. */
const BRIEFLY_MS = 250;
/** What a timer of Node.js can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Keeps the current Momento API key of a secret.
 *
 * - The first who asks waits for the secret to be read, and all others who ask meanwhile wait for the same read.
 * - After the time to live the next to ask sets off another read, and is served at once what is there. After twice that
 *   time (a Lambda sandbox that was frozen, a server that had nothing to do) it waits for the read, but not for longer than
 *   250 ms; the read goes on. With a key that has expired it waits until the read has ended.
 * - When a read fails, the last good key goes on being served, and the next read is put off: a second, two, up to a minute,
 *   or up to five seconds as long as no key works.
 * - Time is looked at on use. A read that a freeze interrupted is given up by whoever asks after its deadline, and no
 *   timer keeps the process alive.
 *
 * A cache library would not do less of this: `lru-cache` has single flight and serves stale values, but knows nothing of
 * a value that its user had refused, and of putting off what fails; there is but one entry to keep.
 *
 * @param secretId the secret's name or ARN
 */
export function momentoCredential(secretId: string, options: CredentialOptions = {}): MomentoCredential {
  const { ttlSeconds = 300, timeoutMs = 5000 } = options;
  if (!(ttlSeconds > 0)) throw new RangeError('ttlSeconds must be more than 0.');
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be more than 0, and at most ${LONGEST_TIMEOUT_MS}.`);
  }
  const ttlMs = ttlSeconds * 1000;
  const own = secretsManager();
  const report = reporter(options);
  const mayBegin = () => !isPostponed(keys, Date.now());
  const reader = secretReader({ secretId, source: options.source ?? own, timeoutMs, mayBegin, accept, fail });
  const watchers = new Set<() => void>();
  let keys = NO_KEYS;
  let lastError: Error | undefined;
  let watch: NodeJS.Timeout | undefined;
  let closed = false;

  async function current(): Promise<CredentialProvider> {
    while (!closed) {
      const now = Date.now();
      const { serve, read, wait } = advise(keys, now, ttlMs);
      const flight = read ? reader.read(false) : undefined;
      if (serve && (!flight || wait === 'not')) return serve.provider;
      if (!flight) throw lastError;
      if (!serve || wait === 'until it ends') await flight.landed;
      else if (!(await isOverWithin(flight.startedAt + BRIEFLY_MS - now, flight.landed)) && !closed)
        return serve.provider;
    }
    throw new SecretUnavailableError('The Momento credential is closed.', { code: 'Closed' });
  }

  async function refused(provider: CredentialProvider): Promise<CredentialProvider | undefined> {
    const before = keys.current;
    const now = Date.now();
    keys = afterRefusal(keys, provider, now);
    if (before?.provider === provider && !closed) {
      if (!isRefused(before, now)) report({ type: 'refusedKey', secretId, versionId: before.versionId });
      await reader.read(true)?.landed;
    }
    const other = served(keys, Date.now())?.provider;
    return other === provider ? undefined : other;
  }

  function accept(version: SecretVersion, forced: boolean): void {
    const { versionId } = version;
    const before = keys.current;
    const read = keyIn(version);
    const now = Date.now();
    keys = afterRead(keys, read, { now, ttlMs, forced, random: Math.random() });
    const isOther = before !== undefined && before.identity !== read.identity;
    report({ type: isOther ? 'changed' : 'refreshed', secretId, versionId });
    if (before?.identity !== read.identity) for (const listener of watchers) queueMicrotask(listener);
    if (isOther || !forced || served(keys, now) === keys.current) return;
    reportStale(
      new SecretUnavailableError(`Momento refuses the current key of the secret "${secretId}", not the one before it.`),
    );
  }

  function keyIn({ secretString, versionId }: SecretVersion): ReadKey {
    const { apiKey, expiresAt } = readKeyInSecret(secretString);
    const identity = `${apiKey.endpoint} ${apiKey.encoded}`;
    const provider = keyWith(keys, identity)?.provider ?? credentialProvider(apiKey);
    return { identity, provider, versionId, expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
  }

  function fail(error: unknown): void {
    keys = afterFailure(keys, Date.now());
    lastError = readError(secretId, error);
    if (keys.current) reportStale(lastError);
    else report({ type: 'unavailable', secretId, error: lastError });
  }

  function reportStale(error: Error): void {
    const ageSeconds = Math.round((Date.now() - keys.readAt) / 1000);
    report({ type: 'servedStale', secretId, error, ageSeconds });
  }

  return {
    secretId,
    current,
    refused,
    report,
    watch(listener) {
      watchers.add(listener);
      watch ??= setInterval(() => void current().catch(() => {}), WATCH_MS).unref();
      return () => {
        watchers.delete(listener);
        if (watchers.size > 0) return;
        clearInterval(watch);
        watch = undefined;
      };
    },
    close() {
      closed = true;
      reader.close();
      clearInterval(watch);
      watchers.clear();
      own.close();
    },
  };
}

async function isOverWithin(ms: number, landed: Promise<void>): Promise<boolean> {
  const over = landed.then(() => true);
  return ms > 0 && ((await within(ms, over)) ?? false);
}
