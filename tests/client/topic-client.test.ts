import { MomentoErrorCode, TopicClient, TopicSubscribe } from '@gomomento/sdk';
import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { momentoCredential, topicClient } from '../../src/client/index.ts';
import { startStage } from './stage.ts';
import { configuration, startSubscription } from './subscription-on-stage.ts';
import { startTopics } from './topics.ts';

describe('to its user it is a TopicClient', () => {
  test('by its class and answers', async () => {
    const { client, subscription, topics, expectTold, expectSubscribers } = await startSubscription();
    expect(client).toBeInstanceOf(TopicClient);
    expect(subscription).toBeInstanceOf(TopicSubscribe.Subscription);
    expect(subscription.isSubscribed).toBe(true);
    topics.publish('one');
    await expectTold('one');

    subscription.unsubscribe();
    expect(subscription.isSubscribed).toBe(false);
    await expectSubscribers();
    await expectTold('one', 'end');
    client.close();
  });

  test('whose first subscription may fail, or find its key refused and succeed with another', async () => {
    const { client, topics, stage, callbacks, expectTold, changeTo } = await startSubscription({ ttlSeconds: 3600 });
    topics.failNext('first', status.NOT_FOUND);
    const answer = await client.subscribe('cache', 'topic', {});
    expect(answer instanceof TopicSubscribe.Error && answer.errorCode()).toBe('NOT_FOUND_ERROR');

    await changeTo('second');
    topics.failNext('first', status.UNAUTHENTICATED);
    expect(await client.subscribe('cache', 'topic', callbacks)).toBeInstanceOf(TopicSubscribe.Subscription);
    expect(stage.reads()).toBe(2);
    topics.publish('one');
    await expectTold('one', 'one');
    client.close();
  });

  test('with the configuration that the SDK would have', async () => {
    const { stage } = await startSubscription();
    expect(() => topicClient(stage.credential()).close()).not.toThrow();
  });

  test('which ends its subscriptions when it is closed', async () => {
    const { client, expectSubscribers, subscription } = await startSubscription();
    client.close();
    expect(subscription.isSubscribed).toBe(false);
    await expectSubscribers();
  });
});

describe('it can be subscribed to and left any number of times', () => {
  // What the SDK takes at once is 100 for each stream client.
  const times = 401;

  test('with a key', async () => {
    const { topics, client, expectSubscribers } = await startSubscription();
    for (let time = 1; time <= times; time += 1) {
      const answer = await client.subscribe('cache', 'topic', {});
      expect(answer, `number ${time}: ${answer}`).toBeInstanceOf(TopicSubscribe.Subscription);
      (answer as TopicSubscribe.Subscription).unsubscribe();
    }
    await expectSubscribers('first');
    expect(topics.begun('first')).toBe(times + 1);
    client.close();
  });

  test('and tried without one, with callbacks of any shape, none of which hears of it', async () => {
    const source = { read: () => Promise.reject(new Error('down')) };
    const client = topicClient(momentoCredential('momento/key', { source }), { configuration });
    const heard = vi.fn<() => void>();
    class Callbacks {
      onConnectionLost = heard;
      onSubscriptionEnd = heard;
    }
    for (let time = 1; time <= times; time += 1) {
      const answer = await client.subscribe('cache', 'topic', new Callbacks());
      const code = answer.type === 'Error' ? answer.errorCode() : answer.type;
      expect(code, `number ${time}`).toBe(MomentoErrorCode.FAILED_PRECONDITION_ERROR);
    }
    expect(heard).not.toHaveBeenCalled();
    client.close();
  });
});

