import type { CredentialProvider } from '@gomomento/sdk';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type SecretRequest, SecretUnavailableError } from '../../src/client/index.ts';
import { findLeaks } from '../leaks.ts';
import { SECRET, type Stage, startStage, stopClock } from './stage.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The id of a key at the local Momento. */
const keyOf = ({ momento }: Stage, provider: CredentialProvider | undefined) =>
  provider && momento.idOf(provider.getAuthToken());

describe('the key is kept in memory', () => {
  test('however many ask at once, the secret is read once', async () => {
    const stage = await startStage();
    const credential = stage.credential();

    const providers = await Promise.all(Array.from({ length: 1000 }, () => credential.current()));
    expect(new Set(providers).size).toBe(1);
    expect(await credential.current()).toBe(providers[0]);
    expect(keyOf(stage, providers[0])).toBe('key-1');
    expect(stage.reads()).toBe(1);
  });

  test('for its time to live and some of a tenth, after which it is served at once and the secret is read', async () => {
    const clock = stopClock();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const stage = await startStage();
    const keys = [stage.momento.issueKey(), stage.momento.issueKey()];
    let reads = 0;
    const source = {
      async read() {
        const { secretString } = keys[reads] ?? {};
        reads += 1;
        return { secretString, versionId: undefined };
      },
    };
    const credential = stage.credential({ ttlSeconds: 100, source });
    const first = await credential.current();
    await stage.expectEvents('refreshed');

    clock.forward(104);
    expect(await credential.current()).toBe(first);
    expect(reads).toBe(1);

    clock.forward(1);
    const both = [credential.current(), credential.current()];
    expect(reads).toBe(2);
    expect(await Promise.all(both)).toEqual([first, first]);
    await stage.expectEvents('changed');
    expect(keyOf(stage, await credential.current())).toBe(keys[1]?.id);
  });

  test('and is the same object as long as it is the same key', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100 });
    const first = await credential.current();

    clock.forward(150);
    expect(await credential.current()).toBe(first);
    await stage.expectEvents('refreshed', 'refreshed');
    expect(await credential.current()).toBe(first);
  });

  test('when nobody asked for twice that time, as in a sandbox that was frozen, who asks next waits for the read', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100, source: stage.atOnce });
    await credential.current();
    await stage.rotate();

    clock.forward(86_400);
    expect(keyOf(stage, await credential.current())).toBe('key-2');
  });

  test('and looked at again when it expires, however long its time to live', async () => {
    const clock = stopClock();
    const stage = await startStage((momento) => momento.issueKey({ validForSeconds: 60 }).secretString);
    const credential = stage.credential();
    await credential.current();
    await stage.rotate();

    clock.forward(61);
    expect(keyOf(stage, await credential.current())).toBe('key-3');
  });
});

