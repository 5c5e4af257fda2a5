import { type CredentialProvider, MomentoErrorCode, type TopicSubscribe } from '@gomomento/sdk';
import type { Leg } from './leg.ts';

/**
 * What a subscription is doing. Beside these transitions there is one to `ended` from everywhere: when the application ends
 * it, or Momento does, but for a refused key.
 *
 * ```text
 *  beginning ── let in ──▶ looking ──────── same key ──────▶ following ◀─────────────┐
 *                          ▲ ▲ ▲ │                                │                  │
 *                          │ │ └─┼─ key changed, or refused ──────┘                  │
 *        time up, or       │ │   │                                                   │
 *        the key changed   │ │   ├── another key ──▶ opening ── let in, and the leg  │
 *                          │ │   │                   │    │     was ended meanwhile ─┤
 *                          │ └───┼─── not let in ────┘    └ let in ▶ overlapping ────┘
 *                       pausing ◀┘                                   caught up, or time up
 *                         nothing that was not tried
 * ```
 */
export type State =
  /** `subscribe()` is under way: there is no leg yet. */
  | { readonly name: 'beginning' }
  /** Its leg has the current key, as far as anybody knows. */
  | Following
  /** It asks which key is the current one. */
  | Looking
  /** A leg with another key is waiting to be let in. */
  | Opening
  /** Another leg was let in. What it brings waits until the first has delivered all that came before, or time is up. */
  | Overlapping
  /** It waits before it tries again. */
  | Pausing
  | { readonly name: 'ended' };

interface Open {
  /** On which items come, unless it is interrupted. */
  readonly leg: Leg;
  /** How many there were already, which makes the next longer. */
  readonly pauses: number;
}

/** While it is on the way to another key. */
interface Underway extends Open {
  /** Momento has ended the leg: nothing comes until there is another, and what was published meanwhile may be missing. */
  readonly interrupted: boolean;
}

interface Following extends Open {
  readonly name: 'following';
}

interface Looking extends Underway {
  readonly name: 'looking';
  readonly failure: Failure | undefined;
  /** There was a pause, after which a key that failed gets another chance. */
  readonly rested: boolean;
  /** Something has happened since it asked: the answer may be out of date. */
  readonly again: boolean;
}

interface Opening extends Underway {
  readonly name: 'opening';
  /** The key has changed since: the leg that is let in will not be the last. */
  readonly again: boolean;
}

interface Overlapping extends Open {
  readonly name: 'overlapping';
  readonly successor: Leg;
  readonly lastsMs: number;
}

interface Pausing extends Underway {
  readonly name: 'pausing';
  readonly failure: Failure | undefined;
  readonly lastsMs: number;
}

/** The key with which there was no leg, or no longer is. */
interface Failure {
  readonly provider: CredentialProvider;
  readonly errorCode: MomentoErrorCode;
}

export type Event =
  /** The application ends it. */
  | { readonly type: 'end' }
  | { readonly type: 'keyChanged' }
  /** The state has lasted for as long as it may. */
  | { readonly type: 'timeUp' }
  /** Answers to `look`. */
  | { readonly type: 'found'; readonly provider: CredentialProvider }
  | { readonly type: 'notFound' }
  /** Answers to `open`, and to the first leg. */
  | { readonly type: 'letIn'; readonly leg: Leg }
  | NotLetIn
  /** There is no first leg. */
  | { readonly type: 'notBegun' }
  /** What the successor brings is known to follow what the leg has delivered. */
  | { readonly type: 'caughtUp' }
  | LegEnded;

interface NotLetIn {
  readonly type: 'notLetIn';
  readonly provider: CredentialProvider;
  readonly error: TopicSubscribe.Error;
}

/** Momento has ended a leg. */
interface LegEnded {
  readonly type: 'legEnded';
  readonly leg: Leg;
  readonly error: TopicSubscribe.Error;
  /** Since it was let in, in milliseconds. */
  readonly ageMs: number;
}

