import {
  AuthenticationError,
  CredentialProvider,
  LimitExceededError,
  MomentoErrorCode,
  PermissionError,
  TopicSubscribe,
} from '@gomomento/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Leg } from '../../src/client/leg.ts';
import { type Effect, type Event, type State, transition } from '../../src/client/subscription-states.ts';

const refusal = new TopicSubscribe.Error(new AuthenticationError('refused'));
const denial = new TopicSubscribe.Error(new PermissionError('denied'));
const throttling = new TopicSubscribe.Error(new LimitExceededError('throttled'));
const [first, second, third] = [0, 1, 2].map(() => CredentialProvider.forMomentoLocal({})) as [
  CredentialProvider,
  CredentialProvider,
  CredentialProvider,
];
const keys = [first, second, third];

const legWith = (provider: CredentialProvider): Leg => ({ provider, waiting: [], end: () => {} });

/** A subscription to which one event after the other happens. */
function start() {
  let state: State = { name: 'beginning' };
  return {
    state: () => state,
    happen(event: Event): readonly Effect[] {
      const next = transition(state, event);
      state = next.state;
      return next.effects;
    },
  };
}

/** One that follows the first key. */
function startFollowing() {
  const subscription = start();
  const leg = legWith(first);
  subscription.happen({ type: 'letIn', leg });
  subscription.happen({ type: 'found', provider: first });
  return { ...subscription, leg };
}

/** One that was refused, after so many milliseconds, and has asked for another key. */
function startInterrupted(ageMs = 0) {
  const subscription = startFollowing();
  subscription.happen({ type: 'legEnded', leg: subscription.leg, error: refusal, ageMs });
  return subscription;
}

describe('a key that was refused', () => {
  test('is told to the credential before it is asked for another', () => {
    const { happen, leg } = startFollowing();
    const effects = happen({ type: 'legEnded', leg, error: refusal, ageMs: 0 });
    expect(effects).toEqual([{ type: 'refuse', provider: first }, { type: 'look' }]);
  });

  test('is told once more after a pause, and then gets another chance', () => {
    const { happen, state } = startInterrupted();
    expect(happen({ type: 'found', provider: first })).toEqual([
      { type: 'report', errorCode: MomentoErrorCode.AUTHENTICATION_ERROR },
    ]);
    expect(state()).toMatchObject({ name: 'pausing', lastsMs: 500 });
    expect(happen({ type: 'timeUp' })).toEqual([{ type: 'refuse', provider: first }, { type: 'look' }]);
    expect(happen({ type: 'found', provider: first })).toEqual([{ type: 'open', provider: first }]);
  });

  test('is not tried again without a pause, although the credential gives it out in turn with another', () => {
    const { happen, state } = startInterrupted();
    happen({ type: 'found', provider: second });
    happen({ type: 'notLetIn', provider: second, error: refusal });
    happen({ type: 'found', provider: first });
    expect(state().name).toBe('pausing');
  });

  test('ends a pause of a subscription whose leg went on until then', () => {
    const { happen, leg, state } = startFollowing();
    happen({ type: 'keyChanged' });
    happen({ type: 'found', provider: second });
    happen({ type: 'notLetIn', provider: second, error: throttling });
    happen({ type: 'found', provider: second });
    expect(state()).toMatchObject({ name: 'pausing', interrupted: false });
    expect(happen({ type: 'legEnded', leg, error: refusal, ageMs: 0 })).toEqual([
      { type: 'refuse', provider: first },
      { type: 'look' },
    ]);
    expect(state()).toMatchObject({ name: 'looking', interrupted: true });
  });

  test('while another leg is opened has that one take over at once, with a discontinuity', () => {
    const { happen, leg, state } = startFollowing();
    happen({ type: 'keyChanged' });
    happen({ type: 'found', provider: second });
    expect(happen({ type: 'legEnded', leg, error: refusal, ageMs: 0 })).toEqual([{ type: 'refuse', provider: first }]);
    const successor = legWith(second);
    expect(happen({ type: 'letIn', leg: successor })).toEqual([
      { type: 'join', before: leg, leg: successor, after: 'interrupted' },
    ]);
    expect(state().name).toBe('following');
  });

  test('and whose successor may not subscribe ends the subscription', () => {
    const { happen, leg } = startInterrupted();
    happen({ type: 'found', provider: second });
    expect(happen({ type: 'notLetIn', provider: second, error: denial })).toEqual([
      { type: 'leave', leg },
      { type: 'fail', error: denial },
      { type: 'sayEnded' },
    ]);
  });
});

