import { type CredentialProvider, MomentoErrorCode } from '@gomomento/sdk';
import { closeChannels } from '../momento/close-channels.ts';
import { type MomentoCredential, momentoCredential } from './momento-credential.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { SecretUnavailableError } from './source.ts';
import { WaitEnded, type WaitOptions, waitFor } from './wait.ts';

/** Clients of the SDK, one for each key, of which the current one is used. */
export interface Follower<C> {
  readonly credential: MomentoCredential;
  /**
   * Makes a call on the current client. A call that Momento refuses as not authenticated had no effect: it is made once more
   * if there is another key. No other failure is tried again here.
   *
   * @param call one call of the SDK: what is done in it before that is done again
   * @param wait for a key, at most. After a refused call, the time is for another key; when it is over, the call is answered as
   *   Momento did.
   * @throws SecretUnavailableError when there is no key, or after `close`
   * @throws WaitEnded `AbortError` or `TimeoutError`, when there was none in time
   * @throws what the call throws
   */
  use<T>(call: Call<C, T>, wait?: WaitOptions): Promise<T>;
  /**
   * From now on there are no calls. Clients are closed when those in flight are answered, and the credential at once if it was
   * made here. (The SDK tries some failures again after a pause, and throws where nobody can catch it if the client was
   * closed meanwhile.)
   */
  close(): void;
}

/** What the clients of this package need besides. */
export interface Clients<C> extends Follower<C> {
  /** Makes a call on the current client, whose refusal says nothing about the key: it is answered as it is. */
  useOnce<T>(call: Call<C, T>, wait?: WaitOptions): Promise<T>;
  /** The client of a key, for as long as it is not given back. */
  hold(provider: CredentialProvider): { client: C; release(): void };
  /** Whether there ever was a key. */
  hadKey(): boolean;
  isClosed(): boolean;
}

type Call<C, T> = (client: C, provider: CredentialProvider) => Promise<T>;

interface Generation<C> {
  readonly client: C;
  /** Calls in flight and holds. */
  users: number;
  /** Epoch in milliseconds; undefined for the current one. */
  retiredAt: number | undefined;
}

/** How long a client whose key was replaced stays open. Until then its key may be needed again: the new one may be refused. */
const GRACE_MS = 10_000;

/**
 * Clients of the SDK that use the current key of a secret, for one that this package has no function for:
 *
 * ```ts
 * const leaderboards = follow(
 *   'momento/authentication-token',
 *   (credentialProvider) => new PreviewLeaderboardClient({ credentialProvider }),
 *   (client) => client.close(),
 * );
 * const top = await leaderboards.use((client) => client.leaderboard('game', 'players').fetchByRank(0, 10));
 * ```
 *
 * @param secret a secret's name or ARN, or a credential that several clients share
 * @param create makes a client that uses one key; called once for each key that is used
 * @param close called with a client when its key was replaced more than ten seconds ago and its last call was answered.
 *   `@default` closes the channels of a client of the SDK
 */
export function follow<C extends object>(
  secret: string | MomentoCredential,
  create: (credentialProvider: CredentialProvider) => C,
  close: (client: C) => void = closeChannels,
): Follower<C> {
  const { credential, use, close: closeAll } = clientsOf(secret, create, close);
  return { credential, use, close: closeAll };
}

/** See {@link follow}. */
export function clientsOf<C extends object>(
  secret: string | MomentoCredential,
  create: (credentialProvider: CredentialProvider) => C,
  close: (client: C) => void = closeChannels,
): Clients<C> {
  const own = typeof secret === 'string' ? momentoCredential(secret) : undefined;
  const credential = own ?? (secret as MomentoCredential);
  const generations = new Map<CredentialProvider, Generation<C>>();
  let latest: Generation<C> | undefined;
  let closed = false;

  function hold(provider: CredentialProvider): { client: C; release(): void } {
    requireOpen();
    const generation = generations.get(provider) ?? { client: create(provider), users: 0, retiredAt: undefined };
    generations.set(provider, generation);
    if (generation !== latest) succeed(generation);
    generation.users += 1;
    if (generations.size > 1) sweep();
    return {
      client: generation.client,
      release() {
        generation.users -= 1;
        if (generation.retiredAt !== undefined) sweep();
      },
    };
  }

  function requireOpen(): void {
    if (closed) throw new SecretUnavailableError('The client is closed.', { code: 'Closed' });
  }

  function succeed(generation: Generation<C>): void {
    if (latest) {
      latest.retiredAt = Date.now();
      // A timer may be a little early by the clock.
      setTimeout(sweep, GRACE_MS + 100).unref();
    }
    generation.retiredAt = undefined;
    latest = generation;
  }

  function sweep(): void {
    const now = Date.now();
    for (const [provider, { client, users, retiredAt }] of generations) {
      if (retiredAt === undefined || users > 0 || now < retiredAt + GRACE_MS) continue;
      generations.delete(provider);
      close(client);
    }
  }

  async function attempt<T>(provider: CredentialProvider, call: Call<C, T>): Promise<Outcome<T>> {
    const { client, release } = hold(provider);
    return outcomeOf(() => call(client, provider)).finally(release);
  }

  const isRefused = ({ errorCode }: Outcome<unknown>) => errorCode === MomentoErrorCode.AUTHENTICATION_ERROR;

  return {
    credential,
    hold,
    hadKey: () => latest !== undefined,
    isClosed: () => closed,
    async use(call, wait) {
      requireOpen();
      const provider = await waitFor(credential.current(), wait);
      const first = await attempt(provider, call);
      if (!isRefused(first)) return first.settle();
      const other = await waitFor(credential.refused(provider), wait).catch(atDeadline);
      if (!other || closed) return first.settle();
      const second = await attempt(other, call);
      if (isRefused(second)) void credential.refused(other);
      return second.settle();
    },
    async useOnce(call, wait) {
      requireOpen();
      const { settle } = await attempt(await waitFor(credential.current(), wait), call);
      return settle();
    },
    close() {
      closed = true;
      own?.close();
      for (const generation of generations.values()) generation.retiredAt = Number.NEGATIVE_INFINITY;
      sweep();
    },
  };
}

/** Then a call is answered as Momento did. */
function atDeadline(error: unknown): undefined {
  if (!(error instanceof WaitEnded && error.name === 'TimeoutError')) throw error;
}
