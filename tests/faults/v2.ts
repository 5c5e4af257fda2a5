import type { RunStep } from './entry-point.ts';
import {
  COLD,
  everyAct,
  everyActInAPause,
  everyHurry,
  everyMishap,
  everyNext,
  everyPair,
  everyRace,
  HANDED_OVER,
  HARSHEST,
  WARM,
} from './exhaustive.ts';
import { MISHAPS } from './mishaps.ts';
import { type Played, play } from './play.ts';
import {
  actsWith,
  CALM,
  HAND_ACTS,
  LIKELIEST,
  type Moment,
  OLDER_ACTS,
  type Schedule,
  type Switches,
} from './schedule.ts';

/** What is played with v2 keys, which are generated, swept and revoked. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Three rotations went well before, so that the next one has a key to revoke. */
export const MANAGED: Schedule = { ...CALM, keys: 'managed', earlier: [DAY_MS, DAY_MS, DAY_MS], pauseMs: 5000 };

const HOURLY: Schedule = { ...MANAGED, revokesHourly: true };

/** A key that manages itself; the rotation that brings a secret over to v2, and the one after it. */
const OTHERS: Schedule[] = [
  { ...HOURLY, keys: 'selfManaged' },
  { ...MANAGED, keys: 'broughtOver', earlier: [] },
  { ...HOURLY, keys: 'broughtOver', earlier: [DAY_MS] },
];

/** The least kind setting of each switch: the register lags behind, and comes in pages of two. */
const HARSHEST_REGISTRY: Switches = {
  ...HARSHEST,
  momento: {
    ...HARSHEST.momento,
    newKeyListedAfterLists: 1,
    revokedKeyListedForLists: 2,
    expiredKeys: 'kept',
    listOrder: 'newestFirst',
    defaultPageSize: 2,
    paging: 'sparse',
  },
};

type Parts = Record<string, () => AsyncGenerator<Played>>;

/** The parts of the campaign that `npm run test:all` plays, too. */
export const parts = (run: RunStep): Parts => ({
  'v2: one mishap, where all is least kind': () => everyMishap(run, [HARSHEST_REGISTRY], [COLD], MANAGED),
  'v2: every act of others': () => everyAct(run, [LIKELIEST], [WARM], HOURLY),
  'v2: every act of others, handed over': () => everyAct(run, [HARSHEST_REGISTRY], [HANDED_OVER], MANAGED),
  'v2: the runs after an overlap, and the rotation after them': () => everyMishapOfRun(run),
  'v2: every step twice at once': () => everyRace(run, HARSHEST_REGISTRY, MANAGED),
  'v2: every pause': () => everyPause(run),
  'v2: every act of others, and a revocation': () => everyActAndRevocation(run),
});

/** What of it is about checks. */
export const checkParts = (run: RunStep): Parts => ({
  'v2: checks in every state': () => everyCheckedState(run),
  'v2: every check': () => everyCheck(run),
});

/** The rest. */
export const furtherParts = (run: RunStep): Parts => ({
  'v2: one mishap': () => everyMishap(run, [LIKELIEST], [WARM], HOURLY),
  'v2: hardly any time': () => everyHurry(run, MANAGED),
  'v2: every act of others in a pause': () => everyActInAPause(run, HOURLY),
  'v2: every pair of mishaps': () => everyPair(run, [LIKELIEST], MANAGED),
  'v2: other keys': () => everyOther(run),
  'v2: a key that cannot be stored': () => everyUnstored(run),
  'v2: runs and checks of several, with hardly any time': () => everyHurriedRun(run),
});

/** One mishap in every call from the end of a rotation on, in one sandbox for each. */
async function* everyMishapOfRun(run: RunStep): AsyncGenerator<Played> {
  const { calls } = await play(HOURLY, run);
  const calm = await play({ ...HOURLY, further: [2 * HOUR_MS], sandboxes: COLD }, run);
  yield calm;
  yield* everyNext(calm, calls, run, [false, true]);
}

/** Keys that manage themselves, and such that are brought over: one mishap, and one act of others. */
async function* everyOther(run: RunStep): AsyncGenerator<Played> {
  for (const base of OTHERS) {
    yield* everyMishap(run, [LIKELIEST, HARSHEST_REGISTRY], [WARM, COLD], base);
    yield* everyAct(run, [LIKELIEST, HARSHEST_REGISTRY], [WARM, COLD], base);
  }
}

/**
 * Rotations at every distance, around the overlap too: some go well, one hangs for a while, some follow; and an operator who
 * goes back to another version.
 */
async function* everyPause(run: RunStep): AsyncGenerator<Played> {
  const pauses = [5000, MINUTE_MS, HOUR_MS - 5000, HOUR_MS + 5000, DAY_MS];
  for (const before of pauses) {
    for (const after of pauses) {
      const base: Schedule = {
        ...MANAGED,
        revokesHourly: after < before,
        earlier: [before, before, before],
        further: [after, after],
      };
      yield await play(base, run);
      for (const at of CALLS) {
        const mishaps = [{ at, mishap: 'killedBefore' }] as const;
        yield await play({ ...base, mishaps, pauseMs: 2 * HOUR_MS, sandboxes: COLD }, run);
      }
      for (const act of ['put', 'rollBack', 'putOlder', 'moveToOlder', 'revokeRetired'] as const) {
        for (const at of [9, 14, 20]) yield await play({ ...base, acts: [{ at, act }] }, run);
      }
    }
  }
}

