import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { startChild } from './child.ts';
import { startStage } from './stage.ts';
import { startTopics } from './topics.ts';

const script = <Name extends string>(name: Name) => `tests/client/lifetimes/${name}.ts` as const;

/** A process that does nothing but subscribe, with the services in this one. */
async function startSubscriber() {
  const topics = await startTopics();
  const stage = await startStage(() => topics.secretWith('first'));
  return {
    topics,
    stage,
    start: (env?: Record<string, string>) => startChild(stage, script('subscriber'), env),
    expectSubscribers: (...keys: string[]) =>
      vi.waitFor(() => expect(topics.subscribers()).toEqual(keys), { timeout: 60_000 }),
  };
}

describe('a process that only subscribes', () => {
  test('lives while its key is refused and Secrets Manager is down, and goes on when there is another key', async () => {
    const { topics, stage, start, expectSubscribers } = await startSubscriber();
    const subscriber = start();
    await subscriber.said('isSubscribed true');
    const { mend } = stage.breakReading();
    topics.revoke('first');
    await subscriber.said('subscriptionNotMoved', 3);
    await stage.put(topics.secretWith('second'));
    mend();
    await expectSubscribers('second');
    topics.publish('one');
    await subscriber.said('item one');

    subscriber.kill('SIGTERM');
    expect(await subscriber.ended).toEqual([0, null]);
    expect(subscriber.output()).toMatch(/closed\nend\n$/);
  });

  test('lives when its key is revoked 300 ms before its successor is stored', async () => {
    const { topics, stage, start, expectSubscribers } = await startSubscriber();
    const subscriber = start();
    await subscriber.said('isSubscribed true');
    topics.revoke('first');
    await sleep(300);
    await stage.put(topics.secretWith('second'));
    await expectSubscribers('second');
    topics.publish('one');
    await subscriber.said('item one');

    subscriber.kill('SIGTERM');
    expect(await subscriber.ended).toEqual([0, null]);
  });

  test.each(['SIGUSR2', 'SIGTERM'] as const)('ends by itself, also in an outage, on %s', async (signal) => {
    const { topics, stage, start } = await startSubscriber();
    const subscriber = start();
    await subscriber.said('isSubscribed true');
    stage.breakReading();
    topics.revoke('first');
    await subscriber.said('subscriptionNotMoved', 2);
    subscriber.kill(signal);
    expect(await subscriber.ended).toEqual([0, null]);
    expect(subscriber.output()).toMatch(/\nend\n$/);
  });

  test('ends by itself when it has unsubscribed, although it closes nothing', async () => {
    const { start } = await startSubscriber();
    const subscriber = start();
    await subscriber.said('isSubscribed true');
    subscriber.kill('SIGUSR2');
    expect(await subscriber.ended).toEqual([0, null]);
    expect(subscriber.output()).toMatch(/\nend\n$/);
  });

  test('ends by itself when there is no key to begin with', async () => {
    const { stage, start } = await startSubscriber();
    stage.breakReading();
    const subscriber = start();
    const [code] = await subscriber.ended;
    expect(code).toBe(1);
    expect(subscriber.output()).toContain('SecretUnavailableError');
  });
});

describe('a process that closes its client while it subscribes', () => {
  test('gets no item, and ends when Momento lets it in', async () => {
    const { topics, start } = await startSubscriber();
    const { waiting, admit } = topics.admitLater('first');
    const subscriber = start();
    await vi.waitFor(() => expect(waiting()).toBe(1), { timeout: 60_000 });
    subscriber.kill('SIGTERM');
    await subscriber.said('isSubscribed false');
    admit();
    topics.publish('one');
    expect(await subscriber.ended).toEqual([0, null]);
    expect(subscriber.output()).toMatch(/closed\nend\nisSubscribed false\n$/);
  });

  test('ends although Momento never answers', async () => {
    const { topics, start } = await startSubscriber();
    const { waiting } = topics.admitLater('first');
    const subscriber = start({ CLIENT_TIMEOUT_MS: '5000' });
    await vi.waitFor(() => expect(waiting()).toBe(1), { timeout: 60_000 });
    subscriber.kill('SIGTERM');
    await subscriber.said('isSubscribed false');
    expect(await subscriber.ended).toEqual([0, null]);
  });

  test.each([
    ['ends, although it shares its credential', {}],
    ['ends with a credential of its own', { BY_NAME: 'yes' }],
  ])('before there is a key %s', async (_, env) => {
    const { topics, stage, start } = await startSubscriber();
    stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'delay', ms: 1000 } });
    const subscriber = start(env);
    await vi.waitFor(() => expect(stage.reads()).toBe(1), { timeout: 60_000 });
    subscriber.kill('SIGTERM');
    await subscriber.said('isSubscribed false');
    expect(await subscriber.ended).toEqual([0, null]);
    expect(topics.begun('first')).toBe(0);
  });
});

test.each<[string, 'agent' | 'silent-source', string]>([
  ['an agent that is not there', 'agent', 'Nothing answers on localhost:1'],
  ['a source that never answers', 'silent-source', 'There was no answer in time.'],
])('a script that reads from %s reaches its own catch', async (_, name, message) => {
  const child = startChild(await startStage(), script(name), { AWS_TOKEN: 'the token' });
  expect(await child.ended).toEqual([3, null]);
  expect(child.output()).toMatch(/^caught The secret "momento\/authentication-token" could not be read\. /);
  expect(child.output()).toContain(message);
});
