import { OVERLAP_MS } from './configuration.ts';
import { isBearable } from './mishaps.ts';
import type { Keys, Schedule } from './schedule.ts';
import type { World } from './world.ts';

/** What must hold for a whole attempt at a rotation, where nothing or one thing goes wrong. */

/**
 * Calls of a rotation in one warm sandbox: 7 to Secrets Manager and 2 to Momento; of a v2 key, where there is one to revoke, 16
 * and 5, or without an admin secret 14 and 5.
 */
const CALLS: Record<Keys, number> = { v1: 9, managed: 21, selfManaged: 19, broughtOver: 21 };

export function checkFirstAttempt(world: World, isDone: boolean): void {
  const { schedule } = world;
  if (schedule.acts.length > 0 || schedule.life.length > 0 || schedule.start === 'noValue') return;
  world.checks += 1;
  if (isCalm(schedule) && world.calls !== CALLS[schedule.keys]) {
    world.violate('seven-and-two', `${world.calls} calls in a rotation that nothing disturbs`);
  }
  if (absorbs(schedule, world) && !isDone) {
    world.violate('absorbs-a-passing-mishap', 'the rotation had to be tried again');
  }
}

function isCalm({
  mishaps,
  sandboxes,
  switches,
  gapMs,
  startedBy,
  remainingMs,
  keys,
  revokesHourly,
  earlier,
}: Schedule): boolean {
  const { permitted, momento } = switches;
  // One key is to be revoked, no more and no less.
  const isSettled = earlier.length > 2 && earlier.every((pauseMs) => pauseMs > 2 * OVERLAP_MS);
  const isAtOnce = !momento.defaultPageSize && !momento.newKeyListedAfterLists && !momento.revokedKeyListedForLists;
  if (keys !== 'v1' && !(isSettled && isAtOnce && !revokesHourly && keys !== 'broughtOver')) return false;
  const isWarm = new Set(sandboxes).size === 1 && gapMs < 60_000;
  const isCommon = startedBy === 'service' && remainingMs >= 10_000;
  return isCommon && mishaps.length === 0 && isWarm && permitted && !momento.newKeyKnownAfterCalls;
}

/** What one attempt gets over by itself. */
function absorbs({ mishaps, switches, remainingMs }: Schedule, { struck }: World): boolean {
  const befallen = struck.map(({ mishap }) => mishap);
  if (!isBearable(mishaps, befallen) || remainingMs < 30_000) return false;
  const [first] = struck;
  if (first?.action !== 'RefreshApiToken' || first.mishap === 'slow') return true;
  // An answer that may be under way is waited for as long as there is time.
  const isWaitedFor = ['silence', 'late', 'later', 'overdue'].includes(first.mishap);
  return !isWaitedFor && switches.momento.refreshTokenReuse !== 'refused';
}
