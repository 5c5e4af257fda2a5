import type { Behaviour as MomentoBehaviour } from '../../src/local/momento/momento-behaviour.ts';
import type { Behaviour as SecretsManagerBehaviour } from '../../src/local/secrets-manager/secrets-manager-behaviour.ts';
import type { RotationRules } from '../../src/rotation/rotation-rules.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import type { PlannedMishap } from './mishaps.ts';

/** Everything that decides how a run goes: played twice, it goes the same way. */
export interface Schedule {
  switches: Switches;
  mishaps: readonly PlannedMishap[];
  acts: readonly PlannedAct[];
  /** Which keys the secret holds, and by which they are managed. */
  keys: Keys;
  /** What the secret holds before the rotation: two good keys, or nothing. */
  start: 'good' | 'noValue';
  /**
   * `one`; or three, of which the second is managed as the first is, with the same role or one of its own, and the third holds
   * the key that manages them, and itself.
   */
  secrets: 'one' | 'three' | 'threeRoles';
  /** A first key that was made by hand is to be revoked like others. */
  hasOptedIn: boolean;
  /** How far Momento's clock is ahead of AWS's, in milliseconds. */
  aheadMs: number;
  /** What happens between rotations, and which rotations: in the place of the first one. */
  life: readonly Moment[];
  /** Superseded keys are revoked by a recurring schedule when their overlap is over, besides by the next rotation. */
  revokesHourly: boolean;
  /** How long after each of the rotations that went well before, in milliseconds: as many as there are. */
  earlier: readonly number[];
  /** How long before each of the rotations that follow while faults last, in milliseconds. */
  further: readonly number[];
  /**
   * Who starts the first rotation: the service, or an operator with an event to the function itself, of today's shape or of
   * the older one, after a deployment that had the rotation tested.
   */
  startedBy: 'service' | 'event' | 'olderEvent';
  /** The secret's `RotationRules`. */
  rules: RotationRules;
  /** How long keys live, in seconds. `Infinity`, of v2 keys: for ever. */
  lifetime: number;
  /** Which sandbox each invocation goes to, in turn; a busy one is passed over for one that is new. */
  sandboxes: readonly number[];
  /** Which of the calls that could come next comes next, in turn. An odd number also lets time pass first, where it can. */
  order: readonly number[];
  /** How often the service tries a failed rotation again while faults last. */
  retries: number;
  /** How long it waits before it does, and before the next rotation. */
  pauseMs: number;
  /** How long it waits between two steps. */
  gapMs: number;
  /** What Lambda gives each invocation. */
  remainingMs: number;
}

export type Keys =
  | 'v1'
  /** v2 keys, and an admin secret with the key that manages them. */
  | 'managed'
  /** v2 keys that manage themselves. */
  | 'selfManaged'
  /** v1 keys that v2 keys succeed, which a key in an admin secret manages. */
  | 'broughtOver';

export interface Switches {
  secretsManager: Partial<SecretsManagerBehaviour>;
  momento: Partial<MomentoBehaviour>;
  /** Whether the first key may do what a ping does. */
  permitted: boolean;
}

/** What happens between rotations, or a rotation. */
export interface Moment {
  /** After what was before, in milliseconds. */
  afterMs: number;
  /** Which secret it is about. */
  secret: 0 | 1 | 2;
  /** A rotation is the service's: a new one, or the one that failed, or is not complete, once more. */
  what: Act | 'rotation';
}

export interface PlannedAct {
  /** Before which call it happens, counted as for mishaps. One that is never reached happens when the run is over. */
  at: number;
  act: Act;
}

