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
import type { WaitOptions } from './wait.ts';

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
  /** Epoch in milliseconds: when Momento had let it in. */
  begunAt: number;
  /** Why Momento ended it. */
  endedBy: TopicSubscribe.Error | undefined;
  /** The SDK's way to end it. */
  end(): void;
}

/** How long two legs go side by side when nothing is published that would show that the new one has caught up. */
const OVERLAP_MS = 2000;
/** A leg that has lived for so long was of use: when it ends, the next attempt is the first. */
const SETTLED_MS = 30_000;
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
 * @param wait for a key, before it begins
 */
export async function followTopic(
  follower: Follower<TopicClient>,
  ends: Set<() => void>,
  { cacheName, topicName, callbacks, loggerFactory }: Topic,
  wait?: WaitOptions,
): Promise<TopicSubscribe.Response> {
  const { credential } = follower;
  const { deliver, overlap, continuesWith, join } = delivery(callbacks);
  let active: Leg | undefined;
  let next: Leg | undefined;
  let overlapEnd: NodeJS.Timeout | undefined;
  /** The leg that Momento ended since another was begun. */
  let lost: Leg | undefined;
  let moving = false;
  /** Something has happened since it was last looked for another key. */
  let mayMove = false;
  let pauseMs = FIRST_PAUSE_MS;
  let endPause = () => {};
  let ended = false;

  const first = await follower.use(open, wait);
  if (first instanceof TopicSubscribe.Error) return first;
  const subscription = new TopicSubscribe.Subscription(loggerFactory, {
    get isSubscribed() {
      return !ended;
    },
    unsubscribe: end,
    toString: () => JSON.stringify({ isSubscribed: !ended }),
  } as ConstructorParameters<typeof TopicSubscribe.Subscription>[1]);
  const unwatch = credential.watch(() => {
    pauseMs = FIRST_PAUSE_MS;
    endPause();
    void move();
  });
  ends.add(end);
  activate(first, false);
  void move();
  return subscription;

  /** Resolves when Momento has let it in, or to the error. */
  async function open(client: TopicClient, provider: CredentialProvider): Promise<Leg | TopicSubscribe.Error> {
    const { release } = follower.hold(provider);
    const leg: Leg = { provider, waiting: [], begunAt: Date.now(), endedBy: undefined, end: release };
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
      onSubscriptionEnd: () => leg === active && (ended || !leg.endedBy) && callbacks.onSubscriptionEnd?.(),
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
      release();
      return answer;
    }
    leg.begunAt = Date.now();
    leg.end = () => {
      leg.end = () => {};
      answer.unsubscribe();
      release();
    };
    if (ended || leg.endedBy) leg.end();
    return leg.endedBy ?? leg;
  }

  function endedByMomento(leg: Leg, error: TopicSubscribe.Error): void {
    if (leg === active && error.errorCode() !== MomentoErrorCode.AUTHENTICATION_ERROR) {
      fail(error);
      return;
    }
    leg.endedBy = error;
    if (leg !== active && leg !== next) return;
    lost = leg;
    if (Date.now() - leg.begunAt >= SETTLED_MS) pauseMs = FIRST_PAUSE_MS;
    if (leg === next) {
      clearTimeout(overlapEnd);
      next = undefined;
      leg.end();
    } else if (next) {
      activate(next, false);
    }
    void move();
  }

  function activate(leg: Leg, interrupted: boolean): void {
    clearTimeout(overlapEnd);
    const before = active;
    active = leg;
    next = undefined;
    before?.end();
    let waiting: readonly Arrival[] = leg.waiting.splice(0);
    if (before) {
      apart(() => {
        waiting = join(waiting, interrupted);
      });
    }
    for (const arrival of waiting) if (!ended) apart(() => deliver(arrival));
  }

  function joinWhenCaughtUp(): void {
    if (next && continuesWith(next.waiting)) activate(next, false);
  }

  /** Moves to the current key, however long it takes. Never rejects. */
  async function move(): Promise<void> {
    mayMove = true;
    if (moving) return;
    moving = true;
    let rested = false;
    while (mayMove && !ended) {
      mayMove = false;
      const errorCode: MomentoErrorCode | undefined = await tryToMove(rested).catch(
        () => MomentoErrorCode.UNKNOWN_ERROR,
      );
      rested = errorCode !== undefined;
      if (errorCode === undefined || ended) continue;
      mayMove = true;
      const { secretId } = credential;
      credential.report({ type: 'subscriptionNotMoved', secretId, cacheName, topicName, errorCode });
      await pause();
    }
    moving = false;
  }

  /** Ends early when there is another key. */
  async function pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      endPause = resolve;
      timer = setTimeout(resolve, pauseMs).unref();
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
    clearTimeout(timer);
  }

  /**
   * @param rested whether there was a pause, after which a key with which a leg was lost gets another chance
   * @returns why it did not; undefined when there is nothing left to do
   */
  async function tryToMove(rested: boolean): Promise<MomentoErrorCode | undefined> {
    let mayRepeat = rested;
    while (active && !ended) {
      const errorCode: MomentoErrorCode | undefined = lost?.endedBy?.errorCode();
      if (lost && errorCode === MomentoErrorCode.AUTHENTICATION_ERROR) await credential.refused(lost.provider);
      const provider = await credential.current();
      const newest = next ?? active;
      if (newest.provider === provider && !newest.endedBy) {
        lost = undefined;
        return undefined;
      }
      if (lost?.provider === provider && !mayRepeat) return errorCode;
      mayRepeat = false;
      lost = undefined;
      if (next) activate(next, false);

      const { client, release } = follower.hold(provider);
      overlap();
      const answer = await open(client, provider).finally(release);
      if (answer instanceof TopicSubscribe.Error) {
        const refused = answer.errorCode() === MomentoErrorCode.AUTHENTICATION_ERROR;
        if (refused && (await credential.refused(provider))) continue;
        if (!active.endedBy || !FINAL.includes(answer.errorCode())) return answer.errorCode();
        fail(answer);
      } else if (active.endedBy) {
        activate(answer, true);
      } else {
        next = answer;
        overlapEnd = setTimeout(() => activate(answer, false), OVERLAP_MS).unref();
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
    clearTimeout(overlapEnd);
    endPause();
    next?.end();
    active?.end();
    // The SDK said so already, and was not heard.
    if (active?.endedBy) queueMicrotask(() => callbacks.onSubscriptionEnd?.());
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