const PUT = 6;

/** Of a managed key's rotation: the issue, the put, the ping, the promotion and the list after it. */
const CALLS = [5, PUT, 8, 10, 13];

/** After each act of others what revokes what is due: an event, or the end of the rotation before, once more. */
async function* everyActAndRevocation(run: RunStep): AsyncGenerator<Played> {
  for (const at of [0, 3, 6, 9, 11, 14]) {
    for (const first of [...HAND_ACTS, ...OLDER_ACTS]) {
      for (const act of ['revokeRetired', { late: 'finishSecret' }] as const) {
        const acts = [
          { at, act: first },
          { at: at + 1, act },
        ];
        yield await play({ ...MANAGED, acts }, run);
      }
    }
  }
}

/** A key that cannot be stored, and not be revoked either, by each mishap. */
async function* everyUnstored(run: RunStep): AsyncGenerator<Played> {
  for (const mishap of ['denied', 'late'] as const) {
    const mishaps = [{ at: PUT, mishap, stays: true }] as const;
    const calm = await play({ ...MANAGED, mishaps, retries: 0 }, run);
    yield calm;
    const [at] = calm.world.placesOf(['RevokeApiKey']);
    if (at === undefined || at >= calm.calls) continue;
    for (const second of MISHAPS) {
      for (const stays of [false, true]) {
        yield await play({ ...calm.schedule, mishaps: [...mishaps, { at, mishap: second, stays }] }, run);
      }
    }
  }
}

/** Runs and checks of several secrets, with hardly any time, and answers that do not come, or come late. */
async function* everyHurriedRun(run: RunStep): AsyncGenerator<Played> {
  const life = (['revokeMany', 'checkMany'] as const).map((what): Moment => ({ afterMs: 0, secret: 0, what }));
  for (const remainingMs of [10_000, 3000, 100]) {
    const hurried = await play({ ...MANAGED, life, remainingMs }, run);
    yield hurried;
    for (let at = 0; at < hurried.calls; at += 1) {
      for (const mishap of ['slow', 'silence'] as const) {
        yield await play({ ...hurried.schedule, mishaps: [{ at, mishap, stays: true }] }, run);
      }
    }
  }
}

/** Checks after each act. */
async function* everyCheckedState(run: RunStep): AsyncGenerator<Played> {
  for (const base of [MANAGED, { ...HOURLY, keys: 'selfManaged' }] satisfies Schedule[]) {
    for (const first of actsWith(base.keys)) {
      const acts = [
        { at: 9, act: first },
        { at: AT_LAST, act: 'check' },
      ] as const;
      yield await play({ ...base, acts }, run);
    }
  }
}

/** Checks where nothing was revoked for long, and with every mishap. */
async function* everyCheck(run: RunStep): AsyncGenerator<Played> {
  for (const base of [MANAGED, HOURLY]) {
    const calm = await play({ ...base, life: LEFT_BEHIND }, run);
    yield calm;
    const places = calm.world.placesOf(['ListApiKeys', 'RevokeApiKey']).filter((at) => at < calm.calls);
    for (const at of places) {
      for (const mishap of ['serverError', 'denied', 'silence'] as const) {
        yield await play({ ...calm.schedule, mishaps: [{ at, mishap, stays: true }] }, run);
      }
    }
  }
  const { calls } = await play(MANAGED, run);
  const checked = await play({ ...MANAGED, acts: [{ at: calls, act: 'check' }], sandboxes: COLD }, run);
  yield* everyNext(checked, calls, run, [false]);
}

/** When the run is over. */
const AT_LAST = 999;

/** As many rotations as it takes until a check counts what none of them revoked, and as long as it takes where a schedule does. */
const LEFT_BEHIND: Moment[] = [
  ...Array.from({ length: 4 }, (): Moment => ({ afterMs: DAY_MS, secret: 0, what: 'rotation' })),
  { afterMs: 8 * HOUR_MS, secret: 0, what: 'check' },
];

/** Small enough to be played for every mutant: where rotations revoke, and where a schedule does. */
export const smallParts = (run: RunStep): Parts => ({
  'v2: one mishap': () => everyMishap(run, [HARSHEST_REGISTRY], [WARM], MANAGED),
  'v2: the runs after an overlap, and the rotation after them': () => everyMishapOfRun(run),
  'v2: every pause': () => everyPause(run),
  'v2: every act of others, and a revocation': () => everyActAndRevocation(run),
  'v2: a key that cannot be stored': () => everyUnstored(run),
  'v2: runs and checks of several, with hardly any time': () => everyHurriedRun(run),
  ...checkParts(run),
});

/** Where a function is looked for that has something wrong with it: by one mishap, or one act or two. */
export const simpleParts = (run: RunStep): AsyncGenerator<Played>[] => [
  everyPause(run),
  everyMishap(run, [LIKELIEST], [WARM], MANAGED),
  everyMishap(run, [HARSHEST_REGISTRY], [COLD], MANAGED),
  everyRace(run, HARSHEST_REGISTRY, MANAGED),
  everyActAndRevocation(run),
];