/** What an operator, or Momento, does in the middle of a rotation. */
export const HAND_ACTS = [
  /** Stores a fresh key, as the current value. */
  'put',
  /** Stores what is no key, as the current value. */
  'putGarbage',
  /** Stores binary data, as the current value. */
  'putBinary',
  /** Fills the version in rotation with a fresh key of theirs. */
  'putPending',
  /** Fills the version in rotation with what is no key. */
  'putPendingGarbage',
  /** Fills the version in rotation with binary data. */
  'putPendingBinary',
  /** Fills the version in rotation with a key that may do less. */
  'putPendingLesser',
  'rotate',
  'cancel',
  /** Takes AWSPENDING off its version. */
  'unstage',
  /** Moves AWSPENDING to the previous version. */
  'stagePrevious',
  /** Moves AWSCURRENT back to the previous version. */
  'rollBack',
  /** Stores a fresh key under a label of their own, and moves AWSCURRENT to it. */
  'moveToFresh',
  /** Moves AWSCURRENT to the version in rotation. */
  'promoteByHand',
  /** Makes the secret a replica of one in another Region. */
  'replicate',
  /** Momento revokes the key in the version in rotation. */
  'revokePending',
] as const;

/** What an operator does with older versions. */
export const OLDER_ACTS = [
  /** Stores the value of the version before the previous one once more, as the current value. */
  'putOlder',
  /** Moves AWSCURRENT to the version before the previous one. */
  'moveToOlder',
  /** Moves AWSPENDING to the version before the previous one. */
  'stageOlder',
  /** Puts a label of their own on the previous version. */
  'labelPrevious',
] as const;

/** What an operator does with labels and values besides, most of it between rotations. */
export const LABEL_ACTS = [
  /** Puts a label of their own on the current version. */
  'labelCurrent',
  /** Takes that off. */
  'unlabel',
  /** Stores the value of the previous version once more, as the current value. */
  'putPrevious',
] as const;

/** What somebody does who may write one secret, and wants more; or who does not know better. */
export const HOSTILE_ACTS = [
  /** Stores a value that names the role of the key that manages the others. */
  'writeRole',
  /** Stores text of a key's shape, and a host of theirs. */
  'writeHost',
  /** Fills the version in rotation with the same. */
  'fillHost',
  /** Stores a value that names another secret as the one with the key that manages it. */
  'writeAdminSecret',
  /** Stores the current value with the id of a key that is not this secret's. */
  'writeKeyId',
  /** The same with the id of the key that manages it; of one made by hand that expires at another time; and of one that expires, as if it did not. */
  'writeManagersKeyId',
  'writeShorterKeyId',
  'writeExpiringKeyId',
  /** Fills the version in rotation with a key of theirs, and the id of a key that is not this secret's. */
  'fillKeyId',
  /** Stores another secret's current value. */
  'writeCopy',
  /** Makes a key in Momento with the description of the one that was issued last. */
  'copyDescription',
] as const;

/** What happens besides: by hand, or to the function at the same time, in another sandbox. */
export type Act =
  | (typeof HAND_ACTS)[number]
  | (typeof OLDER_ACTS)[number]
  | (typeof LABEL_ACTS)[number]
  | (typeof HOSTILE_ACTS)[number]
  /** The secret is checked, as a schedule of its own has it done daily. */
  | 'check'
  /** So is another one, which is not there. */
  | 'checkMany'
  /** A step of the rotation is run once more. */
  | { repeat: StepName }
  /** The event comes by which what is due is revoked. */
  | 'revokeRetired'
  /** So does that of the recurring schedule, for this secret and one that is not there. */
  | 'revokeMany'
  /** A step of the rotation before is run once more. */
  | { late: StepName }
  /** It is sent what is no event of the protocol: one of `DAMAGES`. */
  | { damage: unknown };

export const ACTS: readonly Act[] = [
  ...HAND_ACTS,
  'check',
  'checkMany',
  ...(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const).map((repeat) => ({ repeat })),
];

/** Older versions matter where their keys can be revoked. */
export function actsWith(keys: Keys): readonly Act[] {
  if (keys === 'v1') return ACTS;
  return [...ACTS, ...OLDER_ACTS, ...LABEL_ACTS, ...HOSTILE_ACTS, 'revokeRetired', { late: 'finishSecret' }];
}

