import { expect, onTestFinished, test, vi } from 'vitest';
import { startSubscription } from './subscription-on-stage.ts';

/** What of the topic client is seen only where a timer or a task of the process is another one. */

test('when Momento refuses its key, a subscription is back at once when the key changes, however long the pause that it is in', async () => {
  const { topics, stage, changeTo, credential, expectSubscribers, client } = await startSubscription({
    ttlSeconds: 3600,
  });
  const setTimeoutOfNode = globalThis.setTimeout;
  let pausing = () => {};
  const inPause = new Promise<void>((resolve) => {
    pausing = resolve;
  });
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms?: number) => {
    if (ms !== 500) return setTimeoutOfNode(callback, ms);
    // The pause does not end by itself.
    pausing();
    return setTimeoutOfNode(callback, 2 ** 31 - 1);
  }) as typeof setTimeout);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  topics.revoke('first');
  await inPause;
  await changeTo('second');
  // The secret was read a moment ago.
  await vi.waitFor(
    async () => {
      await credential.refused(await credential.current());
      expect(stage.events.map(({ type }) => type)).toContain('changed');
    },
    { timeout: 60_000 },
  );
  await expectSubscribers('second');
  client.close();
});

test('what a callback throws while a subscription moves does not keep it from moving', async () => {
  const thrown: unknown[] = [];
  const later = globalThis.queueMicrotask;
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) =>
    later(() => {
      try {
        callback();
      } catch (error) {
        thrown.push(error);
      }
    }),
  );
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const { topics, client, changeTo, expectSubscribers, told } = await startSubscription({ ttlSeconds: 3600 });
  await client.subscribe('cache', 'topic', {
    onItem: (item) => told.push(`other ${item.valueString()}`),
    onDiscontinuity: () => {
      throw new Error('of the application');
    },
  });
  await changeTo('second');
  topics.revoke('first');
  await expectSubscribers('second', 'second');
  topics.publish('one');
  await vi.waitFor(() => expect(told).toContain('other one'));
  expect(thrown).toEqual([new Error('of the application')]);
  client.close();
});
