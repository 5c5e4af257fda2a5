import { setTimeout as sleep } from 'node:timers/promises';
import { readSecretValue } from '../../momento/secret-value.ts';
import { isMarked } from '../../rotation/marker.ts';
import type { LocalScheduler, SchedulerEvent } from '../scheduler/index.ts';
import { letIn, read, refused, showChecks } from './checks.ts';
import type { World } from './scenario.ts';
import type { Screen } from './screen.ts';
import { readCurrent } from './versions.ts';

/** Far longer than it takes. */
const PATIENCE_MS = 60_000;

interface RevocationOptions {
  /** The value that was current before the rotation. */
  previous: string;
  /** How many v2 keys were live before the rotation, and are now. */
  live: { before: number; during: number };
  pingCache: string;
  /** Whether a key that was stored by hand, as the one before was, is revoked. Otherwise it is named. */
  revokesFirstKey: boolean;
  /** The function's log lines. */
  log: readonly string[];
}

/** What the function says of a key that it leaves alone. */
const LEFT_ALONE = /that this function did not issue, and does not revoke.*curl --request DELETE/;

/**
 * Waits until the schedule that the rotation left behind is due, and tries the keys once more.
 *
 * @returns whether the key before was revoked on schedule, or named and left alone, the new one still works, and no key is left
 * over that the function had generated
 */
export async function showRevocation(world: World, options: RevocationOptions, screen: Screen): Promise<boolean> {
  const { standIns, secretId, adminSecretId } = world;
  const { client, momento, scheduler } = standIns;
  const { previous, live, pingCache, revokesFirstKey, log } = options;
  screen.heading('What happens when the overlap is over');
  const dueAt = scheduler.nextDueAt();
  if (dueAt !== undefined) {
    const time = dueAt.toISOString().slice(11, 19);
    screen.line(`EventBridge Scheduler is to invoke the function at ${time} UTC, with {"RevokeRetiredKeys": …}`);
    screen.underWay('RevokeRetiredKeys');
  }
  const succeeded = await showDeliveries(scheduler, screen);

  const secretIds = [secretId, ...(adminSecretId === undefined ? [] : [adminSecretId])];
  const inUse = await Promise.all(secretIds.map(async (id) => readSecretValue(await readCurrent(client, id))));
  const after = inUse[0]?.apiKey;
  if (after === undefined) return false;
  const liveKeys = momento.liveV2Keys();
  const counts = `${live.before} before the rotation, ${live.during} during the overlap, ${liveKeys.length} now`;
  const leftOver = liveKeys
    .filter(({ description }) => isMarked(description))
    .filter(({ keyId }) => !inUse.some(({ id }) => id === keyId));
  const old = await read(readSecretValue(previous).apiKey, pingCache);
  return showChecks(
    [
      { text: 'the function was invoked on schedule, and succeeded', holds: succeeded },
      ...(revokesFirstKey
        ? [refused(`the key before is refused${old.kind === 'refused' ? ` (${old.reason})` : ''}`, old)]
        : [
            letIn('the key before, which was stored by hand, still reads from a cache', old),
            {
              text: 'the function named it, with the command that revokes it',
              holds: log.some((line) => LEFT_ALONE.test(line)),
            },
          ]),
      letIn('the new key still reads from a cache', await read(after, pingCache)),
      {
        text: `no key is left over that the function generated: of live keys there were ${counts}`,
        holds: leftOver.length === 0,
      },
    ],
    screen,
  );
}

/**
 * Shows what is delivered until nothing more is due.
 *
 * @returns whether something was delivered, and nothing was given up
 */
async function showDeliveries(scheduler: LocalScheduler, screen: Screen): Promise<boolean> {
  const isOver = () =>
    scheduler.nextDueAt() === undefined && scheduler.deliveries.all.every(({ outcome }) => outcome !== undefined);
  let unsubscribe = () => {};
  const over = new Promise<void>((resolve) => {
    unsubscribe = scheduler.subscribe((event) => {
      showEvent(event, screen);
      if (isOver()) resolve();
    });
    if (isOver()) resolve();
  });
  await Promise.race([over, sleep(PATIENCE_MS, undefined, { ref: false })]);
  unsubscribe();
  const { all } = scheduler.deliveries;
  return all.length > 0 && all.every(({ outcome }) => outcome === 'succeeded');
}

function showEvent(event: SchedulerEvent, screen: Screen): void {
  switch (event.type) {
    case 'delivered':
      screen.good(`RevokeRetiredKeys ${`${event.durationMs} ms`.padStart(8)}   the function revokes what is due`);
      break;
    case 'attemptFailed':
      screen.bad(`RevokeRetiredKeys   ${event.error.message}`);
  }
}