export const LIKELIEST: Switches = { secretsManager: {}, momento: {}, permitted: true };

export const CALM: Schedule = {
  switches: LIKELIEST,
  mishaps: [],
  acts: [],
  keys: 'v1',
  start: 'good',
  secrets: 'one',
  hasOptedIn: false,
  aheadMs: 0,
  life: [],
  revokesHourly: false,
  earlier: [],
  further: [],
  startedBy: 'service',
  rules: { AutomaticallyAfterDays: 1 },
  lifetime: 30 * 24 * 60 * 60,
  sandboxes: [0],
  order: [0],
  retries: 1,
  pauseMs: 0,
  gapMs: 0,
  remainingMs: 30_000,
};

/** The switches that a step could notice, each in both settings. */
export function everySetting(): Switches[] {
  const both = [false, true];
  return both.flatMap((isRegistered) =>
    both.flatMap((isRestaged) =>
      both.flatMap((isRefused) =>
        both.flatMap((hasToken) =>
          both.flatMap((isKept) =>
            both.map(
              (permitted): Switches => ({
                secretsManager: {
                  pendingCreatedDate: isRegistered ? 'registered' : 'stored',
                  restageOnRetry: isRestaged,
                  rotationToken: hasToken,
                  pendingAfterSuccess: isKept ? 'kept' : 'removed',
                },
                momento: {
                  refreshTokenReuse: isRefused ? 'refused' : 'allowed',
                  newKeyKnownAfterCalls: isRegistered === isKept ? 2 : 0,
                },
                permitted,
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A schedule in short lines, without what is as usual. */
export function describeSchedule(schedule: Schedule): string {
  const {
    mishaps,
    acts,
    keys,
    start,
    secrets,
    hasOptedIn,
    aheadMs,
    life,
    revokesHourly,
    earlier,
    further,
    startedBy,
    rules,
    lifetime,
    sandboxes,
    order,
    retries,
    pauseMs,
    gapMs,
    remainingMs,
    switches,
  } = schedule;
  const settings = { ...switches.secretsManager, ...switches.momento, permitted: switches.permitted };
  return [
    `switches: ${Object.entries(settings)
      .map(([name, setting]) => `${name}=${setting}`)
      .join(' ')}`,
    ...mishaps.map(({ at, mishap, stays }) => `call ${at}: ${mishap}${stays ? ', and stays' : ''}`),
    ...acts.map(({ at, act }) => `before call ${at}: ${nameOf(act)}`),
    ...life.map(({ afterMs, secret, what }) => `after ${afterMs} ms, secret ${secret}: ${nameOf(what)}`),
    `secrets ${secrets}${hasOptedIn ? ', first keys are revoked' : ''}; Momento is ${aheadMs} ms ahead`,
    `${keys} keys${revokesHourly ? ', hourly revocation' : ''}; earlier rotations ${earlier.join(',')}; further ones ${further.join(',')}; start ${start} by ${startedBy}; rules ${JSON.stringify(rules)}; keys live ${lifetime} s; sandboxes ${sandboxes.join(',')}; order ${order.join(',')}; retries ${retries}; pause ${pauseMs} ms; gap ${gapMs} ms; ${remainingMs} ms each`,
  ].join('\n');
}

/** Whether it changes something. The rest only gives the function more to do. */
export function isByHand(act: Act): boolean {
  return [...HAND_ACTS, ...OLDER_ACTS, ...LABEL_ACTS, ...HOSTILE_ACTS].some((name) => name === act);
}

export function nameOf(act: Moment['what']): string {
  if (typeof act === 'string') return act;
  if ('damage' in act) return `an event with ${JSON.stringify(act.damage)}`;
  return 'repeat' in act ? `repeat ${act.repeat}` : `late ${act.late}`;
}
