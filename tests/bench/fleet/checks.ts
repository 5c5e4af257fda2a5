import type { FleetRun } from './play.ts';

/** What must hold of a fleet, whatever the switches. */
export interface Check {
  what: string;
  /** How often it does not hold. */
  broken: number;
}

/** How often the function asks again in one invocation, and what lies between at least (src/rotation/retry.ts). */
const MOST_RETRIES = 3;
const LEAST_PAUSE_MS = 1000;

export function checkFleet(run: FleetRun): Check[] {
  const { authOperationsPerSecond, secrets, issued, refreshes, invocations } = run;
  const count = <T>(all: readonly T[], isBroken: (each: T) => boolean) => all.filter(isBroken).length;
  const letThrough = refreshes.filter(({ isLetThrough }) => isLetThrough);
  return [
    { what: 'every secret was rotated', broken: count(secrets, ({ rotatedAt }) => rotatedAt === undefined) },
    { what: 'each ends with another key, which works', broken: count(secrets, ({ isGood }) => !isGood) },
    {
      what: 'nothing is lost: each key that was issued is stored, or said to be held by nobody',
      broken: count(issued, ({ isStored, isReported }) => !isStored && !isReported),
    },
    { what: 'no label is stuck: AWSPENDING only beside AWSCURRENT', broken: count(secrets, ({ isStuck }) => isStuck) },
    { what: 'no invocation ran out of time', broken: count(invocations, ({ outcome }) => outcome === 'timed out') },
    {
      what: `no thundering herd: a throttled refresh is tried again after ${LEAST_PAUSE_MS / 1000} s at least, and at most ${MOST_RETRIES} times`,
      broken: count(refreshes, ({ nth, afterMs = LEAST_PAUSE_MS }) => nth > MOST_RETRIES || afterMs < LEAST_PAUSE_MS),
    },
    {
      what: `Momento let through at most ${authOperationsPerSecond} in any second`,
      broken: count(
        letThrough.map(
          ({ at }, index) => at - (letThrough[index - authOperationsPerSecond]?.at ?? Number.NEGATIVE_INFINITY),
        ),
        (ms) => ms < 1000,
      ),
    },
  ];
}
