import type { Key, Keys } from './keys.ts';
import type { Behaviour } from './momento-behaviour.ts';
import { StatusError } from './status-error.ts';
import type { Position, Subscriber, Topic } from './topics.ts';

/** A running subscription, as a test may read it. */
export interface SubscriptionFacts {
  /** The `id` of the key or token that it began with. */
  keyId: string;
  cache: string;
  topic: string;
}

export interface NewSubscription {
  key: Key;
  cache: string;
  topic: string;
  /** @default only what is published from now on */
  position?: Position;
}

/** Every subscription of an account. */
export interface Subscriptions {
  /** @returns the way to end it, without a reason. */
  begin(subscription: NewSubscription, topic: Topic, subscriber: Subscriber): () => void;
  /** In the order in which they began. */
  running(): SubscriptionFacts[];
  heartbeat(): void;
  /** Ends those of the key with that id, or all of them. */
  end(reason: StatusError, keyId?: string): void;
}

export function createSubscriptions(keys: Keys, behaviour: Behaviour): Subscriptions {
  const running = new Map<Subscriber, SubscriptionFacts>();

  return {
    begin({ key, cache, topic: name, position }, topic, subscriber) {
      let unsubscribe = () => {};
      const leave = () => {
        running.delete(guarded);
        unsubscribe();
      };
      const guarded: Subscriber = {
        receive(event) {
          if (!running.has(guarded)) return;
          if (behaviour.subscriptionsEndWithKey && !keys.isValid(key.apiKey)) {
            guarded.end(new StatusError('UNAUTHENTICATED', 'the API key is not valid any more'));
          } else subscriber.receive(event);
        },
        end(reason) {
          if (!running.has(guarded)) return;
          leave();
          subscriber.end(reason);
        },
      };
      running.set(guarded, { keyId: key.id, cache, topic: name });
      unsubscribe = topic.subscribe(guarded, position);
      return leave;
    },
    running: () => [...running.values()],
    heartbeat() {
      for (const subscriber of [...running.keys()]) subscriber.receive({ kind: 'heartbeat' });
    },
    end(reason, keyId) {
      for (const [subscriber, facts] of [...running]) {
        if (keyId === undefined || facts.keyId === keyId) subscriber.end(reason);
      }
    },
  };
}