export type Effect =
  /** Asks for the current key, when the credential knows of all that were refused. */
  | { readonly type: 'look' }
  /** Tells the credential that Momento refuses a key. */
  | { readonly type: 'refuse'; readonly provider: CredentialProvider }
  | { readonly type: 'open'; readonly provider: CredentialProvider }
  /** Delivers what has waited on a leg, and from now on what arrives there. */
  | { readonly type: 'deliver'; readonly from: Leg }
  /** The same, when another leg delivered before: that one ends. */
  | { readonly type: 'join'; readonly from: Leg; readonly before: Leg; readonly interrupted: boolean }
  /** Looks whether the successor has caught up already. */
  | { readonly type: 'compare' }
  | { readonly type: 'endLeg'; readonly leg: Leg }
  /** Reports that it could not move. */
  | { readonly type: 'report'; readonly errorCode: MomentoErrorCode }
  /** Tells the application why it ends. */
  | { readonly type: 'fail'; readonly error: TopicSubscribe.Error }
  /** Tells the application that it has ended. */
  | { readonly type: 'sayEnded' };

export interface Transition {
  /** The same object if nothing happened. */
  readonly state: State;
  /** To be done in this order, as long as this is the state. */
  readonly effects: readonly Effect[];
}

/** How long two legs go side by side when nothing is published that would show that the new one has caught up. */
const OVERLAP_MS = 2000;
/** A leg that has lived for so long was of use: when it ends, the next pause is the first. */
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

/** What becomes of a subscription when something happens, and what is to be done. Changes nothing itself. */
export function transition(state: State, event: Event): Transition {
  if (state.name === 'ended') return stay(state);
  if (event.type === 'end') return end(state, { type: 'sayEnded' });
  if (state.name === 'beginning') return begin(state, event);
  if (event.type === 'legEnded') {
    if (!legsOf(state).includes(event.leg)) return stay(state);
    if (event.leg === state.leg && !isRefusal(event.error.errorCode())) return fail(state, event.error);
  }
  switch (state.name) {
    case 'following':
      return follow(state, event);
    case 'looking':
      return look(state, event);
    case 'opening':
      return open(state, event);
    case 'overlapping':
      return overlap(state, event);
    case 'pausing':
      return pause(state, event);
  }
}

function begin(state: State, event: Event): Transition {
  switch (event.type) {
    case 'letIn': {
      const { leg } = event;
      // The key may have changed since the first leg was begun.
      return startLooking({ leg, pauses: 0, interrupted: false }, {}, { type: 'deliver', from: leg });
    }
    case 'notBegun':
      return end(state);
    default:
      return stay(state);
  }
}

function follow(state: Following, event: Event): Transition {
  switch (event.type) {
    case 'keyChanged':
      return startLooking({ leg: state.leg, pauses: 0, interrupted: false });
    case 'legEnded':
      return startLooking(interrupt(state, event), { failure: failureOf(event) });
    default:
      return stay(state);
  }
}

function look(state: Looking, event: Event): Transition {
  switch (event.type) {
    case 'keyChanged':
      return { state: { ...state, pauses: 0, again: true }, effects: [] };
    case 'legEnded': {
      const failure = failureOf(event);
      return { state: { ...state, ...interrupt(state, event), failure, again: true }, effects: refuse(failure) };
    }
    case 'found':
    case 'notFound':
      if (state.again) return { state: { ...state, again: false }, effects: [{ type: 'look' }] };
      if (event.type === 'found') return choose(state, event.provider);
      return startPause(state, MomentoErrorCode.UNKNOWN_ERROR);
    default:
      return stay(state);
  }
}

/** @param provider of the current key */
function choose(state: Looking, provider: CredentialProvider): Transition {
  const { leg, pauses, interrupted, failure, rested } = state;
  if (provider === leg.provider && !interrupted) return { state: { name: 'following', leg, pauses }, effects: [] };
  if (provider === failure?.provider && !rested) return startPause(state, failure.errorCode);
  return {
    state: { name: 'opening', leg, pauses, interrupted, again: false },
    effects: [{ type: 'open', provider }],
  };
}

