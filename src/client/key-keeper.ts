import type { CredentialProvider } from '@gomomento/sdk';
import { credentialProvider } from '../momento/api-key.ts';
import { readKeyInSecret } from '../momento/key-in-secret.ts';
import { within } from '../momento/within.ts';
import type { MomentoEvent } from './client-events.ts';
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
import { type SecretSource, SecretUnavailableError, type SecretVersion } from './source.ts';

export interface KeyKeeperOptions {
  secretId: string;
  source: SecretSource;
  ttlMs: number;
  timeoutMs: number;
  report(event: MomentoEvent): void;
}

/** See {@link MomentoCredential}, which is somebody's part in it. */
export interface KeyKeeper {
  current(): Promise<CredentialProvider>;
  refused(provider: CredentialProvider): Promise<CredentialProvider | undefined>;
  /** Called when the key has changed. */
  readonly listeners: Set<() => void>;
  close(): void;
}

/** How long who has a key waits for a read at most, counted from its beginning. */
const BRIEFLY_MS = 250;

/**
 * Keeps the current Momento API key of a secret.
 *
 * - The first who asks waits for the secret to be read, and all others who ask meanwhile wait for the same read.
 * - After the time to live the next to ask sets off another read, and is served at once what is there. After twice that
 *   time (a Lambda sandbox that was frozen, a server that had nothing to do) it waits for the read, but not for longer than
 *   250 ms; the read goes on. With a key that has expired it waits until the read has ended.
 * - When a read fails, the last good key goes on being served, and the next read is put off: a second, two, up to a minute,
 *   or up to five seconds as long as no key works.
 * - Time is looked at on use. A read that a freeze interrupted is given up by whoever asks after its deadline.
 * - A read keeps the process alive until it is answered or its deadline is over, so that whoever waits for it is answered.
 *
 * A cache library would not do less of this: `lru-cache` has single flight and serves stale values, but knows nothing of
 * a value that its user had refused, and of putting off what fails; there is but one entry to keep.
 */
export function keyKeeper({ secretId, source, ttlMs, timeoutMs, report }: KeyKeeperOptions): KeyKeeper {
  const mayBegin = () => !isPostponed(keys, Date.now());
  const reader = secretReader({ secretId, source, timeoutMs, mayBegin, accept, fail });
  const listeners = new Set<() => void>();
  let keys = NO_KEYS;
  let lastError: Error | undefined;
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
    throw closedError();
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
    if (before?.identity !== read.identity) for (const listener of listeners) queueMicrotask(listener);
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
    current,
    refused,
    listeners,
    close() {
      closed = true;
      reader.close();
    },
  };
}

/** For who asks for a key of a credential that is closed. */
export function closedError(): SecretUnavailableError {
  return new SecretUnavailableError('The Momento credential is closed.', { code: 'Closed' });
}

async function isOverWithin(ms: number, landed: Promise<void>): Promise<boolean> {
  if (ms <= 0) return false;
  const over = landed.then(() => true);
  return (await within(ms, over)) ?? false;
}