describe('who has a key is hardly ever made to wait', () => {
  /** The first read is answered with a key; those after it only when they are told to. */
  function slowSource(stage: Stage, facts = {}) {
    const [older, newer] = [stage.momento.issueKey(facts), stage.momento.issueKey()];
    const answers: ((secretString: string) => void)[] = [];
    let reads = 0;
    const source = {
      read() {
        reads += 1;
        const version = (secretString: string) => ({ secretString, versionId: 'v' });
        if (reads === 1) return Promise.resolve(version(older.secretString));
        return new Promise<ReturnType<typeof version>>((resolve) => {
          answers.push((secretString) => resolve(version(secretString)));
        });
      },
    };
    return { source, older, newer, answers };
  }
  /** Resolves to undefined for who would have to wait. */
  const atOnce = <T>(asked: Promise<T>) =>
    Promise.race([asked, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);

  test('with a stale key, it is served although no read ends, which goes on beside', { timeout: 30_000 }, async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { source, newer, answers } = slowSource(stage);
    const credential = stage.credential({ ttlSeconds: 100, timeoutMs: 3_600_000, source });
    const first = await credential.current();

    clock.forward(86_400);
    expect(await credential.current()).toBe(first);
    expect(answers).toHaveLength(1);
    answers[0]?.(newer.secretString);
    await stage.expectEvents('refreshed', 'changed');
    expect(keyOf(stage, await credential.current())).toBe(newer.id);
  });

  test('and who comes when that read has been under way for so long is served at once', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { source } = slowSource(stage);
    const credential = stage.credential({ ttlSeconds: 100, timeoutMs: 3_600_000, source });
    const first = await credential.current();

    clock.forward(86_400);
    const waiting = credential.current();
    expect(await atOnce(credential.current())).toBeUndefined();
    clock.forward(0.25);
    expect(await atOnce(credential.current())).toBe(first);
    expect(await waiting).toBe(first);
  });

  test('with a key that has expired, it is until the read has ended', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { source, newer, answers } = slowSource(stage, { validForSeconds: 200 });
    const credential = stage.credential({ ttlSeconds: 100, timeoutMs: 3_600_000, source });
    await credential.current();

    clock.forward(201);
    const asked = credential.current();
    clock.forward(60);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await atOnce(asked)).toBeUndefined();
    answers[0]?.(newer.secretString);
    expect(keyOf(stage, await asked)).toBe(newer.id);
  });

  test('and if that read fails, the key is served all the same', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { source, older, answers } = slowSource(stage, { validForSeconds: 200 });
    const credential = stage.credential({ ttlSeconds: 100, source });
    await credential.current();
    clock.forward(201);
    const asked = credential.current();
    answers[0]?.('hunter2');
    expect(keyOf(stage, await asked)).toBe(older.id);
    await stage.expectEvents('refreshed', 'servedStale');
  });
});