test('a key that changes while it is looked for is looked for again, found or not', () => {
  const { happen } = startFollowing();
  happen({ type: 'keyChanged' });
  expect(happen({ type: 'keyChanged' })).toEqual([]);
  expect(happen({ type: 'found', provider: first })).toEqual([{ type: 'look' }]);
  happen({ type: 'keyChanged' });
  expect(happen({ type: 'notFound' })).toEqual([{ type: 'look' }]);
  expect(happen({ type: 'found', provider: second })).toEqual([{ type: 'open', provider: second }]);
});

test('a key that changes while its leg is opened does not make it wait', () => {
  const { happen, leg } = startFollowing();
  happen({ type: 'keyChanged' });
  happen({ type: 'found', provider: second });
  happen({ type: 'keyChanged' });
  const successor = legWith(second);
  expect(happen({ type: 'letIn', leg: successor })).toEqual([
    { type: 'join', before: leg, leg: successor, after: 'leftEarly' },
    { type: 'look' },
  ]);
});

test('while two legs go side by side, what the application hears of comes after what is done about them', () => {
  const overlapping = () => {
    const subscription = startFollowing();
    const successor = legWith(second);
    subscription.happen({ type: 'keyChanged' });
    subscription.happen({ type: 'found', provider: second });
    subscription.happen({ type: 'letIn', leg: successor });
    return { ...subscription, successor };
  };
  const one = overlapping();
  expect(one.happen({ type: 'legEnded', leg: one.successor, error: refusal, ageMs: 0 })).toEqual([
    { type: 'leave', leg: one.successor },
    { type: 'refuse', provider: second },
    { type: 'look' },
  ]);
  const other = overlapping();
  expect(other.happen({ type: 'legEnded', leg: other.leg, error: refusal, ageMs: 0 })).toEqual([
    { type: 'join', before: other.leg, leg: other.successor, after: 'leftEarly' },
    { type: 'refuse', provider: first },
  ]);
});

/** How long the pauses are while nobody knows a key, in milliseconds. */
function pausesOf({ happen, state }: ReturnType<typeof startFollowing>, count: number): number[] {
  return Array.from({ length: count }, () => {
    happen({ type: 'notFound' });
    const now = state();
    happen({ type: 'timeUp' });
    return 'lastsMs' in now ? now.lastsMs : Number.NaN;
  });
}

