import { type CredentialProvider, MomentoErrorCode, type TopicSubscribe } from '@gomomento/sdk';
import type { Joint } from './delivery.ts';
import type { Leg } from './leg.ts';

/**
 * What a subscription is doing. From everywhere it may become `ended`: because the application ends it, or Momento ends the
 * leg for another reason than a refused key.
 *
 * | state | when | next |
 * | --- | --- | --- |
 * | beginning | let in | looking |
 * | following | the key changed; the leg was refused | looking |
 * | looking | the leg has the current key | following |
 * | | the current key is another | opening |
 * | | the current key was tried; nobody knows | pausing |
 * | opening | let in | overlapping |
 * | | let in, and nothing is to be waited for: the leg was refused meanwhile | following |
 * | | let in, and the key has changed again | looking |
 * | | not let in | looking |
 * | overlapping | caught up; time is up; the leg was refused | following |
 * | | the key changed; the other leg was ended | looking |
 * | pausing | time is up; the key changed; the leg was refused | looking |
 */
export type State = Beginning | Following | Looking | Opening | Overlapping | Pausing | Ended;

/** `subscribe()` is under way: there is no leg yet. */
interface Beginning {
  readonly name: 'beginning';
}

interface Subscribed {
  /** On which items come, unless it is interrupted. */
  readonly leg: Leg;
  /** How many there were of late: the next is longer. */
  readonly pauses: number;
}

/** Its leg has the current key, as far as anybody knows. */
interface Following extends Subscribed {
  readonly name: 'following';
}

/** Another leg was let in. What it brings waits until the first has delivered all that came before, or time is up. */
interface Overlapping extends Subscribed {
  readonly name: 'overlapping';
  readonly successor: Leg;
  readonly lastsMs: number;
}

/** On the way to another key. */
interface Underway extends Subscribed {
  /** Momento has refused the leg: nothing comes until there is another, and what is published meanwhile may be missing. */
  readonly interrupted: boolean;
  /** What was of no use since it set out, or since the last pause. */
  readonly failures: readonly Failure[];
}

/** It asks which key is the current one. */
interface Looking extends Underway {
  readonly name: 'looking';
  /** Something has happened since it asked: the answer may be out of date. */
  readonly again: boolean;
}

/** A leg with another key waits to be let in. */
interface Opening extends Underway {
  readonly name: 'opening';
  /** The key has changed since: the leg will not be the last. */
  readonly again: boolean;
}

/** It waits before it tries again, be it with a key that has failed. */
interface Pausing extends Underway {
  readonly name: 'pausing';
  readonly lastsMs: number;
}

interface Ended {
  readonly name: 'ended';
}

/** A key with which Momento let no leg in, or ended it. */
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
  /** What the successor brings is known to follow what the leg has delivered. */
  | { readonly type: 'caughtUp' }
  /** The current key: the answer to `look`. */
  | { readonly type: 'found'; readonly provider: CredentialProvider }
  /** The other answer to it. */
  | { readonly type: 'notFound' }
  /** The answer to `open`. The first leg is opened without it. */
  | { readonly type: 'letIn'; readonly leg: Leg }
  /** The other answer to it. */
  | NotLetIn
  /** There is no first leg. */
  | { readonly type: 'notBegun' }
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
  /** Asks for the current key, once the credential has dealt with all that were refused. */
  | { readonly type: 'look' }
  /** Tells the credential that Momento refuses a key. */
  | { readonly type: 'refuse'; readonly provider: CredentialProvider }
  | { readonly type: 'open'; readonly provider: CredentialProvider }
  /** Looks whether the successor has caught up already. */
  | { readonly type: 'compare' }
  /** Delivers what has waited on the first leg. */
  | { readonly type: 'deliver'; readonly leg: Leg }
  /** Ends the leg before, and delivers what has waited on the one after it. */
  | { readonly type: 'join'; readonly before: Leg; readonly leg: Leg; readonly after: Joint }
  /** Ends a leg. */
  | { readonly type: 'leave'; readonly leg: Leg }
  /** Reports that it could not move. */
  | { readonly type: 'report'; readonly errorCode: MomentoErrorCode }
  /** Tells the application why it ends. */
  | { readonly type: 'fail'; readonly error: TopicSubscribe.Error }
  /** Tells the application that it has ended. */
  | { readonly type: 'sayEnded' };

