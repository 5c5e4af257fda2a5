import {
  type CredentialProvider,
  MomentoErrorCode,
  type MomentoLoggerFactory,
  type SubscribeCallOptions,
  type TopicClient,
  TopicSubscribe,
} from '@gomomento/sdk';
import { type Arrival, delivery } from './delivery.ts';
import type { Follower } from './follow.ts';

export interface Topic {
  cacheName: string;
  topicName: string;
  callbacks: SubscribeCallOptions;
  loggerFactory: MomentoLoggerFactory;
}

/** A subscription of the SDK, made with one key. */
interface Leg {
  readonly provider: CredentialProvider;
  /** What arrived before this leg was the active one. */
  readonly waiting: Arrival[];
  /** Momento refused its key. */
  lost: boolean;
  /** The SDK's way to end it. */
  end(): void;
}

/** How long two legs go side by side when nothing is published that would show that the new one has caught up. */
const OVERLAP_MS = 2000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What the SDK does not try again either (`TopicSubscriptionRetryEligibilityStrategy`), but for a refused key. */
const FINAL: MomentoErrorCode[] = [
  MomentoErrorCode.CANCELLED_ERROR,
  MomentoErrorCode.CACHE_NOT_FOUND_ERROR,
  MomentoErrorCode.PERMISSION_ERROR,
  MomentoErrorCode.NOT_FOUND_ERROR,
];

/**
 * Subscribes to a topic, and keeps subscribed while the key changes.
 *
 * A subscription cannot be told where to begin. So a new leg subscribes with the new key, and what it brings waits until the
 * old leg has delivered all that came before; then the old leg ends. If the old leg ended first, because Momento
 * refused its key, items may be missing, and that is a discontinuity.
 *
 * @param ends gets the way to end the subscription, for as long as it goes on
 */
export async function followTopic(
  follower: Follower<TopicClient>,
  ends: Set<() => void>,
  { cacheName, topicName, callbacks, loggerFactory }: Topic,
): Promise<TopicSubscribe.Response> {
  const { credential } = follower;
  const { deliver, continuesWith, join } = delivery(callbacks);
  let active: Leg | undefined;
  let next: Leg | undefined;
  let overlap: NodeJS.Timeout | undefined;
  let moving = false;
  /** Something has happened since it was last looked for another key. */
  let mayMove = false;
  let ended = false;

  const first = await follower.use(open);
  if (first instanceof TopicSubscribe.Error) return first;
  const subscription = new TopicSubscribe.Subscription(loggerFactory, {
    get isSubscribed() {
      return !ended;
    },
    unsubscribe: end,
    toString: () => JSON.stringify({ isSubscribed: !ended }),
  } as ConstructorParameters<typeof TopicSubscribe.Subscription>[1]);
  const unwatch = credential.watch(() => void move());
  ends.add(end);
  activate(first, false);
  void move();
  return subscription;

  /** Resolves when Momento has let it in, or to the error. */
  async function open(client: TopicClient, provider: CredentialProvider): Promise<Leg | TopicSubscribe.Error> {
    const leg: Leg = { provider, waiting: [], lost: false, end: follower.hold(provider).release };
    const arrive = (arrival: Arrival) => {
      if (leg === active) deliver(arrival);
      else leg.waiting.push(arrival);
      joinWhenCaughtUp();
    };
    const answer = await client.subscribe(cacheName, topicName, {
      onItem: arrive,
      onDiscontinuity: arrive,
      onHeartbeat: (heartbeat) => leg === active && callbacks.onHeartbeat?.(heartbeat),
      onConnectionLost: () => leg === active && callbacks.onConnectionLost?.(),
      onSubscriptionEnd: () => leg === active && (ended || !leg.lost) && callbacks.onSubscriptionEnd?.(),
      onError: (error, { isSubscribed }) => {
        if (isSubscribed) {
          // About one message, after which it goes on.
          if (leg === active) callbacks.onError?.(error, subscription);
        } else {
          endedByMomento(leg, error);
        }
      },
    });
    if (answer instanceof TopicSubscribe.Error) {
      leg.end();
      return answer;
    }
    const { end: release } = leg;
    leg.end = () => {
      leg.end = () => {};
      answer.unsubscribe();
      release();
    };
    if (ended) leg.end();
    return leg;
  }

  function endedByMomento(leg: Leg, error: TopicSubscribe.Error): void {
    if (leg === active && error.errorCode() !== MomentoErrorCode.AUTHENTICATION_ERROR) {
      fail(error);
      return;
    }
    leg.lost = true;
    if (leg === next) {
      clearTimeout(overlap);
      next = undefined;
      leg.end();
    } else if (leg === active && next) {
      activate(next, false);
    }
    void move();
  }

  function activate(leg: Leg, interrupted: boolean): void {
    clearTimeout(overlap);
    const before = active;
    active = leg;
    next = undefined;
    before?.end();
    const waiting = leg.waiting.splice(0);
    if (before) apart(() => join(waiting, interrupted));
    for (const arrival of waiting) if (!ended) apart(() => deliver(arrival));
  }

  function joinWhenCaughtUp(): void {
    if (next && continuesWith(next.waiting[0])) activate(next, false);
  }

  /** Moves to the current key, however long it takes. Never rejects. */
  async function move(): Promise<void> {
    mayMove = true;
    if (moving) return;
    moving = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (mayMove && !ended) {
      mayMove = false;
      const errorCode = await tryToMove().catch(() => MomentoErrorCode.UNKNOWN_ERROR);
      if (errorCode === undefined) continue;
      mayMove = true;
      const { secretId } = credential;
      credential.report({ type: 'subscriptionNotMoved', secretId, cacheName, topicName, errorCode });
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    moving = false;
  }

  /** @returns why it did not; undefined when there is nothing left to do */
  async function tryToMove(): Promise<MomentoErrorCode | undefined> {
    while (active && !ended) {
      if (active.lost) await credential.refused(active.provider);
      const provider = await credential.current();
      const newest = next ?? active;
      if (newest.provider === provider && !newest.lost) return undefined;
      if (next) activate(next, false);

      const { client, release } = follower.hold(provider);
      const answer = await open(client, provider).finally(release);
      if (answer instanceof TopicSubscribe.Error) {
        const errorCode = answer.errorCode();
        const refused = errorCode === MomentoErrorCode.AUTHENTICATION_ERROR;
        if (refused && (await credential.refused(provider))) continue;
        if (!active.lost || !FINAL.includes(errorCode)) return errorCode;
        fail(answer);
      } else if (answer.lost) {
        answer.end();
        return MomentoErrorCode.AUTHENTICATION_ERROR;
      } else if (active.lost) {
        activate(answer, true);
      } else {
        next = answer;
        overlap = setTimeout(() => activate(answer, false), OVERLAP_MS).unref();
        joinWhenCaughtUp();
      }
    }
    return undefined;
  }

  function fail(error: TopicSubscribe.Error): void {
    end();
    callbacks.onError?.(error, subscription);
  }

  function end(): void {
    if (ended) return;
    ended = true;
    unwatch();
    ends.delete(end);
    clearTimeout(overlap);
    next?.end();
    active?.end();
    // The SDK said so already, and was not heard.
    if (active?.lost) queueMicrotask(() => callbacks.onSubscriptionEnd?.());
  }
}

/** What a callback of the application throws ends up where the SDK would let it: nobody here is to stumble over it. */
function apart(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
