import { pubsub } from '@gomomento/generated-types';
import { common } from '@gomomento/generated-types/dist/common.js';
import { status } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { Faults } from '../../src/local/faults.ts';
import { listen } from '../../src/local/momento/grpc-server.ts';
import type { Answer, StreamAnswer } from '../../src/local/momento/services.ts';
import { StatusError, type StatusName } from '../../src/local/momento/status-error.ts';
import { readTopicValue, subscriptionItem } from '../../src/local/momento/topic-messages.ts';
import { type Subscriber, type TopicEvent, topicFactory } from '../../src/local/momento/topics.ts';
import { wrapV1Key } from '../../src/local/momento/v1-key.ts';

const { UnimplementedPubsubService, _PublishRequest, _SubscriptionItem } = pubsub.cache_client.pubsub;

/**
 * One topic of the local Momento, whatever is asked for, and what may come between it and the subscriptions with a key: they are let in
 * late, hear late, and are ended. Keys are their names.
 */
export interface Topics {
  /** The value of a secret with a key of that name, which is good from now on. */
  secretWith(key: string): string;
  /** The names of the keys with which there are subscriptions, in order. */
  subscribers(): string[];
  publish(value: string): void;
  /** The names of the keys with which the SDK published, in order. */
  publishers: string[];
  /** How many subscriptions there were with that key. */
  begun(key: string): number;
  /** Subscriptions with that key are ended so as soon as they were let in, until this is called again without a code. */
  endAtOnce(key: string, code?: status): void;
  /** Subscriptions with that key wait from now on, until they are let in. */
  admitLater(key: string): { waiting(): number; admit(): void };
  /** Sends what the SDK does not know. */
  publishNonsense(): void;
  /** What is published from now on does not reach the subscriptions with that key, until it is released. */
  hold(key: string): { release(): void };
  /** The key is refused from now on, and subscriptions with it are ended. */
  revoke(key: string): void;
  /** The next subscription with that key is refused so. */
  failNext(key: string, code: status): void;
  /** Ends the subscriptions with that key so. */
  end(key: string, code: status): void;
  /** Counts anew, as after items were lost. */
  startOver(): void;
}

export async function startTopics(): Promise<Topics> {
  const server = await listen(0);
  onTestFinished(() => server.close());
  const topic = topicFactory(0, () => new Date())();
  const subscriptions = new Set<Subscription>();
  const good = new Set<string>();
  const held = new Map<string, (() => void)[]>();
  const failures = new Map<string, status>();
  const endings = new Map<string, status>();
  const waitingRoom = new Map<string, (() => void)[]>();
  const begun: string[] = [];
  const publishers: string[] = [];

  const errorOf = (code: status) => new StatusError(status[code] as StatusName, status[code]);
  const endAll = (key: string, code: status) => {
    for (const each of [...subscriptions]) if (each.key === key) each.end(errorOf(code));
  };
  const publish: Answer = (request, { apiKey: key = '' }) => {
    if (!good.has(key)) throw errorOf(status.UNAUTHENTICATED);
    publishers.push(key);
    topic.publish(readTopicValue(request as InstanceType<typeof _PublishRequest>));
    return new common._Empty();
  };
  const subscribe: StreamAnswer = (_request, { apiKey: key = '' }, outlet) => {
    const failure = failures.get(key) ?? (good.has(key) ? undefined : status.UNAUTHENTICATED);
    failures.delete(key);
    if (failure !== undefined) throw errorOf(failure);
    let hasLeft = false;
    let unsubscribe = () => {};
    const leave = () => {
      hasLeft = true;
      subscriptions.delete(subscription);
      unsubscribe();
    };
    const send = (item: unknown) => {
      const waiting = held.get(key);
      if (waiting) waiting.push(() => outlet.send(item));
      else outlet.send(item);
    };
    const subscription: Subscription = {
      key,
      send,
      receive: (event: TopicEvent) => send(subscriptionItem(event)),
      end(reason) {
        leave();
        outlet.end(reason);
      },
    };
    const admit = () => {
      begun.push(key);
      if (hasLeft) return;
      subscriptions.add(subscription);
      unsubscribe = topic.subscribe(subscription);
      const ending = endings.get(key);
      if (ending !== undefined) setTimeout(() => endAll(key, ending), 5);
    };
    const waiting = waitingRoom.get(key);
    if (waiting) waiting.push(admit);
    else admit();
    return leave;
  };
  server.serve(
    [
      {
        definition: UnimplementedPubsubService.definition,
        answers: { Publish: publish },
        streams: { Subscribe: subscribe },
      },
    ],
    { faults: new Faults(), now: () => new Date(), idOf: () => undefined, record: () => {} },
  );

  return {
    secretWith(key) {
      good.add(key);
      return JSON.stringify({ apiKey: wrapV1Key(server.address, key) });
    },
    subscribers: () => [...subscriptions].map(({ key }) => key),
    publish: (text) => topic.publish({ text }),
    publishers,
    begun: (key) => begun.filter((each) => each === key).length,
    endAtOnce(key, code) {
      if (code === undefined) endings.delete(key);
      else endings.set(key, code);
    },
    admitLater(key) {
      const waiting: (() => void)[] = [];
      waitingRoom.set(key, waiting);
      return {
        waiting: () => waiting.length,
        admit() {
          waitingRoom.delete(key);
          for (const admit of waiting) admit();
        },
      };
    },
    publishNonsense() {
      for (const { send } of subscriptions) send(new _SubscriptionItem());
    },
    hold(key) {
      const waiting: (() => void)[] = [];
      held.set(key, waiting);
      return {
        release() {
          held.delete(key);
          for (const send of waiting) send();
        },
      };
    },
    revoke(key) {
      good.delete(key);
      endAll(key, status.UNAUTHENTICATED);
    },
    failNext: (key, code) => void failures.set(key, code),
    end: endAll,
    startOver: topic.reset,
  };
}

interface Subscription extends Subscriber {
  key: string;
  send(item: unknown): void;
}