describe('a subscription that is ended while it is on its way', () => {
  test.each([
    ['with a key', false],
    ['without one', true],
  ])('in the same moment, %s, has ended', { timeout: 30_000 }, async (_, isSilent) => {
    const topics = await startTopics();
    const stage = await startStage(() => topics.secretWith('first'));
    const source = { read: () => new Promise<never>(() => {}) };
    const credential = stage.credential(isSilent ? { source, timeoutMs: 3_600_000 } : {});
    const client = topicClient(credential, { configuration });
    if (!isSilent) await credential.current();
    const subscribing = client.subscribe('cache', 'topic', {});
    client.close();
    expect(await subscribing).toMatchObject({ type: 'Subscription', isSubscribed: false });
    expect(topics.begun('first')).toBe(0);
    credential.close();
  });

  test('to the first leg has ended, and brings nothing', async () => {
    const { topics, client, told, callbacks, changeTo, expectSubscribers, expectTold } = await startSubscription();
    await changeTo('second');
    await expectSubscribers('second');
    const { waiting, admit } = topics.admitLater('second');
    const other: string[] = [];
    const subscribing = client.subscribe('cache', 'topic', {
      ...callbacks,
      onItem: (item) => other.push(item.valueString()),
      onSubscriptionEnd: () => other.push('end'),
    });
    await vi.waitFor(() => expect(waiting()).toBe(1), { timeout: 60_000 });
    client.close();
    const answer = await subscribing;
    expect(answer).toBeInstanceOf(TopicSubscribe.Subscription);
    expect(answer).toMatchObject({ isSubscribed: false });
    admit();
    topics.publish('one');
    await vi.waitFor(() => expect(topics.begun('second')).toBe(2), { timeout: 60_000 });
    await expectSubscribers();
    expect(other).toEqual(['end']);
    await expectTold('end');
    expect(told).toEqual(['end']);
  });

  test('to another key, because the first was refused, has ended', async () => {
    const { topics, stage, client, callbacks, changeTo } = await startSubscription({ ttlSeconds: 3600 });
    await changeTo('second');
    topics.failNext('first', status.UNAUTHENTICATED);
    stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'delay', ms: 300 } });
    const subscribing = client.subscribe('cache', 'topic', callbacks);
    await stage.expectEvents('refreshed', 'refusedKey');
    client.close();
    expect(await subscribing).toMatchObject({ type: 'Subscription', isSubscribed: false });
    await stage.expectEvents('changed');
    expect(topics.begun('second')).toBe(0);
  });

  test('to another leg leaves that one when it is let in', async () => {
    const { topics, subscription, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    const { waiting, admit } = topics.admitLater('second');
    await changeTo('second');
    await vi.waitFor(() => expect(waiting()).toBe(1), { timeout: 60_000 });
    subscription.unsubscribe();
    expect(subscription.isSubscribed).toBe(false);
    await expectSubscribers();
    admit();
    topics.publish('one');
    await vi.waitFor(() => expect(topics.begun('second')).toBe(1), { timeout: 60_000 });
    await expectSubscribers();
    await expectTold('end');
    client.close();
  });

  test('cannot be begun any more when the client is closed', async () => {
    const { client, callbacks } = await startSubscription();
    client.close();
    const answer = await client.subscribe('cache', 'topic', callbacks);
    expect(answer).toBeInstanceOf(TopicSubscribe.Error);
    expect((answer as TopicSubscribe.Error).message()).toContain('The client is closed.');
  });
});

test('what is published arrives, also when the key was revoked', async () => {
  const { topics, client, changeTo, told, expectSubscribers } = await startSubscription({ ttlSeconds: 3600 });
  expect((await client.publish('cache', 'topic', 'one')).type).toBe('Success');
  await vi.waitFor(() => expect(told).toEqual(['one']));
  await changeTo('second');
  topics.revoke('first');
  expect((await client.publish('cache', 'topic', 'two')).type).toBe('Success');
  await expectSubscribers('second');
  expect(topics.publishers).toEqual(['first', 'second']);
  client.close();
});

test('at the local Momento, a subscription moves with a rotation, and misses nothing when the old key is revoked', async () => {
  const stage = await startStage();
  const { momento, firstKey } = stage;
  const client = topicClient(stage.credential({ ttlSeconds: 0.05 }), { configuration });
  const told: string[] = [];
  const subscription = await client.subscribe('cache', 'topic', {
    onItem: (item) => told.push(`${item.sequenceNumber()} ${item.valueString()}`),
    onDiscontinuity: () => told.push('gap'),
    onError: (error) => told.push(error.errorCode()),
  });
  expect(subscription).toBeInstanceOf(TopicSubscribe.Subscription);
  expect((await client.publish('cache', 'topic', 'one')).type).toBe('Success');

  const keyId = momento.idOf(await stage.rotate());
  const expected = [{ keyId, cache: 'cache', topic: 'topic' }];
  await vi.waitFor(() => expect(momento.subscriptions()).toEqual(expected), { timeout: 60_000 });
  momento.revokeKey(firstKey);
  momento.sendHeartbeats();
  expect((await client.publish('cache', 'topic', 'two')).type).toBe('Success');
  await vi.waitFor(() => expect(told).toEqual(['1 one', '2 two']), { timeout: 60_000 });
  client.close();
});

