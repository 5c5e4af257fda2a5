import type { RunStep } from './entry-point.ts';
import { LIFE, rotation } from './lives.ts';
import { type Played, play } from './play.ts';
import type { Act, Moment, Schedule } from './schedule.ts';

/** Lives, in each of which one reason alone keeps a key from being revoked, or from being counted as one that should have been. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** One after the other, and then whatever comes next. */
const acts = (...all: Act[]): Moment[] => all.map((what) => ({ afterMs: 5000, secret: 0, what }));

const soon = rotation(5000);
const later = rotation(DAY_MS);

/** When what is due by the clock has been for more than three hours. */
const check: Moment = { afterMs: 8 * HOUR_MS, secret: 0, what: 'check' };

/** Which of the calls of a managed key's rotation is the issue, and the first ping. */
const ISSUE = 5;
const PING = 8;

const HOURLY = { revokesHourly: true };

/** A day later. */
const next = (what: Act): Moment => ({ afterMs: DAY_MS, secret: 0, what });

/** With two rotations before them, and a day. */
const LIVES: Partial<Schedule>[] = [
  // Stored, unlabelled and older, but current until a moment ago.
  { life: [later, next('moveToOlder'), ...acts('rollBack', 'moveToFresh', 'rollBack'), soon] },
  // The same, but newer than the current one.
  { life: [later, next('moveToOlder'), ...acts('moveToOlder'), soon] },
  // The same, but the version in rotation was stored long before it was promoted.
  { mishaps: [{ at: PING, mishap: 'killedBefore' }], life: [soon, next('rollBack'), ...acts('rollBack'), soon, soon] },
  // Held by another version under a label of an operator's.
  { ...HOURLY, life: [later, ...acts('putOlder', 'labelCurrent', 'rollBack'), later, check] },
  { life: [later, ...acts('putOlder', 'labelCurrent', 'rollBack'), later, later, later, later, check] },
  // Under such a label alone; under that and AWSPREVIOUS; and in the previous version and in one under such a label.
  { ...HOURLY, life: [later, ...acts('labelPrevious'), later, check] },
  { ...HOURLY, life: [later, ...acts('labelPrevious'), check] },
  { ...HOURLY, life: [later, ...acts('putPrevious', 'labelCurrent', 'rollBack', 'moveToOlder', 'rollBack'), check] },
  // One rotation and another one do not leave anything behind, nor do three; nor the last one of two in quick succession.
  { life: acts('check') },
  { life: [later, ...acts('check')] },
  { life: [later, later, ...acts('check')] },
  { life: [later, later, soon, ...acts('check')] },
  { life: [later, soon, soon, soon, soon, soon, ...acts('check')] },
  { life: [later, ...Array.from({ length: 5 }, () => rotation(HOUR_MS - 5 * MINUTE_MS)), ...acts('check')] },
  { ...HOURLY, life: [later, ...acts('check')] },
  // Issued in the same second as the current one.
  { ...HOURLY, life: [rotation(0), rotation(0), rotation(0), check] },
  // Of another secret, or said to be.
  { life: [{ ...later, secret: 1 }, ...acts('writeCopy', 'check'), later] },
  { keys: 'selfManaged', life: [later, next('writeKeyId'), later, later, ...acts('check')] },
  { hasOptedIn: true, life: [later, next('writeManagersKeyId'), later, later, later] },
  { hasOptedIn: true, life: [later, next('writeShorterKeyId'), later, later, later] },
  { hasOptedIn: true, life: [later, next('writeExpiringKeyId'), later, later, later] },
  { hasOptedIn: true, life: [later, next('writeKeyId'), later, later, later] },
  // The only one that tells of a first key, which a label keeps for a while.
  {
    hasOptedIn: true,
    earlier: [],
    life: [soon, ...acts('labelPrevious'), later, later, later, next('unlabel'), later],
  },
  {
    ...HOURLY,
    hasOptedIn: true,
    earlier: [],
    life: [soon, ...acts('labelPrevious'), later, later, later, next('unlabel')],
  },
  { ...HOURLY, hasOptedIn: true, earlier: [], life: [soon, ...acts('labelPrevious'), later, later, later, check] },
  // Issued for a version for which another one was issued much later.
  { mishaps: [{ at: ISSUE, mishap: 'killedAfter' }], life: [soon, rotation(HOUR_MS), later, later, check] },
  // Never to expire.
  { lifetime: Number.POSITIVE_INFINITY, life: [next('writeManagersKeyId'), later, later] },
  { lifetime: Number.POSITIVE_INFINITY, life: [later, later, ...acts('check')] },
  {
    lifetime: Number.POSITIVE_INFINITY,
    hasOptedIn: true,
    earlier: [],
    life: [later, later, later, later, later, ...acts('check')],
  },
];

/** What cannot be revoked, is counted once it is overdue: after five rotations, the last of which may be in quick succession; or by the clock. */
const LEFT_BEHIND: Partial<Schedule>[] = [
  { life: [later, later, later, later, later, check] },
  { life: [later, later, later, later, soon, ...acts('check')] },
  { life: [later, soon, soon, soon, soon, ...acts('check')] },
  { ...HOURLY, life: [later, { ...check, afterMs: 2 * HOUR_MS }] },
  { ...HOURLY, life: [later, check] },
];

/** Few enough to be played all, for every mutant. */
export const reasons = (run: RunStep): Record<string, () => AsyncGenerator<Played>> => ({
  'lives: one reason alone': () => everyReason(run),
  'lives: what cannot be revoked': () => everyThingLeftBehind(run),
});

async function* everyReason(run: RunStep): AsyncGenerator<Played> {
  for (const life of LIVES) yield await play({ ...LIFE, ...life }, run);
}

/** Keys that cannot be revoked, with one of which the answer to its issue was lost, early or late. */
async function* everyThingLeftBehind(run: RunStep): AsyncGenerator<Played> {
  for (const life of LEFT_BEHIND) {
    const calm = await play({ ...LIFE, ...life }, run);
    const issues = placesOf(calm, 'GenerateApiKey');
    for (const at of [undefined, issues[0], issues.at(-1)]) {
      const mishaps = at === undefined ? [] : [{ at, mishap: 'lost' } as const];
      yield await withoutRevocation({ ...calm.schedule, mishaps }, run);
    }
  }
}

/** Plays it so that no step, and no run, gets to revoke anything. */
async function withoutRevocation(schedule: Schedule, run: RunStep): Promise<Played> {
  const played = await play(schedule, run);
  const at = placesOf(played, 'RevokeApiKey').find((place) => !played.world.isStruck(place));
  if (at === undefined) return played;
  return withoutRevocation({ ...schedule, mishaps: [...schedule.mishaps, { at, mishap: 'denied', stays: true }] }, run);
}

function placesOf({ world, calls }: Played, action: string): number[] {
  return world.placesOf([action]).filter((at) => at < calls);
}