test('pauses are longer and longer, up to half a minute, until the key changes', () => {
  const subscription = startFollowing();
  subscription.happen({ type: 'keyChanged' });
  expect(pausesOf(subscription, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  subscription.happen({ type: 'keyChanged' });
  subscription.happen({ type: 'notFound' });
  expect(pausesOf(subscription, 1)).toEqual([500]);
});

test('but up to five seconds while nothing comes', () => {
  expect(pausesOf(startInterrupted(), 6)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
});

test('they are short again when the leg that was refused had lived for long', () => {
  const subscription = startFollowing();
  subscription.happen({ type: 'keyChanged' });
  expect(pausesOf(subscription, 2)).toEqual([500, 1000]);
  subscription.happen({ type: 'legEnded', leg: subscription.leg, error: refusal, ageMs: 30_000 });
  subscription.happen({ type: 'notFound' });
  expect(pausesOf(subscription, 1)).toEqual([500]);
});

test('what happens when it has ended, or to a leg that it has left, changes nothing', () => {
  const { happen, state, leg } = startFollowing();
  const before = state();
  expect(happen({ type: 'legEnded', leg: legWith(first), error: denial, ageMs: 0 })).toEqual([]);
  expect(state()).toBe(before);
  expect(happen({ type: 'end' })).toEqual([{ type: 'leave', leg }, { type: 'sayEnded' }]);
  expect(happen({ type: 'letIn', leg })).toEqual([]);
  expect(state()).toEqual({ name: 'ended' });
});

/** What goes on around a subscription, as far as it can be told by what the subscription was told and what it did. */
class World {
  readonly subscription = start();
  /** Legs that were let in and not left. */
  readonly legs = new Set<Leg>();
  readonly left = new Set<Leg>();
  readonly endedByMomento = new Set<Leg>();
  looks = 0;
  opening: CredentialProvider | undefined = undefined;
  saidEnded = 0;
  failures = 0;
  /** Keys that have failed since another was let in, or since the last pause. */
  readonly failed = new Set<CredentialProvider>();

  happen(event: Event): void {
    if (event.type === 'found' || event.type === 'notFound') this.looks -= 1;
    if (event.type === 'letIn') this.legs.add(event.leg);
    if (event.type === 'letIn' || event.type === 'notLetIn') this.opening = undefined;
    if (event.type === 'legEnded') this.endedByMomento.add(event.leg);
    const failure = this.failureOf(event);
    const effects = this.subscription.happen(event);
    if (failure?.error === refusal) expect(effects).toContainEqual({ type: 'refuse', provider: failure.provider });
    if (failure) this.failed.add(failure.provider);
    if (event.type === 'letIn' || ['following', 'pausing'].includes(this.state.name)) this.failed.clear();
    for (const effect of effects) this.perform(effect);
    this.check();
  }

  failureOf(event: Event): { provider: CredentialProvider; error: TopicSubscribe.Error } | undefined {
    if (event.type === 'notLetIn') return event;
    if (event.type === 'legEnded' && this.legs.has(event.leg)) return { ...event, provider: event.leg.provider };
    return undefined;
  }

  get state(): State {
    return this.subscription.state();
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case 'look':
        this.looks += 1;
        break;
      case 'open':
        expect(this.failed).not.toContain(effect.provider);
        this.opening = effect.provider;
        break;
      case 'join':
        if (effect.after === 'interrupted') expect(this.endedByMomento).toContain(effect.before);
        this.leave(effect.before);
        break;
      case 'leave':
        this.leave(effect.leg);
        break;
      case 'fail':
        this.failures += 1;
        break;
      case 'sayEnded':
        this.saidEnded += 1;
        break;
      default:
    }
  }

  leave(leg: Leg): void {
    expect(this.legs.delete(leg)).toBe(true);
    expect(this.left).not.toContain(leg);
    this.left.add(leg);
  }

  check(): void {
    const { state } = this;
    const known: Leg[] = [];
    if ('leg' in state) known.push(state.leg);
    if ('successor' in state) known.push(state.successor);
    expect([...this.legs]).toEqual(known);
    // Whatever it waits for comes by itself: nothing is asked twice, and nothing is forgotten.
    if (state.name !== 'ended') {
      expect(this.looks).toBe(state.name === 'looking' ? 1 : 0);
      expect(this.opening !== undefined).toBe(state.name === 'opening');
    }
    if ('interrupted' in state) expect(state.interrupted).toBe(this.endedByMomento.has(state.leg));
    else for (const leg of known) expect(this.endedByMomento).not.toContain(leg);
    expect(this.saidEnded).toBeLessThanOrEqual(state.name === 'ended' ? 1 : 0);
  }
}

/** What may happen next, of which the walk takes one. */
function possible(world: World, pick: (count: number) => number): Event[] {
  const { state } = world;
  const error = [refusal, refusal, throttling, denial][pick(4)] as TopicSubscribe.Error;
  const provider = keys[pick(keys.length)] as CredentialProvider;
  const events: Event[] = [{ type: 'keyChanged' }];
  if (state.name === 'beginning') events.push({ type: 'letIn', leg: legWith(first) });
  if (world.looks > 0) events.push({ type: 'found', provider }, { type: 'found', provider }, { type: 'notFound' });
  if (world.opening) {
    const leg = legWith(world.opening);
    events.push({ type: 'letIn', leg }, { type: 'letIn', leg }, { type: 'notLetIn', provider: world.opening, error });
  }
  if ('lastsMs' in state) events.push({ type: 'timeUp' });
  if (state.name === 'overlapping') events.push({ type: 'caughtUp' });
  const mortal = [...world.legs, ...world.left].filter((leg) => !world.endedByMomento.has(leg));
  const leg = mortal[pick(Math.max(1, mortal.length))];
  if (leg) events.push({ type: 'legEnded', leg, error: pick(8) === 0 ? error : refusal, ageMs: pick(2) * 30_000 });
  return events;
}

test('whatever happens, no leg is forgotten or left twice, and it is on its way to the current key or there', () => {
  const ends = { end: 0, fail: 0, goOn: 0 };
  const walks = fc.array(fc.nat({ max: 9999 }), { minLength: 20, maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(walks, fc.boolean(), (choices, endsIt) => {
      const world = new World();
      let at = 0;
      const pick = (count: number) => (choices[at++] ?? 0) % count;
      while (at < choices.length && world.state.name !== 'ended') {
        const events = possible(world, pick);
        world.happen(events[pick(events.length)] as Event);
      }
      if (endsIt) {
        world.happen({ type: 'end' });
        ends.end += 1;
      }
      if (world.state.name === 'ended') {
        expect(world.legs.size).toBe(0);
        expect(world.saidEnded).toBe(1);
        ends.fail += world.failures;
        return;
      }
      // Now all is well: there is a key, and Momento lets it in.
      const good = CredentialProvider.forMomentoLocal({});
      world.happen({ type: 'keyChanged' });
      for (let steps = 0; world.state.name !== 'following' && steps < 10; steps += 1) {
        if (world.state.name === 'beginning') world.happen({ type: 'letIn', leg: legWith(good) });
        else if (world.looks > 0) world.happen({ type: 'found', provider: good });
        else if (world.opening) world.happen({ type: 'letIn', leg: legWith(world.opening) });
        else world.happen({ type: 'timeUp' });
      }
      expect(world.state).toMatchObject({ name: 'following', leg: { provider: good } });
      ends.goOn += 1;
    }),
    { numRuns: 1000 },
  );
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(100);
});