describe('when the key changes, a subscription moves', () => {
  test('without an item twice, or one less, while things are published', async () => {
    const { topics, told, changeTo, expectSubscribers, client } = await startSubscription();
    let published = 0;
    const publisher = setInterval(() => {
      published += 1;
      topics.publish(String(published));
    }, 1);
    for (const key of ['second', 'third', 'fourth']) {
      await changeTo(key);
      await expectSubscribers(key);
    }
    clearInterval(publisher);
    await vi.waitFor(() => expect(told).toHaveLength(published));
    expect(told).toEqual(Array.from({ length: published }, (_, index) => String(index + 1)));
    client.close();
  });

  test('also when nothing is published', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    await changeTo('second');
    await expectSubscribers('first', 'second');
    await expectSubscribers('second');
    topics.publish('one');
    await expectTold('one');
    client.close();
  });

  test('items of the new leg wait for those of the old one that come before them', async () => {
    const { topics, told, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    await expectTold('one');
    const { release } = topics.hold('first');
    topics.publish('two');
    await changeTo('second');
    await expectSubscribers('first', 'second');
    topics.publish('three');
    expect(told).toEqual(['one']);
    release();
    await expectTold('one', 'two', 'three');
    await expectSubscribers('second');
    client.close();
  });

  test('and what does not come in time on the old one is a discontinuity', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    await expectTold('one');
    topics.hold('first');
    topics.publish('two');
    await changeTo('second');
    await expectSubscribers('first', 'second');
    topics.publish('three');
    await expectTold('one', 'gap 1-3', 'three');
    client.close();
  });

  test('the count may begin anew in between', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    topics.publish('two');
    await changeTo('second');
    await expectSubscribers('first', 'second');
    await expectSubscribers('second');
    topics.startOver();
    topics.publish('one again');
    await expectTold('one', 'two', 'gap 2-0', 'one again');
    client.close();
  });

  test('and a count that begins anew meanwhile is said once, and nothing comes twice', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    topics.publish('two');
    await expectTold('one', 'two');
    await changeTo('second');
    await expectSubscribers('first', 'second');
    topics.startOver();
    topics.publish('one again');
    topics.publish('two again');
    await expectSubscribers('second');
    topics.publish('three');
    await expectTold('one', 'two', 'gap 2-0', 'one again', 'two again', 'three');
    client.close();
  });

  test('nor is anything lost if the old leg is late to say that it began anew', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    topics.publish('two');
    await expectTold('one', 'two');
    const { release } = topics.hold('first');
    topics.startOver();
    await changeTo('second');
    await expectSubscribers('first', 'second');
    for (const each of ['a', 'b', 'c']) topics.publish(each);
    release();
    await expectTold('one', 'two', 'gap 2-0', 'a', 'b', 'c');
    client.close();
  });

  test('but not to a key that is refused as soon as it was let in', async () => {
    const { topics, stage, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    await changeTo('second');
    await expectSubscribers('first', 'second');
    topics.revoke('second');
    await vi.waitFor(() => expect(stage.events.map(({ type }) => type)).toContain('servedStale'), { timeout: 60_000 });
    topics.publish('one');
    await expectTold('one');

    await changeTo('third');
    await expectSubscribers('third');
    topics.publish('two');
    await expectTold('one', 'two');
    client.close();
  });

  test('at once, if the old key is refused before the new leg has caught up', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    await changeTo('second');
    await expectSubscribers('first', 'second');
    topics.revoke('first');
    topics.publish('one');
    // Nothing has come that would tell whether something is missing.
    await expectTold('lost', 'gap 0-0', 'one');
    client.close();
  });

  test('twice, if the key changes twice', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.publish('one');
    await expectTold('one');
    await changeTo('second');
    await expectSubscribers('first', 'second');
    await changeTo('third');
    await expectSubscribers('third');
    topics.publish('two');
    await expectTold('one', 'two');
    client.close();
  });

  test('it stays where it is as long as it cannot move, and that is said', async () => {
    const { topics, stage, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.failNext('second', status.RESOURCE_EXHAUSTED);
    await changeTo('second');
    const reported = { type: 'subscriptionNotMoved', topicName: 'topic', errorCode: 'LIMIT_EXCEEDED_ERROR' };
    await vi.waitFor(() => expect(stage.events).toContainEqual(expect.objectContaining(reported)), { timeout: 60_000 });
    topics.publish('one');
    await expectTold('one');
    await expectSubscribers('second');
    client.close();
  });
});