describe('while the secret cannot be read', () => {
  test('the last good key is served, at once; that is said; and reading is put off longer and longer', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100 });
    const first = await credential.current();
    const { mend } = stage.breakReading();

    clock.forward(300);
    expect(await credential.current()).toBe(first);
    await stage.expectEvents('refreshed', 'servedStale');
    expect(stage.events.at(-1)).toMatchObject({ secretId: SECRET, ageSeconds: 300 });
    expect(stage.events.at(-1)).toHaveProperty(
      'error.message',
      `The secret "${SECRET}" could not be read. InternalServiceError: told to fail`,
    );

    let reads = 2;
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      // Waiting for an event takes some of the time.
      clock.forward(seconds - 0.5);
      await Promise.all(Array.from({ length: 10 }, () => credential.current()));
      expect(stage.reads()).toBe(reads);
      clock.forward(0.5);
      await credential.current();
      await stage.expectEvents('servedStale');
      reads += 1;
      expect(stage.reads()).toBe(reads);
    }

    mend();
    await stage.rotate();
    clock.forward(60);
    expect(await credential.current()).toBe(first);
    await stage.expectEvents('changed');
    expect(keyOf(stage, await credential.current())).toBe('key-2');
  });

  test('nobody waits long for an answer that does not come, and nobody at all the next time', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { secretString } = stage.momento.issueKey();
    let reads = 0;
    const source = {
      async read() {
        reads += 1;
        return reads === 1 ? { secretString, versionId: 'v' } : new Promise<never>(() => {});
      },
    };
    const credential = stage.credential({ ttlSeconds: 100, timeoutMs: 2000, source });
    const first = await credential.current();
    await stage.expectEvents('refreshed');

    clock.forward(300);
    expect(await credential.current()).toBe(first);
    await stage.expectEvents('servedStale');
    expect(stage.events.at(-1)).toHaveProperty('error.message', expect.stringMatching('There was no answer in time.'));

    clock.forward(300);
    expect(await credential.current()).toBe(first);
    expect(reads).toBe(3);
    // The read that it set off is still under way.
    expect(stage.events).toHaveLength(2);
  });

  test('a malformed value put by hand is one that cannot be read: it is reported, and mends itself', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100 });
    const first = await credential.current();
    await stage.put('{"apiKey": "hunter2"}');

    clock.forward(150);
    expect(await credential.current()).toBe(first);
    await stage.expectEvents('refreshed', 'servedStale');
    expect(stage.events.at(-1)).toHaveProperty(
      'error.message',
      `The secret "${SECRET}" holds no Momento API key. Field "apiKey" is not a Momento API key (base64 of {"endpoint", "api_key"}). Copy the key again, whole.`,
    );

    await stage.rotate();
    clock.forward(1);
    await credential.current();
    await stage.expectEvents('changed');
  });

  test('and never could be, there is an error, which does not send everybody to Secrets Manager', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { mend } = stage.breakReading();
    const credential = stage.credential();

    const answers = await Promise.allSettled(Array.from({ length: 100 }, () => credential.current()));
    for (const answer of answers) expect(answer).toMatchObject({ reason: expect.any(SecretUnavailableError) });
    await expect(credential.current()).rejects.toThrow(`The secret "${SECRET}" could not be read.`);
    expect(stage.reads()).toBe(1);
    await stage.expectEvents('unavailable');

    let reads = 1;
    for (const seconds of [1, 2, 4, 5, 5]) {
      clock.forward(seconds);
      await expect(credential.current()).rejects.toThrow(SecretUnavailableError);
      reads += 1;
      expect(stage.reads()).toBe(reads);
    }
    mend();
    clock.forward(4.999);
    await expect(credential.current()).rejects.toThrow(SecretUnavailableError);
    clock.forward(0.001);
    expect(keyOf(stage, await credential.current())).toBe('key-1');
  });

  test('nor is the pause long that began when there was still a key that worked', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100 });
    const first = await credential.current();
    const second = await stage.rotate();
    clock.forward(150);
    await credential.current();
    await stage.expectEvents('refreshed', 'changed');
    stage.momento.revokeKey(second);
    const refused = await credential.current();
    // The key before is served, and the current one gets another chance after 1, 2, 4 … seconds.
    for (const seconds of [0, 1, 2, 4, 8, 16, 32]) {
      clock.forward(seconds);
      expect(await credential.refused(refused)).toBe(first);
    }
    await stage.rotate();
    clock.forward(5);
    expect(await credential.current()).toBe(first);
    // Now all are refused.
    await credential.refused(first);
    expect(keyOf(stage, await credential.refused(refused))).toBe('key-3');
  });

  test('a read that a freeze interrupted is given up by who asks next, and its answer is not taken', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const answers: ((secretString: string) => void)[] = [];
    const credential = stage.credential({
      timeoutMs: 5000,
      source: {
        read: () => new Promise((resolve) => answers.push((secretString) => resolve({ secretString, versionId: 'v' }))),
      },
    });
    const asked = [credential.current()];
    clock.forward(6);
    asked.push(credential.current());
    expect(answers).toHaveLength(2);

    const [older, newer] = [stage.momento.issueKey(), stage.momento.issueKey()];
    answers[1]?.(newer.secretString);
    answers[0]?.(older.secretString);
    const keys = (await Promise.all(asked)).map((provider) => keyOf(stage, provider));
    expect(keys).toEqual([newer.id, newer.id]);
    expect(keyOf(stage, await credential.current())).toBe(newer.id);
    await stage.expectEvents('refreshed');
  });
});