function open(state: Opening, event: Event): Transition {
  const { leg, pauses, interrupted, again } = state;
  switch (event.type) {
    case 'keyChanged':
      return { state: { ...state, pauses: 0, again: true }, effects: [] };
    case 'legEnded':
      return { state: { ...state, ...interrupt(state, event) }, effects: refuse(failureOf(event)) };
    case 'letIn': {
      const join: Effect = { type: 'join', from: event.leg, before: leg, interrupted };
      if (again) return startLooking({ leg: event.leg, pauses, interrupted: false }, {}, join);
      if (interrupted) return { state: { name: 'following', leg: event.leg, pauses }, effects: [join] };
      return {
        state: { name: 'overlapping', leg, pauses, successor: event.leg, lastsMs: OVERLAP_MS },
        effects: [{ type: 'compare' }],
      };
    }
    case 'notLetIn':
      if (interrupted && FINAL.includes(event.error.errorCode())) return fail(state, event.error);
      return startLooking(state, { failure: failureOf(event) });
    default:
      return stay(state);
  }
}

function overlap(state: Overlapping, event: Event): Transition {
  const { leg, pauses, successor } = state;
  const join: Effect = { type: 'join', from: successor, before: leg, interrupted: false };
  const following: Following = { name: 'following', leg: successor, pauses };
  switch (event.type) {
    case 'caughtUp':
    case 'timeUp':
      return { state: following, effects: [join] };
    case 'keyChanged':
      return startLooking({ leg: successor, pauses: 0, interrupted: false }, {}, join);
    case 'legEnded':
      if (event.leg === leg) return { state: following, effects: [join, ...refuse(failureOf(event))] };
      return startLooking(
        { ...interrupt(state, event), interrupted: false },
        { failure: failureOf(event) },
        { type: 'endLeg', leg: successor },
      );
    default:
      return stay(state);
  }
}

function pause(state: Pausing, event: Event): Transition {
  const { failure } = state;
  switch (event.type) {
    case 'timeUp':
      return startLooking(state, { failure, rested: true });
    case 'keyChanged':
      return startLooking({ ...state, pauses: 0 }, { failure, rested: true });
    case 'legEnded':
      return startLooking(interrupt(state, event), { failure: failureOf(event) });
    default:
      return stay(state);
  }
}

function startLooking(
  { leg, pauses, interrupted }: Underway,
  { failure, rested = false }: { failure?: Failure | undefined; rested?: boolean } = {},
  ...first: Effect[]
): Transition {
  return {
    state: { name: 'looking', leg, pauses, interrupted, failure, rested, again: false },
    effects: [...first, ...refuse(failure), { type: 'look' }],
  };
}

function startPause({ leg, pauses, interrupted, failure }: Looking, errorCode: MomentoErrorCode): Transition {
  const lastsMs = Math.min(FIRST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS);
  return {
    state: { name: 'pausing', leg, pauses: pauses + 1, interrupted, failure, lastsMs },
    effects: [{ type: 'report', errorCode }],
  };
}

function fail(state: State, error: TopicSubscribe.Error): Transition {
  return end(state, { type: 'fail', error }, { type: 'sayEnded' });
}

function end(state: State, ...last: Effect[]): Transition {
  const effects = legsOf(state).map((leg): Effect => ({ type: 'endLeg', leg }));
  return { state: { name: 'ended' }, effects: [...effects, ...last] };
}

function stay(state: State): Transition {
  return { state, effects: [] };
}

function legsOf(state: State): Leg[] {
  if (!('leg' in state)) return [];
  return state.name === 'overlapping' ? [state.leg, state.successor] : [state.leg];
}

/** What is left when its leg has ended. */
function interrupt({ leg, pauses }: Open, { ageMs }: LegEnded): Underway {
  return { leg, pauses: ageMs >= SETTLED_MS ? 0 : pauses, interrupted: true };
}

function failureOf(event: LegEnded | NotLetIn): Failure {
  const { provider } = event.type === 'legEnded' ? event.leg : event;
  return { provider, errorCode: event.error.errorCode() };
}

function refuse(failure: Failure | undefined): Effect[] {
  return failure && isRefusal(failure.errorCode) ? [{ type: 'refuse', provider: failure.provider }] : [];
}

const isRefusal = (errorCode: MomentoErrorCode) => errorCode === MomentoErrorCode.AUTHENTICATION_ERROR;
