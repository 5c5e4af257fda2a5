import {
  type CredentialProvider,
  type MomentoErrorCode,
  type MomentoLoggerFactory,
  type SubscribeCallOptions,
  type TopicClient,
  TopicSubscribe,
  UnknownError,
} from '@gomomento/sdk';
import { type Arrival, delivery, type Joint } from './delivery.ts';
import type { Clients } from './follow.ts';
import { type Leg, type LegListener, openLeg } from './leg.ts';
import { type Effect, type Event, type State, transition } from './subscription-states.ts';
import type { WaitOptions } from './wait.ts';

export interface Topic {
  cacheName: string;
  topicName: string;
  callbacks: SubscribeCallOptions;
  loggerFactory: MomentoLoggerFactory;
}

/** The period of a timer that is there to keep the process alive, and does nothing else. */
const KEEP_ALIVE_MS = 3_600_000;

/**
 * Subscribes to a topic, and keeps subscribed while the key changes.
 *
 * A subscription cannot be told where to begin. So a new leg subscribes with the new key, and what it brings waits until the
 * old leg has delivered all that came before; then the old leg ends. If the old leg ended first, because Momento
 * refused its key, items may be missing, and that is a discontinuity.
 *
 * What follows what is in `subscription-states.ts`; here is what is done about it. From the beginning to the end the process is
 * kept alive, as the SDK's own subscription does, also while there is no leg.
 *
 * @param ends gets the way to end the subscription, for as long as it goes on or is begun
 * @param wait for a key, before it begins
 * @returns if it is ended while it is begun: a subscription that has ended
 */
export async function followTopic(
  follower: Clients<TopicClient>,
  ends: Set<() => void>,
  { cacheName, topicName, callbacks, loggerFactory }: Topic,
  wait?: WaitOptions,
): Promise<TopicSubscribe.Response> {
  const { credential } = follower;
  const { deliver, overlap, continuesWith, join } = delivery(callbacks);
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  const unwatch = credential.watch(() => happen({ type: 'keyChanged' }));
  let state: State = { name: 'beginning' };
  let timer: NodeJS.Timeout | undefined;
  /** When the credential knows of all keys that were refused. */
  let refusals: Promise<unknown> = Promise.resolve();
  let endedByApplication = () => {};
  const ended = new Promise<void>((resolve) => {
    endedByApplication = resolve;
  });
  const subscription = new TopicSubscribe.Subscription(loggerFactory, {
    get isSubscribed() {
      return state.name !== 'ended';
    },
    unsubscribe: end,
    toString: () => JSON.stringify({ isSubscribed: state.name !== 'ended' }),
  } as ConstructorParameters<typeof TopicSubscribe.Subscription>[1]);
  const legs: LegListener = {
    arrived(leg, arrival) {
      if (isHeard(leg)) deliver(arrival);
      else leg.waiting.push(arrival);
      compare();
    },
    ended: (leg, error, ageMs) => happen({ type: 'legEnded', leg, error, ageMs }),
    said: (leg, tell) => isHeard(leg) && tell(callbacks),
    stumbled: (leg, error) => isHeard(leg) && callbacks.onError?.(error, subscription),
  };

  ends.add(end);
  // Since it was called.
  if (follower.isClosed()) {
    end();
    return subscription;
  }
  return await Promise.race([begin(), ended.then(() => subscription)]);

  async function begin(): Promise<TopicSubscribe.Response> {
    try {
      const answer = await follower.use((_, provider) => open(provider), wait);
      if (!(answer instanceof TopicSubscribe.Error)) return subscription;
      happen({ type: 'notBegun' });
      return answer;
    } catch (error) {
      happen({ type: 'notBegun' });
      throw error;
    }
  }

  async function open(provider: CredentialProvider): Promise<Leg | TopicSubscribe.Error> {
    const answer = await openLeg(follower, provider, { cacheName, topicName }, legs);
    if (answer instanceof TopicSubscribe.Error) return answer;
    if (state.name === 'ended') answer.end();
    else happen({ type: 'letIn', leg: answer });
    return answer;
  }

  function end(): void {
    happen({ type: 'end' });
    endedByApplication();
  }

  function happen(event: Event): void {
    const { state: next, effects } = transition(state, event);
    if (next === state) return;
    state = next;
    clearTimeout(timer);
    if ('lastsMs' in next) timer = setTimeout(() => happen({ type: 'timeUp' }), next.lastsMs);
    if (next.name === 'ended') letGo();
    for (const effect of effects) {
      // The application was called, and has ended it.
      if (state !== next) break;
      perform(effect);
    }
  }

  function letGo(): void {
    clearInterval(keepAlive);
    unwatch();
    ends.delete(end);
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'look':
        void look();
        break;
      case 'refuse':
        refuse(effect.provider);
        break;
      case 'open':
        void move(effect.provider);
        break;
      case 'deliver':
        deliverAll(effect.leg.waiting.splice(0));
        break;
      case 'join':
        effect.before.end();
        deliverAll(joined(effect.leg, effect.after));
        break;
      case 'compare':
        compare();
        break;
      case 'leave':
        effect.leg.end();
        break;
      case 'report':
        report(effect.errorCode);
        break;
      case 'fail':
        apart(() => callbacks.onError?.(effect.error, subscription));
        break;
      case 'sayEnded':
        queueMicrotask(() => callbacks.onSubscriptionEnd?.());
        break;
    }
  }

  function refuse(provider: CredentialProvider): void {
    const refused = credential.refused(provider);
    refusals = refusals.then(async () => void (await refused));
  }

  async function look(): Promise<void> {
    const provider = await refusals.then(() => credential.current()).catch(() => undefined);
    happen(provider ? { type: 'found', provider } : { type: 'notFound' });
  }

  async function move(provider: CredentialProvider): Promise<void> {
    overlap();
    const answer = await open(provider).catch(() => new TopicSubscribe.Error(new UnknownError('The SDK has thrown.')));
    if (answer instanceof TopicSubscribe.Error) happen({ type: 'notLetIn', provider, error: answer });
  }

  function report(errorCode: MomentoErrorCode): void {
    const { secretId } = credential;
    credential.report({ type: 'subscriptionNotMoved', secretId, cacheName, topicName, errorCode });
  }

  function isHeard(leg: Leg): boolean {
    return 'leg' in state && state.leg === leg && !('interrupted' in state && state.interrupted);
  }

  function compare(): void {
    if (state.name === 'overlapping' && continuesWith(state.successor.waiting)) happen({ type: 'caughtUp' });
  }

  function joined({ waiting }: Leg, after: Joint): readonly Arrival[] {
    const arrivals = waiting.splice(0);
    let rest: readonly Arrival[] = arrivals;
    apart(() => {
      rest = join(arrivals, after);
    });
    return rest;
  }

  function deliverAll(arrivals: readonly Arrival[]): void {
    for (const arrival of arrivals) if (state.name !== 'ended') apart(() => deliver(arrival));
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
