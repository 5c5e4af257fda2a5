import { NoopMomentoLoggerFactory, TopicConfigurations, type TopicSubscribe } from '@gomomento/sdk';
import { expect, vi } from 'vitest';
import { type CredentialOptions, topicClient } from '../../src/client/index.ts';
import { startStage } from './stage.ts';
import { startTopics } from './topics.ts';

// Without keepalive, for which a busy machine may be too late; and the SDK gives each subscription this time, not only its
// beginning (`sendSubscribe` in `pubsub-client.ts`), and then says that it was lost.
export const configuration = TopicConfigurations.Lambda.latest(new NoopMomentoLoggerFactory())
  .withNumConnections(1)
  .withClientTimeoutMillis(600_000);

/** A subscription that follows its key, what the application was told, and how to bring about what it is told of. */
export async function startSubscription(options: CredentialOptions = {}) {
  const topics = await startTopics();
  const stage = await startStage(() => topics.secretWith('first'));
  const credential = stage.credential({ ttlSeconds: 0.05, ...options });
  const client = topicClient(credential, { configuration });
  const told: string[] = [];
  const callbacks = {
    onItem: (item: { valueString(): string }) => told.push(item.valueString()),
    onDiscontinuity: (gap: { lastSequenceNumber(): number; newSequenceNumber(): number }) =>
      told.push(`gap ${gap.lastSequenceNumber()}-${gap.newSequenceNumber()}`),
    onError: (error: { errorCode(): string }) => told.push(error.errorCode()),
    onConnectionLost: () => told.push('lost'),
    onSubscriptionEnd: () => told.push('end'),
  };
  const subscription = await client.subscribe('cache', 'topic', callbacks);
  return {
    topics,
    stage,
    credential,
    client,
    told,
    callbacks,
    subscription: subscription as TopicSubscribe.Subscription,
    /** The key changes to one of that name. */
    changeTo: (key: string) => stage.put(topics.secretWith(key)),
    expectSubscribers: (...keys: string[]) =>
      vi.waitFor(() => expect(topics.subscribers()).toEqual(keys), { timeout: 60_000 }),
    expectTold: (...expected: string[]) => vi.waitFor(() => expect(told).toEqual(expected), { timeout: 60_000 }),
  };
}
