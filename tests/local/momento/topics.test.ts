import {
  AllCaches,
  AllTopics,
  DisposableTokenScopes,
  ExpiresIn,
  GenerateDisposableTokenResponse,
  TopicSubscribe,
} from '@gomomento/sdk';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LocalMomento } from '../../../src/local/momento/momento.ts';
import type { Permission } from '../../../src/local/momento/permissions.ts';
import { authClient, cacheClient, momentoForTest, spoil, standingClock, topicClient, verdict } from './sdk.ts';
import { publishOnWire, subscribeOnWire } from './wire.ts';

const PATIENCE = { timeout: 60_000 };

/** A subscription of the SDK to the topic `topic` of `cache`, and what the application is told. */
async function subscribe(momento: LocalMomento, apiKey: string) {
  const told: string[] = [];
  const subscription = await topicClient(momento, apiKey).subscribe('cache', 'topic', {
    onItem: (item) => told.push(`${item.sequenceNumber()} ${item.value()} ${item.tokenId() ?? ''}`.trim()),
    onDiscontinuity: (gap) => told.push(`${gap.lastSequenceNumber()}>${gap.newSequenceNumber()}`),
    onError: (error) => told.push(error.errorCode()),
  });
  if (!(subscription instanceof TopicSubscribe.Subscription)) throw new Error(`refused: ${verdict(subscription)}`);
  // Before its Momento is closed: the SDK would look for it for ever.
  onTestFinished(() => subscription.unsubscribe());
  return {
    subscription,
    expectTold: (...expected: string[]) => vi.waitFor(() => expect(told).toEqual(expected), PATIENCE),
  };
}

describe('what is published', () => {
  test('reaches who has subscribed by then, numbered in order, as text or as bytes', async () => {
    const momento = await momentoForTest();
    const { apiKey } = momento.issueKey();
    const client = topicClient(momento, apiKey);
    expect(verdict(await client.publish('cache', 'topic', 'unheard'))).toBe('Success');
    const first = await subscribe(momento, apiKey);
    await client.publish('cache', 'topic', 'one');
    const second = await subscribe(momento, apiKey);
    await client.publish('cache', 'topic', Buffer.from([7, 8]));
    await client.publish('cache', 'other', 'elsewhere');

    await first.expectTold('2 one', '3 7,8');
    await second.expectTold('3 7,8');
  });

  test('names the disposable token that it was published with, by the id that it was given', async () => {
    const momento = await momentoForTest();
    const { apiKey } = momento.issueKey();
    const { expectTold } = await subscribe(momento, apiKey);
    const scope = DisposableTokenScopes.topicPublishOnly(AllCaches, AllTopics);
    const token = await authClient(momento, apiKey).generateDisposableToken(scope, ExpiresIn.minutes(1), {
      tokenId: 'user-1',
    });
    if (token.type !== GenerateDisposableTokenResponse.Success) throw new Error(`refused: ${token.errorCode()}`);
    await topicClient(momento, token.authToken).publish('cache', 'topic', 'one');
    await topicClient(momento, apiKey).publish('cache', 'topic', 'two');
    await expectTold('1 one user-1', '2 two');
  });

  test('must have a value and a topic', async () => {
    const momento = await momentoForTest();
    const { apiKey } = momento.issueKey();
    expect(await publishOnWire(momento, apiKey, { topic: 'topic' })).toBe('INVALID_ARGUMENT');
    expect(await publishOnWire(momento, apiKey, { topic: '', text: 'one' })).toBe('INVALID_ARGUMENT');
    expect(await publishOnWire(momento, apiKey, { topic: 'topic', text: 'one' })).toBe('OK');
    const { expectTold } = subscribeOnWire(momento, apiKey, { sequenceNumber: 1 });
    await expectTold('.', '1 one');
  });
});