describe('a freeze in the middle of a read', () => {
  test('is no failure of the read: the next who asks reads again, and gets the new key', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const [older, newer] = [stage.momento.issueKey(), stage.momento.issueKey()];
    const signals: AbortSignal[] = [];
    const source = {
      async read({ signal }: SecretRequest) {
        signals.push(signal);
        if (signals.length === 2) return new Promise<never>(() => {});
        return { secretString: signals.length === 1 ? older.secretString : newer.secretString, versionId: 'v' };
      },
    };
    const credential = stage.credential({ ttlSeconds: 100, timeoutMs: 200, source });
    const first = await credential.current();
    clock.forward(150);
    expect(await credential.current()).toBe(first);
    clock.forward(86_400);
    // The timer of the deadline goes off before anybody asks.
    await vi.waitFor(() => expect(signals[1]?.aborted).toBe(true));
    await new Promise(setImmediate);

    expect(keyOf(stage, await credential.current())).toBe(newer.id);
    await stage.expectEvents('refreshed', 'changed');
  });

  test('nor is it for who waits for the first key', async () => {
    const clock = stopClock();
    const stage = await startStage();
    let reads = 0;
    const { secretString } = stage.momento.issueKey();
    const source = {
      async read() {
        reads += 1;
        return reads === 1 ? new Promise<never>(() => {}) : { secretString, versionId: 'v' };
      },
    };
    const asked = stage.credential({ timeoutMs: 200, source }).current();
    clock.forward(86_400);
    await asked;
    expect(reads).toBe(2);
    await stage.expectEvents('refreshed');
  });
});

describe('when the clock is set back', () => {
  test('the secret is read again', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential();
    await credential.current();
    await stage.rotate();
    clock.forward(-3600);
    await credential.current();
    await stage.expectEvents('refreshed', 'changed');
  });

  test('a read that was put off is not put off for longer', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const { mend } = stage.breakReading();
    const credential = stage.credential();
    await expect(credential.current()).rejects.toThrow('could not be read');
    mend();
    clock.forward(-3600);
    expect(keyOf(stage, await credential.current())).toBe('key-1');
  });
});

