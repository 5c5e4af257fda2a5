import type { CredentialProvider } from '@gomomento/sdk';
import { credentialProvider } from '../momento/api-key.ts';
import { readKeyInSecret } from '../momento/key-in-secret.ts';
import { type MomentoEvent, type ReportOptions, reporter } from './events.ts';
import { readError } from './read-error.ts';
import { isWithin, secretReader } from './secret-reader.ts';
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
   * and then less and less often, at most every minute, while the secret has not changed. Never rejects.
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
  /** From now on there is no key. Clients that follow it are closed by themselves. */
  close(): void;
}

interface HeldKey {
  /** Tells keys apart. Sensitive. */
  readonly identity: string;
  readonly provider: CredentialProvider;
  /** Epoch in milliseconds. */
  expiresAt: number;
  versionId: string | undefined;
  /** Epoch in milliseconds: when Momento refused it last. */
  refusedAt: number;
}

/** After this many times to live a key is stale: whoever asks waits for the secret to be read. */
const STALE_AFTER = 2;
const JITTER = 0.1;
const WATCH_MS = 1000;
/** A key that was not refused for so long is as good as any: it may have been a passing trouble of Momento's. */
const REFUSED_MS = 5 * 60_000;
/** What a timer of Node.js can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Keeps the current Momento API key of a secret.
 *
 * - The first who asks waits for the secret to be read, and all others who ask meanwhile wait for the same read.
 * - After the time to live the next to ask sets off another read, and is served at once what is there. After twice that
 *   time (a Lambda sandbox that was frozen, a server that had nothing to do) it waits for the read.
 * - When a read fails, the last good key goes on being served, and the next read is put off: a second, two, up to a minute.
 * - Time is looked at on use. A read that a freeze interrupted is given up by whoever asks after its deadline.
 * - A read keeps the process alive until it is answered or its deadline is over, so that whoever waits for it is answered.
 *   Nothing else does.
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
  const own = secretsManager();
  const report = reporter(options);
  const reader = secretReader({ secretId, source: options.source ?? own, timeoutMs, accept, fail });
  const watchers = new Set<() => void>();
  let held: HeldKey | undefined;
  /** What was held before. It goes on working unless it was revoked. */
  let previous: HeldKey | undefined;
  let readAt = 0;
  let dueAt = 0;
  let lastError: Error | undefined;
  let watch: NodeJS.Timeout | undefined;
  let closed = false;

  async function current(): Promise<CredentialProvider> {
    while (!closed) {
      if (held) {
        const now = Date.now();
        // A clock that was set back may not reach that time for long.
        const due = now >= dueAt || now < readAt;
        const stale = now >= readAt + STALE_AFTER * ttlSeconds * 1000 || now >= held.expiresAt;
        const read = due && reader.read(false);
        // Whoever comes when reading has failed before would wait in vain.
        if (!read || !stale || reader.isFailing() || reader.isPostponed()) return served(held).provider;
        await read;
        continue;
      }
      await reader.read(false);
      if (!held && !reader.isReading() && reader.isFailing() && !closed) throw lastError;
    }
    throw new Error('The Momento credential is closed.');
  }

  /** What Momento refuses is not served while there is something better, until it is time to look again. */
  function served(key: HeldKey): HeldKey {
    if (!isRefused(key) || !reader.isPostponed() || !previous) return key;
    return isRefused(previous) || Date.now() >= previous.expiresAt ? key : previous;
  }

  async function refused(provider: CredentialProvider): Promise<CredentialProvider | undefined> {
    if (previous?.provider === provider) previous.refusedAt = Date.now();
    if (held?.provider === provider && !closed) {
      const again = isRefused(held);
      held.refusedAt = Date.now();
      if (!again) {
        reader.resume();
        report({ type: 'refusedKey', secretId, versionId: held.versionId });
      }
      await reader.read(true);
    }
    const other = held && served(held).provider;
    return other === provider ? undefined : other;
  }

  function accept({ secretString, versionId }: SecretVersion, forced: boolean): void {
    const { apiKey, expiresAt } = readKeyInSecret(secretString);
    const identity = `${apiKey.endpoint} ${apiKey.encoded}`;
    const facts = { versionId, expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
    readAt = Date.now();
    dueAt = readAt + ttlSeconds * 1000 * (1 + JITTER * Math.random());
    if (readAt < facts.expiresAt) dueAt = Math.min(dueAt, facts.expiresAt);
    if (held?.identity === identity) {
      Object.assign(held, facts);
      report({ type: 'refreshed', secretId, versionId });
      if (forced) stillRefused(held);
      else if (!isRefused(held)) reader.resume();
      return;
    }
    const known = previous?.identity === identity && previous;
    const key = known || { identity, provider: credentialProvider(apiKey), refusedAt: Number.NEGATIVE_INFINITY };
    [previous, held] = [held, { ...key, ...facts }];
    if (isRefused(held)) reader.postpone();
    else reader.resume();
    report({ type: previous ? 'changed' : 'refreshed', secretId, versionId });
    for (const listener of watchers) queueMicrotask(listener);
  }

  function stillRefused(key: HeldKey): void {
    reader.postpone();
    if (served(key) === key) return;
    reportStale(
      new SecretUnavailableError(`Momento refuses the current key of the secret "${secretId}", not the one before it.`),
    );
  }

  function fail(error: unknown): void {
    lastError = readError(secretId, error);
    if (held) reportStale(lastError);
    else report({ type: 'unavailable', secretId, error: lastError });
  }

  function reportStale(error: Error): void {
    report({ type: 'servedStale', secretId, error, ageSeconds: Math.round((Date.now() - readAt) / 1000) });
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

const isRefused = ({ refusedAt }: HeldKey) => isWithin(REFUSED_MS, refusedAt);