describe('a subscription', () => {
  test('ends when its caller ends it', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    const { subscription } = await subscribe(momento, key.apiKey);
    expect(momento.subscriptions()).toEqual([{ keyId: key.id, cache: 'cache', topic: 'topic' }]);
    subscription.unsubscribe();
    await vi.waitFor(() => expect(momento.subscriptions()).toEqual([]), PATIENCE);
  });

  test('ends when its cache is deleted', async () => {
    const momento = await momentoForTest();
    const { apiKey } = momento.issueKey();
    const { subscription, expectTold } = await subscribe(momento, apiKey);
    await cacheClient(momento, apiKey).deleteCache('cache');
    await expectTold('NOT_FOUND_ERROR');
    expect(subscription.isSubscribed).toBe(false);
    expect(momento.subscriptions()).toEqual([]);
  });

  test('gets heartbeats by itself, and whenever the stand-in is told to send them', async () => {
    const rare = await momentoForTest({ behaviour: { heartbeatSeconds: Number.POSITIVE_INFINITY } });
    const quiet = subscribeOnWire(rare, rare.issueKey().apiKey);
    await quiet.expectTold('.');
    rare.sendHeartbeats();
    await quiet.expectTold('.', '.');

    const frequent = await momentoForTest({ behaviour: { heartbeatSeconds: 0.01 } });
    const lively = subscribeOnWire(frequent, frequent.issueKey().apiKey);
    await lively.expectHeartbeats(3);
  });

  describe.each(['revoked', 'expired'])('whose key is %s', (how) => {
    async function lose(subscriptionsEndWithKey: boolean) {
      const clock = standingClock();
      const momento = await momentoForTest({ now: clock.now, behaviour: { subscriptionsEndWithKey } });
      const key = momento.issueKey({ validForSeconds: 60 });
      const { expectTold } = await subscribe(momento, key.apiKey);
      if (how === 'revoked') momento.revokeKey(key.apiKey);
      else clock.forward(60);
      momento.sendHeartbeats();
      await topicClient(momento, momento.issueKey().apiKey).publish('cache', 'topic', 'one');
      return expectTold;
    }

    test('is ended', async () => {
      const expectTold = await lose(true);
      await expectTold('AUTHENTICATION_ERROR');
    });

    test('goes on with subscriptionsEndWithKey: false', async () => {
      const expectTold = await lose(false);
      await expectTold('1 one');
    });
  });
});

describe('who resumes', () => {
  /** A topic with items 1 to `count`. */
  async function topicWith(count: number, keptTopicItems?: number) {
    const momento = await momentoForTest(keptTopicItems === undefined ? {} : { behaviour: { keptTopicItems } });
    const { apiKey } = momento.issueKey();
    const client = topicClient(momento, apiKey);
    const publish = (value: string) => client.publish('cache', 'topic', value);
    for (let number = 1; number <= count; number += 1) await publish(`v${number}`);
    return {
      momento,
      publish,
      resume: (position: { sequenceNumber: number; page?: number }) => subscribeOnWire(momento, apiKey, position),
    };
  }

  test('the SDK after an interruption, misses nothing', async () => {
    const momento = await momentoForTest();
    const { apiKey } = momento.issueKey();
    const client = topicClient(momento, apiKey);
    const { expectTold } = await subscribe(momento, apiKey);
    await client.publish('cache', 'topic', 'one');
    await expectTold('1 one');
    momento.endSubscriptions({ code: 'UNAVAILABLE' });
    await client.publish('cache', 'topic', 'two');
    await client.publish('cache', 'topic', 'three');
    await expectTold('1 one', '2 two', '3 three');
  });

  test('gets the items from that one on, and then what is published', async () => {
    const { publish, resume } = await topicWith(3);
    const { expectTold } = resume({ sequenceNumber: 2 });
    await expectTold('.', '2 v2', '3 v3');
    await publish('v4');
    await expectTold('.', '2 v2', '3 v3', '4 v4');
  });

  test('at the next item, misses nothing', async () => {
    const { publish, resume } = await topicWith(1);
    const { expectTold } = resume({ sequenceNumber: 2 });
    await expectTold('.');
    await publish('v2');
    await expectTold('.', '2 v2');
  });

  test('at items that are gone, is told of the gap', async () => {
    const { resume } = await topicWith(5, 2);
    await resume({ sequenceNumber: 2 }).expectTold('.', '1>3', '4 v4', '5 v5');
    const { resume: resumeWithoutAny } = await topicWith(1, 0);
    await resumeWithoutAny({ sequenceNumber: 1 }).expectTold('.', '0>1');
  });

  test('at items that are not there yet, is told where the topic is', async () => {
    const { publish, resume } = await topicWith(1);
    const { expectTold } = resume({ sequenceNumber: 9 });
    await expectTold('.', '8>1');
    await publish('v2');
    await expectTold('.', '8>1', '2 v2');
  });

  test('on a page that is over, is told of the new one, and gets its items', async () => {
    const { momento, publish, resume } = await topicWith(2);
    const before = resume({ sequenceNumber: 1 });
    await before.expectTold('.', '1 v1', '2 v2');
    momento.resetTopic('cache', 'topic');
    await publish('w1');
    await before.expectTold('.', '1 v1', '2 v2', '2>0', '1 w1');
    const [page = 0, , newPage = 0, pageOfItem] = before.pages;
    expect(newPage).toBeGreaterThan(page);
    expect(pageOfItem).toBe(newPage);

    await resume({ sequenceNumber: 3, page }).expectTold('.', '2>0', '1 w1');
    await resume({ sequenceNumber: 1, page: newPage }).expectTold('.', '1 w1');
  });

  test('a cache that was deleted and created anew has its topics on greater pages', async () => {
    const { momento, publish, resume } = await topicWith(1);
    const before = resume({ sequenceNumber: 1 });
    await before.expectTold('.', '1 v1');
    const client = cacheClient(momento, momento.issueKey().apiKey);
    await client.deleteCache('cache');
    await client.createCache('cache');
    await publish('w1');
    const after = resume({ sequenceNumber: 1 });
    await after.expectTold('.', '1 w1');
    expect(after.pages[0]).toBeGreaterThan(before.pages[0] ?? 0);
  });
});

