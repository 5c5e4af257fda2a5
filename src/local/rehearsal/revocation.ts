import { readSecretValue } from '../../momento/secret-value.ts';
import { isMarked } from '../../revocation/marker.ts';
import { type Invocation, startSchedule } from '../scheduler.ts';
import { letIn, read, refused, showChecks } from './checks.ts';
import type { World } from './scenario.ts';
import type { Screen } from './screen.ts';
import { readCurrent } from './versions.ts';

/** On AWS it is an hour. */
const INTERVAL_SECONDS = 2;

interface RevocationOptions {
  /** The value that was current before the rotation. */
  previous: string;
  /** How many v2 keys were live before the rotation, and are now. */
  live: { before: number; during: number };
  pingCache: string;
  /** For how long a superseded key goes on working at least. It began before this. */
  overlapSeconds: number;
  /** Whether a key that was stored by hand, as the one before was, is revoked. Otherwise it is named. */
  revokesFirstKey: boolean;
  /** The function's log lines. */
  log: readonly string[];
}

/** What the function says of a key that it leaves alone. */
const LEFT_ALONE = /that this function did not issue, and leaves alone.*curl --request DELETE/;

/**
 * Has a schedule invoke the function until the overlap is over, and tries the keys once more.
 *
 * @returns whether the key before was revoked on schedule, or named and left alone, the new one still works, and no key is left
 * over that the function had generated
 */
export async function showRevocation(world: World, options: RevocationOptions, screen: Screen): Promise<boolean> {
  const { standIns, secretId, adminSecretId } = world;
  const { client, momento } = standIns;
  const { previous, live, pingCache, revokesFirstKey, log } = options;
  screen.heading('What happens when the overlap is over');
  const succeeded = await showInvocations(world, options, screen);

  const secretIds = [secretId, ...(adminSecretId === undefined ? [] : [adminSecretId])];
  const inUse = await Promise.all(secretIds.map(async (id) => readSecretValue(await readCurrent(client, id))));
  const after = inUse[0]?.apiKey;
  if (after === undefined) return false;
  const liveKeys = momento.liveV2Keys();
  const counts = `${live.before} before the rotation, ${live.during} during the overlap, ${liveKeys.length} now`;
  const leftOver = liveKeys
    .filter(({ description }) => isMarked(description))
    .filter(({ keyId }) => !inUse.some((value) => value.version === 2 && value.id === keyId));
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

/** @returns whether each invocation succeeded, of which the last one began when the overlap was over */
async function showInvocations(
  { standIns: { lambda }, secretId }: World,
  { overlapSeconds }: RevocationOptions,
  screen: Screen,
): Promise<boolean> {
  const event = { RevokeRetiredKeys: [secretId] };
  screen.line(
    `EventBridge Scheduler invokes the function every ${INTERVAL_SECONDS} s, every hour on AWS, with {"RevokeRetiredKeys": …}`,
  );
  const overAt = Date.now() + overlapSeconds * 1000;
  const errors: unknown[] = [];
  const wait = () => screen.underWay('until the schedule invokes the function');
  await new Promise<void>((resolve) => {
    wait();
    const onInvoked = (invocation: Invocation) => {
      const isOver = invocation.startedAt.getTime() >= overAt;
      showInvocation(invocation, isOver, screen);
      if (invocation.error) errors.push(invocation.error);
      if (!isOver) return wait();
      schedule.close();
      resolve();
    };
    const schedule = startSchedule({ invoke: lambda.invoke, event, intervalMs: INTERVAL_SECONDS * 1000, onInvoked });
  });
  return errors.length === 0;
}

function showInvocation({ durationMs, error }: Invocation, isOver: boolean, screen: Screen): void {
  if (error) {
    screen.bad(`RevokeRetiredKeys   ${error.message}`);
    return;
  }
  const what = isOver ? 'the overlap is over: the function revokes what is due' : 'the overlap is not over yet';
  screen.good(`RevokeRetiredKeys ${`${durationMs} ms`.padStart(8)}   ${what}`);
}