describe('when Momento refuses its key, a subscription', () => {
  test('moves at once, and what may be missing is a discontinuity', async () => {
    const { topics, stage, changeTo, expectSubscribers, expectTold, client } = await startSubscription({
      ttlSeconds: 3600,
    });
    topics.publish('one');
    await expectTold('one');
    await changeTo('second');
    topics.revoke('first');
    topics.publish('two');
    await expectSubscribers('second');
    await expectTold('one', 'lost', 'gap 1-1');
    topics.publish('three');
    await expectTold('one', 'lost', 'gap 1-1', 'three');
    expect(stage.reads()).toBe(2);
    client.close();
  });

  test('loses nothing that is published after it is back, although the count began anew', async () => {
    const { topics, changeTo, expectSubscribers, expectTold, client } = await startSubscription({ ttlSeconds: 3600 });
    for (const each of ['one', 'two', 'three']) topics.publish(each);
    await expectTold('one', 'two', 'three');
    await changeTo('second');
    topics.revoke('first');
    topics.startOver();
    await expectSubscribers('second');
    await expectTold('one', 'two', 'three', 'lost', 'gap 3-3');
    for (const each of ['a', 'b']) topics.publish(each);
    await expectTold('one', 'two', 'three', 'lost', 'gap 3-3', 'a', 'b');
    client.close();
  });

  test('although it had let it in, tries again less and less often, and says so', async () => {
    const { topics, stage, client } = await startSubscription({ ttlSeconds: 3600 });
    topics.endAtOnce('first', status.UNAUTHENTICATED);
    topics.end('first', status.UNAUTHENTICATED);
    const notMoved = () => stage.events.filter(({ type }) => type === 'subscriptionNotMoved');
    await vi.waitFor(() => expect(notMoved()).toHaveLength(3), { timeout: 60_000 });
    // One at the beginning, and one after each pause but the last.
    expect(topics.begun('first')).toBe(3);
    client.close();
  });

  test('is no news any more when the client is closed', async () => {
    const { topics, stage, told, changeTo, client } = await startSubscription({ ttlSeconds: 3600 });
    await changeTo('second');
    const mishap = { kind: 'delay', ms: 300 } as const;
    stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap });
    topics.revoke('first');
    await vi.waitFor(() => expect(told).toContain('lost'));
    client.close();
    await stage.expectEvents('refreshed', 'refusedKey', 'changed');
    await new Promise(setImmediate);
    expect(stage.events).toHaveLength(3);
  });

  test('is back when there is a key that is let in', async () => {
    const { topics, subscription, changeTo, expectSubscribers, expectTold, client } = await startSubscription();
    topics.revoke('first');
    await expectTold('lost');
    expect(subscription.isSubscribed).toBe(true);
    await changeTo('second');
    await expectSubscribers('second');
    await expectTold('lost', 'gap 0-0');
    client.close();
  });

  test('can be ended meanwhile', async () => {
    const { topics, subscription, expectTold, client } = await startSubscription();
    topics.revoke('first');
    await expectTold('lost');
    subscription.unsubscribe();
    subscription.unsubscribe();
    await expectTold('lost', 'end');
    client.close();
  });

  test('and the next key may not subscribe, ends with that error', async () => {
    const { topics, subscription, changeTo, expectTold, client } = await startSubscription({ ttlSeconds: 3600 });
    await changeTo('second');
    topics.failNext('second', status.PERMISSION_DENIED);
    topics.revoke('first');
    await expectTold('lost', 'PERMISSION_ERROR', 'end');
    expect(subscription.isSubscribed).toBe(false);
    client.close();
  });
});

test('an item that the SDK cannot read is an error, after which the subscription goes on', async () => {
  const { topics, subscription, expectTold, client } = await startSubscription();
  topics.publishNonsense();
  topics.publish('two');
  await expectTold('UNKNOWN_ERROR', 'two');
  expect(subscription.isSubscribed).toBe(true);
  expect(String(subscription)).toBe('Subscription');
  client.close();
});

test('a credential that is closed before its clients leaves a subscription where it is', async () => {
  const { topics, stage, credential, expectTold, client } = await startSubscription();
  credential.close();
  topics.revoke('first');
  await expectTold('lost');
  await vi.waitFor(() => expect(stage.events).toContainEqual(expect.objectContaining({ errorCode: 'UNKNOWN_ERROR' })));
  client.close();
  await expectTold('lost', 'end');
});

test('any other end of a subscription is the application’s, as with the SDK', async () => {
  const { topics, subscription, expectTold, client } = await startSubscription();
  topics.end('first', status.PERMISSION_DENIED);
  await expectTold('lost', 'PERMISSION_ERROR', 'end');
  expect(subscription.isSubscribed).toBe(false);
  client.close();
});