describe('when Momento has refused a key', () => {
  test('once, in passing, all goes on as before', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100, source: stage.atOnce });
    await credential.refused(await credential.current());
    await stage.expectEvents('refreshed', 'refusedKey', 'refreshed');
    await stage.rotate();
    clock.forward(250);
    const second = await credential.current();
    expect(keyOf(stage, second)).toBe('key-2');

    await credential.refused(second);
    clock.forward(300);
    await credential.current();
    await credential.refused(second);
    expect(stage.events.filter(({ type }) => type === 'refusedKey')).toHaveLength(3);
  });

  test('who waits for a read that gave way to one past caches waits for that', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const [older, newer] = [stage.momento.issueKey(), stage.momento.issueKey()];
    let reads = 0;
    const source = {
      async read({ refused, signal }: SecretRequest) {
        reads += 1;
        if (reads === 1) return { secretString: older.secretString, versionId: 'v' };
        if (!refused) return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal)));
        await new Promise(setImmediate);
        return { secretString: newer.secretString, versionId: 'v' };
      },
    };
    const credential = stage.credential({ ttlSeconds: 100, source });
    const first = await credential.current();
    clock.forward(300);
    const waiting = credential.current();
    const other = await credential.refused(first);
    expect(keyOf(stage, other)).toBe(newer.id);
    expect(await waiting).toBe(other);
  });

  test('a secret that goes back and forth between two such keys is read less and less often', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const keys = [stage.momento.issueKey(), stage.momento.issueKey()];
    let reads = 0;
    const source = {
      async read() {
        const { secretString } = keys[reads % 2] ?? {};
        reads += 1;
        return { secretString, versionId: 'v' };
      },
    };
    const credential = stage.credential({ source });
    const useAll = async () => {
      for (let use = 0; use < 100; use += 1) await credential.refused(await credential.current());
    };
    await useAll();
    expect(reads).toBe(3);
    for (const seconds of [1, 2, 4, 5]) {
      clock.forward(seconds - 0.001);
      const before = reads;
      await useAll();
      expect(reads).toBe(before);
      clock.forward(0.001);
      await useAll();
      expect(reads).toBe(before + 1);
    }
  });

  test('that it was never given, it says that it has none', async () => {
    const stage = await startStage();
    const provider = await stage.credential().current();
    expect(await stage.credential().refused(provider)).toBeUndefined();
    expect(stage.reads()).toBe(1);
  });

  test('the secret is read at once, and once, however many had it refused', async () => {
    const stage = await startStage();
    const credential = stage.credential();
    const first = await credential.current();
    await stage.rotate();

    const others = await Promise.all(Array.from({ length: 1000 }, () => credential.refused(first)));
    expect(new Set(others.map((other) => keyOf(stage, other)))).toEqual(new Set(['key-2']));
    // Calls that were in flight with it are refused, too.
    expect(keyOf(stage, await credential.refused(first))).toBe('key-2');
    expect(stage.reads()).toBe(2);
    await stage.expectEvents('refreshed', 'refusedKey', 'changed');
  });

  test('and the secret has not changed, it is read less and less often, but every five seconds', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential();
    const provider = await credential.current();

    expect(await credential.refused(provider)).toBeUndefined();
    let reads = 2;
    for (const seconds of [1, 2, 4, 5, 5, 5]) {
      expect(await Promise.all(Array.from({ length: 10 }, () => credential.refused(provider)))).not.toContain(provider);
      expect(await credential.current()).toBe(provider);
      expect(stage.reads()).toBe(reads);
      clock.forward(seconds);
      expect(await credential.refused(provider)).toBeUndefined();
      reads += 1;
      expect(stage.reads()).toBe(reads);
    }
    expect(stage.events.filter(({ type }) => type === 'refusedKey')).toHaveLength(1);
  });

  test('the secret is read at once, although reading it failed shortly before', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100 });
    const first = await credential.current();
    const { mend } = stage.breakReading();
    await stage.expectEvents('refreshed');
    for (const seconds of [150, 1, 2, 4, 8]) {
      clock.forward(seconds);
      await credential.current();
      await stage.expectEvents('servedStale');
    }
    mend();
    await stage.rotate();

    expect(keyOf(stage, await credential.refused(first))).toBe('key-2');
  });

  test('that was put by hand, the key before it is served as long as it is let in', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 100, source: stage.atOnce });
    const good = await credential.current();
    const bad = await stage.rotate();
    stage.momento.revokeKey(bad);
    clock.forward(300);
    const refused = await credential.current();
    expect(keyOf(stage, refused)).toBe('key-2');

    expect(await credential.refused(refused)).toBe(good);
    expect(await credential.current()).toBe(good);
    await stage.expectEvents('refreshed', 'changed', 'refusedKey', 'refreshed', 'servedStale');
    expect(stage.events.at(-1)).toHaveProperty('error.message', expect.stringMatching('refuses the current key'));

    // It gets another chance now and then: it may not have been known everywhere.
    clock.forward(1);
    expect(await credential.current()).toBe(refused);
    expect(await credential.refused(refused)).toBe(good);

    expect(await credential.refused(good)).toBe(refused);
    expect(await credential.current()).toBe(refused);
    await stage.rotate();
    clock.forward(60);
    expect(keyOf(stage, await credential.refused(refused))).toBe('key-3');
  });

  test('caches in between are told', async () => {
    const stage = await startStage();
    const asked: boolean[] = [];
    const { secretString } = stage.momento.issueKey();
    const credential = stage.credential({
      source: {
        async read({ refused }) {
          asked.push(refused);
          return { secretString, versionId: 'v' };
        },
      },
    });
    await credential.refused(await credential.current());
    expect(asked).toEqual([false, true]);
  });
});

test('a key that is current again is the same object as before', async () => {
  const clock = stopClock();
  const stage = await startStage();
  const first = stage.momento.issueKey();
  const credential = stage.credential({ ttlSeconds: 100, source: stage.atOnce });
  const providers: CredentialProvider[] = [];
  for (const { secretString } of [first, stage.momento.issueKey(), first]) {
    await stage.put(secretString);
    clock.forward(300);
    providers.push(await credential.current());
  }
  expect(providers.map((provider) => providers.indexOf(provider))).toEqual([0, 1, 0]);
});

test('watching does no harm where there is no key', async () => {
  const stage = await startStage();
  const { mend } = stage.breakReading();
  const credential = stage.credential();
  credential.watch(() => {});
  await stage.expectEvents('unavailable');
  mend();
  await stage.expectEvents('refreshed');
});