export interface Transition {
  /** The same object if nothing happened. */
  readonly state: State;
  /** In this order, for as long as this is the state: some call the application, which may end the subscription. */
  readonly effects: readonly Effect[];
}

/** How long two legs go side by side when nothing is published that would show that the new one has caught up. */
const OVERLAP_MS = 2000;
/** A leg that has lived for so long was of use: when it ends, the next pause is the first. */
const SETTLED_MS = 30_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** While nothing comes, what mends it is to be noticed soon. */
const LONGEST_PAUSE_INTERRUPTED_MS = 5000;

/** What the SDK does not try again either (`TopicSubscriptionRetryEligibilityStrategy`), but for a refused key. */
const FINAL: MomentoErrorCode[] = [
  MomentoErrorCode.CANCELLED_ERROR,
  MomentoErrorCode.CACHE_NOT_FOUND_ERROR,
  MomentoErrorCode.PERMISSION_ERROR,
  MomentoErrorCode.NOT_FOUND_ERROR,
];

/** What becomes of a subscription when something happens, and what is to be done. Does nothing itself. */
export function transition(state: State, event: Event): Transition {
  return react(state, event) ?? to(state);
}

/** @returns undefined if nothing is to happen */
function react(state: State, event: Event): Transition | undefined {
  if (state.name === 'ended') return undefined;
  if (event.type === 'end') return end(state, { type: 'sayEnded' });
  if (state.name === 'beginning') return begin(state, event);
  if (event.type === 'legEnded') {
    if (!legsOf(state).includes(event.leg)) return undefined;
    if (event.leg === state.leg && !isRefusal(failureOf(event))) return fail(state, event.error);
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

function begin(state: Beginning, event: Event): Transition | undefined {
  switch (event.type) {
    case 'letIn':
      // The key may have changed since this leg was begun.
      return startLooking(setOut(event.leg, 0), { type: 'deliver', leg: event.leg });
    case 'notBegun':
      return end(state);
    default:
      return undefined;
  }
}

function follow({ leg, pauses }: Following, event: Event): Transition | undefined {
  switch (event.type) {
    case 'keyChanged':
      return startLooking(setOut(leg, 0));
    case 'legEnded':
      return startLooking(...interrupt(setOut(leg, pauses), event));
    default:
      return undefined;
  }
}

function look(state: Looking, event: Event): Transition | undefined {
  switch (event.type) {
    case 'keyChanged':
      return to({ ...state, pauses: 0, again: true });
    case 'legEnded': {
      const [interrupted, ...refusal] = interrupt(state, event);
      return to({ ...interrupted, name: 'looking', again: true }, ...refusal);
    }
    case 'found':
      return state.again ? startLooking(state) : choose(state, event.provider);
    case 'notFound':
      return state.again ? startLooking(state) : startPause(state, MomentoErrorCode.UNKNOWN_ERROR);
    default:
      return undefined;
  }
}

/** @param provider of the current key */
function choose(state: Looking, provider: CredentialProvider): Transition {
  const { leg, pauses, interrupted, failures } = state;
  if (provider === leg.provider && !interrupted) return to({ name: 'following', leg, pauses });
  const failure = failures.find((each) => each.provider === provider);
  if (failure) return startPause(state, failure.errorCode);
  return to({ ...state, name: 'opening', again: false }, { type: 'open', provider });
}

function open(state: Opening, event: Event): Transition | undefined {
  const { leg, pauses, interrupted } = state;
  switch (event.type) {
    case 'keyChanged':
      return to({ ...state, pauses: 0, again: true });
    case 'legEnded': {
      const [underway, ...refusal] = interrupt(state, event);
      return to({ ...state, ...underway }, ...refusal);
    }
    case 'letIn': {
      const successor = event.leg;
      const join = (after: Joint): Effect => ({ type: 'join', before: leg, leg: successor, after });
      if (state.again) return startLooking(setOut(successor, pauses), join(interrupted ? 'interrupted' : 'leftEarly'));
      if (interrupted) return to({ name: 'following', leg: successor, pauses }, join('interrupted'));
      return to({ name: 'overlapping', leg, pauses, successor, lastsMs: OVERLAP_MS }, { type: 'compare' });
    }
    case 'notLetIn':
      if (interrupted && FINAL.includes(event.error.errorCode())) return fail(state, event.error);
      return startLooking(...disappoint(state, event));
    default:
      return undefined;
  }
}

function overlap({ leg, pauses, successor }: Overlapping, event: Event): Transition | undefined {
  const join = (after: Joint): Effect => ({ type: 'join', before: leg, leg: successor, after });
  const following: Following = { name: 'following', leg: successor, pauses };
  switch (event.type) {
    case 'caughtUp':
    case 'timeUp':
      return to(following, join('caughtUp'));
    case 'keyChanged':
      return startLooking(setOut(successor, 0), join('leftEarly'));
    case 'legEnded': {
      // The application hears of a refusal, and may end all: the legs come first.
      if (event.leg === leg) return to(following, join('leftEarly'), ...refuse(failureOf(event)));
      const [underway, ...refusal] = disappoint(setOut(leg, pauses), event);
      return startLooking(underway, { type: 'leave', leg: successor }, ...refusal);
    }
    default:
      return undefined;
  }
}

function pause(state: Pausing, event: Event): Transition | undefined {
  const { failures } = state;
  switch (event.type) {
    case 'timeUp':
      return startLooking({ ...state, failures: [] }, ...failures.flatMap(refuse));
    case 'keyChanged':
      return startLooking({ ...state, failures: [], pauses: 0 }, ...failures.flatMap(refuse));
    case 'legEnded':
      return startLooking(...interrupt(state, event));
    default:
      return undefined;
  }
}

function to(state: State, ...effects: Effect[]): Transition {
  return { state, effects };
}

function startLooking({ leg, pauses, interrupted, failures }: Underway, ...before: Effect[]): Transition {
  return to({ name: 'looking', leg, pauses, interrupted, failures, again: false }, ...before, { type: 'look' });
}

function startPause({ leg, pauses, interrupted, failures }: Looking, errorCode: MomentoErrorCode): Transition {
  const longestMs = interrupted ? LONGEST_PAUSE_INTERRUPTED_MS : LONGEST_PAUSE_MS;
  const lastsMs = Math.min(FIRST_PAUSE_MS * 2 ** pauses, longestMs);
  return to(
    { name: 'pausing', leg, pauses: pauses + 1, interrupted, failures, lastsMs },
    { type: 'report', errorCode },
  );
}

function fail(state: State, error: TopicSubscribe.Error): Transition {
  return end(state, { type: 'fail', error }, { type: 'sayEnded' });
}

function end(state: State, ...last: Effect[]): Transition {
  return to({ name: 'ended' }, ...legsOf(state).map((leg): Effect => ({ type: 'leave', leg })), ...last);
}

function legsOf(state: State): Leg[] {
  if (!('leg' in state)) return [];
  return state.name === 'overlapping' ? [state.leg, state.successor] : [state.leg];
}

function setOut(leg: Leg, pauses: number): Underway {
  return { leg, pauses, interrupted: false, failures: [] };
}

/** It goes on without its leg, which Momento has refused. */
function interrupt(state: Underway, event: LegEnded): [Underway, ...Effect[]] {
  const [disappointed, ...refusal] = disappoint(state, event);
  return [{ ...disappointed, interrupted: true }, ...refusal];
}

/** It goes on with one more failure. */
function disappoint(state: Underway, event: LegEnded | NotLetIn): [Underway, ...Effect[]] {
  const { leg, interrupted, failures } = state;
  const failure = failureOf(event);
  const pauses = event.type === 'legEnded' && event.ageMs >= SETTLED_MS ? 0 : state.pauses;
  return [{ leg, interrupted, pauses, failures: [...failures, failure] }, ...refuse(failure)];
}

function failureOf(event: LegEnded | NotLetIn): Failure {
  const { provider } = event.type === 'legEnded' ? event.leg : event;
  return { provider, errorCode: event.error.errorCode() };
}

function refuse(failure: Failure): Effect[] {
  return isRefusal(failure) ? [{ type: 'refuse', provider: failure.provider }] : [];
}

function isRefusal({ errorCode }: Failure): boolean {
  return errorCode === MomentoErrorCode.AUTHENTICATION_ERROR;
}
