import { CredentialProvider } from '@gomomento/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advise,
  afterFailure,
  afterRead,
  afterRefusal,
  isPostponed,
  type KnownKeys,
  NO_KEYS,
  served,
} from '../../src/client/known-keys.ts';

const TTL_MS = 100_000;

const keyNamed = (identity: string, expiresAt = Number.POSITIVE_INFINITY) => ({
  identity,
  provider: providers.get(identity) as CredentialProvider,
  versionId: undefined,
  expiresAt,
});
const providers = new Map(['a', 'b', 'c'].map((name) => [name, providerFor(name)]));

function providerFor(name: string): CredentialProvider {
  const apiKey = Buffer.from(JSON.stringify({ endpoint: 'local', api_key: name })).toString('base64');
  return CredentialProvider.fromString({ apiKey });
}

const read = (keys: KnownKeys, identity: string, now: number, { forced = false, expiresAt = Infinity } = {}) =>
  afterRead(keys, keyNamed(identity, expiresAt), { now, ttlMs: TTL_MS, forced, random: 0 });
const refuse = (keys: KnownKeys, identity: string, now: number) =>
  afterRefusal(keys, providers.get(identity) as CredentialProvider, now);

describe('advice', () => {
  test('without a key: read, and wait', () => {
    expect(advise(NO_KEYS, 0, TTL_MS)).toEqual({ serve: undefined, read: true, wait: 'until it ends' });
  });

  test.each([
    ['before its time to live is over', 99_999, false, 'not'],
    ['after it', 100_000, true, 'not'],
    ['up to twice that time', 199_999, true, 'not'],
    ['after twice that time', 200_000, true, 'briefly'],
    ['when the clock was set back', -1, true, 'not'],
  ] as const)('with a key, %s', (_, now, isRead, wait) => {
    expect(advise(read(NO_KEYS, 'a', 0), now, TTL_MS)).toMatchObject({ read: isRead, wait });
  });

  test('with a key that has expired: read, and wait until it has ended, unless reading has just failed', () => {
    const keys = read(NO_KEYS, 'a', 0, { expiresAt: 50_000 });
    expect(advise(keys, 49_999, TTL_MS)).toMatchObject({ read: false });
    expect(advise(keys, 50_000, TTL_MS)).toMatchObject({ read: true, wait: 'until it ends' });
    const failing = afterFailure(keys, 50_000);
    expect(advise(failing, 60_000, TTL_MS)).toMatchObject({ read: true, wait: 'not' });
    expect(advise(failing, 169_999, TTL_MS)).toMatchObject({ read: true, wait: 'not' });
    expect(advise(failing, 170_000, TTL_MS)).toMatchObject({ read: true, wait: 'until it ends' });
  });
});

describe('a pause', () => {
  const pausesOf = (keys: KnownKeys, useless: (keys: KnownKeys, now: number) => KnownKeys): number[] => {
    const pauses: number[] = [];
    let [state, now] = [useless(keys, 0), 0];
    while (pauses.length < 9) {
      const since = now;
      while (isPostponed(state, now)) now += 500;
      pauses.push((now - since) / 1000);
      state = useless(state, now);
    }
    return pauses;
  };

  test('grows to a minute while there is a key that works', () => {
    expect(pausesOf(read(NO_KEYS, 'a', 0), afterFailure)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('grows to five seconds while there is none', () => {
    const short = [1, 2, 4, 5, 5, 5, 5, 5, 5];
    expect(pausesOf(NO_KEYS, afterFailure)).toEqual(short);
    expect(pausesOf(read(NO_KEYS, 'a', 0, { expiresAt: -1 }), afterFailure)).toEqual(short);
    const again = (keys: KnownKeys, now: number) => read(refuse(keys, 'a', now), 'a', now, { forced: true });
    expect(pausesOf(read(NO_KEYS, 'a', 0), again)).toEqual(short);
  });

  test('is over at once when a key that worked is refused', () => {
    const failing = afterFailure(read(NO_KEYS, 'a', 0), 0);
    expect(isPostponed(failing, 1)).toBe(true);
    expect(isPostponed(refuse(failing, 'a', 1), 1)).toBe(false);
  });
});

test('what is refused is never served while a key is known that works, and it is too early to read', () => {
  const event = fc.record({
    kind: fc.constantFrom('read', 'forced', 'fail', 'refuse'),
    identity: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.integer({ min: 0, max: 400_000 }),
    expiresAfterMs: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: Number.POSITIVE_INFINITY }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let keys = NO_KEYS;
      let now = 0;
      for (const { kind, identity, afterMs, expiresAfterMs } of events) {
        now += afterMs;
        if (kind === 'fail') keys = afterFailure(keys, now);
        else if (kind === 'refuse') keys = refuse(keys, identity, now);
        else keys = read(keys, identity, now, { forced: kind === 'forced', expiresAt: now + expiresAfterMs });

        const works = (key: KnownKeys['current'], at = now) =>
          key && at - key.refusedAt >= 300_000 && at < key.expiresAt;
        const key = served(keys, now);
        expect(key).toBe(keys.current && (key === keys.previous ? keys.previous : keys.current));
        if (isPostponed(keys, now) && works(keys.previous) && now < (keys.current?.refusedAt ?? 0) + 300_000) {
          expect(key).toBe(keys.previous);
        }
        if (works(keys.current)) expect(key).toBe(keys.current);
        // Who mends everything is served soon. Where the refusal of a key is forgotten by then, that one is tried.
        const isAnyGood = [now, now + 5000].some((at) => works(keys.current, at) || works(keys.previous, at));
        if (!isAnyGood) expect(isPostponed(keys, now + 5000)).toBe(false);
        expect(isPostponed(keys, now + 60_000)).toBe(false);
        const { wait } = advise(keys, now, TTL_MS);
        if (keys.current && now < keys.current.expiresAt) expect(wait).not.toBe('until it ends');
      }
    }),
    { numRuns: 2000 },
  );
});