test('whoever watches is told of another key, although nobody asks for it', async () => {
  const stage = await startStage();
  const credential = stage.credential({ ttlSeconds: 0.1 });
  await credential.current();
  const told = new Promise<void>((resolve) => {
    const end = credential.watch(() => {
      end();
      resolve();
    });
    credential.watch(() => {})();
  });
  await stage.rotate();
  await told;
  expect(keyOf(stage, await credential.current())).toBe('key-2');
});

test('a credential that is closed serves nothing, ends its reads and tells nobody', async () => {
  const stage = await startStage();
  stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'silence' } });
  const credential = stage.credential();
  const asked = expect(credential.current()).rejects.toThrow('The Momento credential is closed.');
  credential.close();
  await asked;
  await expect(credential.current()).rejects.toThrow('The Momento credential is closed.');
  await stage.expectEvents();
});

test('nothing that is said holds a value of the secret, or is stopped by who listens', async () => {
  const clock = stopClock();
  const stage = await startStage();
  const lines: unknown[] = [];
  const log = (...line: unknown[]) => lines.push(...line);
  const values = ['hunter2-hunter2-hunter2', '{"apiKey": "hunter2-hunter2-hunter2"}', '["hunter2-hunter2-hunter2"]'];
  const credential = stage.credential({
    ttlSeconds: 100,
    logger: { info: log, warn: log },
    onEvent(event) {
      lines.push(event);
      throw new Error('of the listener');
    },
  });
  const provider = await credential.current();
  for (const [index, value] of values.entries()) {
    await stage.put(value);
    clock.forward(300);
    await credential.current();
    await vi.waitFor(() =>
      expect(lines.filter((line) => JSON.stringify(line).includes('servedStale'))).toHaveLength(index + 1),
    );
  }
  stage.secretsManager.faults.add({ call: 'GetSecretValue', at: 'after', mishap: { kind: 'malformed' } });
  clock.forward(300);
  await credential.refused(provider);
  await stage.rotate();
  await credential.refused(provider);

  const said = JSON.stringify(lines, (_, value) =>
    value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value,
  );
  expect(said).toContain('servedStale');
  expect(said).toContain('The last good Momento API key goes on being used.');
  expect(findLeaks(said, [...stage.momento.secretsInPlay(), 'hunter2-hunter2-hunter2'])).toEqual([]);
});

test('nothing that a source or a listener does is an unhandled rejection', async () => {
  const unhandled = vi.fn<() => void>();
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => {
    process.off('unhandledRejection', unhandled);
  });
  const clock = stopClock();
  const stage = await startStage();
  const types: string[] = [];
  const log = () => Promise.reject(new Error('of the logger'));
  let reads = 0;
  const credential = stage.credential({
    ttlSeconds: 100,
    source: {
      async read() {
        reads += 1;
        if (reads > 1) throw reads === 2 ? undefined : null;
        return { secretString: stage.momento.issueKey().secretString, versionId: 'v' };
      },
    },
    logger: { info: log, warn: log },
    async onEvent({ type }) {
      types.push(type);
      throw new Error('of the listener');
    },
  });
  const provider = await credential.current();
  for (const _ of [2, 3]) {
    clock.forward(300);
    expect(await credential.current()).toBe(provider);
  }
  await vi.waitFor(() => expect(types).toEqual(['refreshed', 'servedStale', 'servedStale']));
  await new Promise(setImmediate);
  expect(unhandled).not.toHaveBeenCalled();
});

test.each([
  [{ ttlSeconds: 0 }, 'ttlSeconds'],
  [{ ttlSeconds: Number.NaN }, 'ttlSeconds'],
  [{ timeoutMs: 0 }, 'timeoutMs'],
  [{ timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs'],
])('%j is no way to keep a key', async (options, name) => {
  const { credential } = await startStage();
  expect(() => credential(options)).toThrow(name);
});