const cases: { permissions: Permission[]; publish: string; subscribe: string }[] = [
  { permissions: [{ role: 'publishsubscribe' }], publish: 'Success', subscribe: 'Subscription' },
  { permissions: [{ role: 'publishonly' }], publish: 'Success', subscribe: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'subscribeonly', cache: 'cache' }], publish: 'PERMISSION_ERROR', subscribe: 'Subscription' },
  {
    permissions: [{ role: 'publishsubscribe', cache: 'other' }],
    publish: 'PERMISSION_ERROR',
    subscribe: 'PERMISSION_ERROR',
  },
  { permissions: [{ role: 'readwrite' }], publish: 'PERMISSION_ERROR', subscribe: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'publishonly', topic: { is: 'topic' } }], publish: 'Success', subscribe: 'PERMISSION_ERROR' },
  {
    permissions: [{ role: 'publishonly', topic: { is: 'top' } }],
    publish: 'PERMISSION_ERROR',
    subscribe: 'PERMISSION_ERROR',
  },
  {
    permissions: [{ role: 'subscribeonly', topic: { startsWith: 'top' } }],
    publish: 'PERMISSION_ERROR',
    subscribe: 'Subscription',
  },
  {
    permissions: [{ role: 'subscribeonly', topic: { startsWith: 'pot' } }],
    publish: 'PERMISSION_ERROR',
    subscribe: 'PERMISSION_ERROR',
  },
];

test.each(cases)('a key with $permissions publishes with $publish, subscribes with $subscribe', async (expected) => {
  const momento = await momentoForTest();
  const client = topicClient(momento, momento.issueKey({ permissions: expected.permissions }).apiKey);
  expect(verdict(await client.publish('cache', 'topic', 'value'))).toBe(expected.publish);
  const subscription = await client.subscribe('cache', 'topic', {});
  expect(verdictOfSubscribe(subscription)).toBe(expected.subscribe);
  if (subscription instanceof TopicSubscribe.Subscription) subscription.unsubscribe();
});

