import { type CredentialProvider, type SubscribeCallOptions, type TopicClient, TopicSubscribe } from '@gomomento/sdk';
import type { Arrival } from './delivery.ts';
import type { Clients } from './follow.ts';

/** A subscription of the SDK, made with one key. */
export interface Leg {
  readonly provider: CredentialProvider;
  /** What has arrived, and is not yet to be delivered. */
  readonly waiting: Arrival[];
  /** To be called once, when it is done with, whether Momento has ended it or not. */
  end(): void;
}

/** What happens to a leg. Some of it happens before {@link openLeg} has answered. */
export interface LegListener {
  arrived(leg: Leg, arrival: Arrival): void;
  /** Momento has ended it, after it had let it in for so many milliseconds. */
  ended(leg: Leg, error: TopicSubscribe.Error, ageMs: number): void;
  /** What the SDK says beside that, for the application. */
  said(leg: Leg, tell: (callbacks: SubscribeCallOptions) => void): void;
  /** An error about one message, after which it goes on. */
  stumbled(leg: Leg, error: TopicSubscribe.Error): void;
}

/**
 * Resolves when Momento has let it in, or to the error. The SDK cannot be told meanwhile to leave it: it answers at the latest
 * after the configuration's client timeout.
 */
export async function openLeg(
  follower: Clients<TopicClient>,
  provider: CredentialProvider,
  { cacheName, topicName }: { cacheName: string; topicName: string },
  listener: LegListener,
): Promise<Leg | TopicSubscribe.Error> {
  const { client, release } = follower.hold(provider);
  let subscription: TopicSubscribe.Subscription | undefined;
  let endedEarly: TopicSubscribe.Error | undefined;
  let letInAt = 0;
  const leg: Leg = {
    provider,
    waiting: [],
    end() {
      subscription?.unsubscribe();
      release();
    },
  };
  try {
    const answer = await client.subscribe(cacheName, topicName, {
      onItem: (item) => listener.arrived(leg, item),
      onDiscontinuity: (discontinuity) => listener.arrived(leg, discontinuity),
      onHeartbeat: (heartbeat) => listener.said(leg, ({ onHeartbeat }) => onHeartbeat?.(heartbeat)),
      onConnectionLost: () => listener.said(leg, ({ onConnectionLost }) => onConnectionLost?.()),
      onSubscriptionEnd: () => listener.said(leg, ({ onSubscriptionEnd }) => onSubscriptionEnd?.()),
      onError(error, { isSubscribed }) {
        if (isSubscribed) listener.stumbled(leg, error);
        else if (subscription) listener.ended(leg, error, Date.now() - letInAt);
        else endedEarly = error;
      },
    });
    if (answer instanceof TopicSubscribe.Subscription) subscription = answer;
    else endedEarly = answer;
  } catch (error) {
    release();
    throw error;
  }
  letInAt = Date.now();
  if (endedEarly) leg.end();
  return endedEarly ?? leg;
}
