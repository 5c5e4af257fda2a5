import {
  AuthenticationError,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  type SubscribeCallOptions,
  type TopicClient,
  TopicSubscribe,
} from '@gomomento/sdk';
import { expect, test, vi } from 'vitest';
import type { MomentoCredential, MomentoEvent } from '../../src/client/index.ts';
import { followTopic } from '../../src/client/subscription.ts';

const loggerFactory = new NoopMomentoLoggerFactory();
const refusal = new TopicSubscribe.Error(new AuthenticationError('refused'));

/** A subscription of the SDK that nothing is connected to. */
function subscription(): TopicSubscribe.Subscription {
  const state = { isSubscribed: true, unsubscribe: () => {}, toString: () => '' };
  return new TopicSubscribe.Subscription(
    loggerFactory,
    state as unknown as ConstructorParameters<typeof TopicSubscribe.Subscription>[1],
  );
}

test('a leg that ends before the SDK has handed it over is not moved to', async () => {
  const [first, second] = [0, 1].map(() => CredentialProvider.forMomentoLocal({})) as [
    CredentialProvider,
    CredentialProvider,
  ];
  const events: MomentoEvent[] = [];
  let current = first;
  let changed = () => {};
  const credential: MomentoCredential = {
    secretId: 'a-secret',
    current: async () => current,
    refused: async () => undefined,
    watch(listener) {
      changed = listener;
      return () => {};
    },
    report: (event) => events.push(event),
    close() {},
  };
  const made: SubscribeCallOptions[] = [];
  const client = {
    async subscribe(_cache: string, _topic: string, options: SubscribeCallOptions) {
      made.push(options);
      if (made.length === 2) {
        options.onError?.(refusal, { isSubscribed: false } as TopicSubscribe.Subscription);
      }
      return subscription();
    },
  } as unknown as TopicClient;
  const follower = {
    credential,
    use: <T>(call: (each: TopicClient, provider: CredentialProvider) => Promise<T>) => call(client, current),
    hold: () => ({ client, release() {} }),
    close() {},
  };

  const ends = new Set<() => void>();
  const heartbeats = vi.fn<() => void>();
  const callbacks = { onHeartbeat: heartbeats };
  await followTopic(follower, ends, { cacheName: 'cache', topicName: 'topic', callbacks, loggerFactory });
  current = second;
  changed();
  await vi.waitFor(() => expect(made).toHaveLength(3), { timeout: 60_000 });

  expect(events).toMatchObject([{ type: 'subscriptionNotMoved', errorCode: 'AUTHENTICATION_ERROR' }]);
  // The first is still the one that is heard.
  for (const each of made) each.onHeartbeat?.({} as never);
  expect(heartbeats).toHaveBeenCalledOnce();
  for (const end of ends) end();
});