test('a key that was never issued, and a cache that does not exist, are refused', async () => {
  const momento = await momentoForTest();
  const { apiKey } = momento.issueKey();
  const stranger = topicClient(momento, spoil(apiKey));
  expect(verdict(await stranger.publish('cache', 'topic', 'value'))).toBe('AUTHENTICATION_ERROR');
  expect(verdictOfSubscribe(await stranger.subscribe('none', 'topic', {}))).toBe('AUTHENTICATION_ERROR');
  const client = topicClient(momento, apiKey);
  expect(verdict(await client.publish('none', 'topic', 'value'))).toBe('NOT_FOUND_ERROR');
  expect(verdictOfSubscribe(await client.subscribe('none', 'topic', {}))).toBe('NOT_FOUND_ERROR');
  expect(momento.calls.at(-1)).toMatchObject({ rpc: 'Subscribe', cache: 'none', keyId: 'key-1', outcome: 'NOT_FOUND' });
});

describe('a fault', () => {
  async function withFault(at: 'before' | 'after', mishap: Parameters<LocalMomento['faults']['add']>[0]['mishap']) {
    const momento = await momentoForTest();
    momento.faults.add({ call: 'Subscribe', at, mishap });
    return { momento, ...subscribeOnWire(momento, momento.issueKey().apiKey) };
  }

  test('before a subscription begins: there is none', async () => {
    const { momento, expectTold } = await withFault('before', { kind: 'error', error: { code: 'UNAVAILABLE' } });
    await expectTold('UNAVAILABLE');
    expect(momento.subscriptions()).toEqual([]);
    expect(momento.calls).toMatchObject([{ outcome: 'UNAVAILABLE', fault: { at: 'before', kind: 'error' } }]);
  });

  test('after it has begun: it ends, or is garbled', async () => {
    const ended = await withFault('after', { kind: 'error', error: { code: 'UNAUTHENTICATED' } });
    await ended.expectTold('.', 'UNAUTHENTICATED');
    expect(ended.momento.calls).toMatchObject([{ outcome: 'UNAUTHENTICATED', fault: { at: 'after' } }]);
    await vi.waitFor(() => expect(ended.momento.subscriptions()).toEqual([]), PATIENCE);
    const garbled = await withFault('after', { kind: 'malformed' });
    await garbled.expectTold('.', 'INTERNAL');
  });

  test('a delay: before, nothing begins until it is over; after, only what there is to say waits', async () => {
    const { momento, expectTold } = await withFault('before', { kind: 'delay', ms: 20 });
    await expectTold('.');
    expect(momento.calls).toMatchObject([{ outcome: 'OK', fault: { at: 'before', kind: 'delay' } }]);

    const late = await withFault('after', { kind: 'delay', ms: 600_000 });
    await vi.waitFor(() => expect(late.momento.subscriptions()).toHaveLength(1), PATIENCE);
    await late.expectTold();
    const soon = await withFault('after', { kind: 'delay', ms: 20 });
    await soon.expectTold('.');
    soon.momento.endSubscriptions({ code: 'ABORTED' });
    await soon.expectTold('.', 'ABORTED');
  });

  test('silence, and a reset connection', async () => {
    const silent = await withFault('before', { kind: 'silence' });
    await vi.waitFor(() => expect(silent.momento.calls).toMatchObject([{ outcome: 'NOTHING' }]), PATIENCE);
    expect(silent.momento.subscriptions()).toEqual([]);
    const { momento, expectTold } = await withFault('after', { kind: 'disconnect' });
    await vi.waitFor(() => expect(momento.calls).toMatchObject([{ outcome: 'NOTHING' }]), PATIENCE);
    await vi.waitFor(() => expect(momento.subscriptions()).toEqual([]), PATIENCE);
    await expectTold('UNAVAILABLE');
  });
});

test('running subscriptions are ended on demand, all of them or those of one key', async () => {
  const momento = await momentoForTest();
  const [one, two] = [momento.issueKey(), momento.issueKey()];
  const first = await subscribe(momento, one.apiKey);
  const second = await subscribe(momento, two.apiKey);
  momento.endSubscriptions({ code: 'PERMISSION_DENIED' }, two.id);
  await second.expectTold('PERMISSION_ERROR');
  await first.expectTold();
  expect(momento.subscriptions()).toMatchObject([{ keyId: one.id }]);
});

/** As `verdict`, for an answer without a `type` of its own. */
function verdictOfSubscribe(response: TopicSubscribe.Response): string {
  return response instanceof TopicSubscribe.Subscription ? 'Subscription' : verdict(response);
}
