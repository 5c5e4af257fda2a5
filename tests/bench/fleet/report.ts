import { quantile } from '../statistics.ts';
import { printTable, type Say } from '../table.ts';
import type { Check } from './checks.ts';
import type { FleetRun } from './play.ts';

/** Where the columns of the table over time begin, in seconds: a herd shows in the first of them. */
const SINCE_S = [0, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600];

/** Of a Momento account. */
const AUTH_OPERATIONS_PER_SECOND = 5;

const FLEETS = [10, 100, 1000, 10_000, 100_000];

export function reportFleet(say: Say, run: FleetRun): void {
  const { secrets, refreshes, invocations, mostSandboxes, throttledByAws } = run;
  const rotated = secrets.flatMap(({ dueAt, rotatedAt }) => (rotatedAt === undefined ? [] : [{ dueAt, rotatedAt }]));
  const pending = rotated.map(({ dueAt, rotatedAt }) => rotatedAt - dueAt);
  const of = <T>(all: readonly T[], is: (each: T) => boolean) => String(all.filter(is).length);
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  const share = (q: number) => (pending.length === 0 ? '-' : duration(quantile(pending, q)));

  printTable(say, `${secrets.length} secrets`, [
    ['', 'figure'],
    ['rotated', `${rotated.length} of ${secrets.length}`],
    ['all of them, from the beginning of the window', duration(Math.max(0, ...rotated.map((each) => each.rotatedAt)))],
    ['at five a second they take at least', duration(floorMs(secrets.length))],
    ['pending, from due to done: median', share(0.5)],
    ['99th percentile', share(0.99)],
    ['longest', share(1)],
    ['rotations begun by Secrets Manager', String(sum(secrets.map(({ runs }) => runs)))],
    ['invocations', String(invocations.length)],
    ['that failed', of(invocations, ({ outcome }) => outcome === 'failed' || outcome === 'timed out')],
    ['that Lambda did not start', of(invocations, ({ outcome }) => outcome === 'not started')],
    ['sandboxes at once, at the most', String(mostSandboxes)],
    ['refreshes tried', String(refreshes.length)],
    ['throttled', of(refreshes, ({ isLetThrough }) => !isLetThrough)],
    ['tried again by the function itself', of(refreshes, ({ nth }) => nth > 0)],
    ['requests that Secrets Manager throttled', String(throttledByAws)],
    ['billed, s', seconds(sum(invocations.map(({ durationMs }) => durationMs)))],
    ['of that waiting for its next try, s', seconds(sum(invocations.map(({ pausedMs }) => pausedMs)))],
  ]);
  reportOverTime(say, run);
}

/** Refreshes that arrived, a second, beside the five that get through. */
function reportOverTime(say: Say, { refreshes }: FleetRun): void {
  const lastS = Math.max(0, ...refreshes.map(({ at }) => at)) / 1000;
  const rows = SINCE_S.filter((since) => since <= lastS).map((since, index) => {
    const until = SINCE_S[index + 1] ?? Math.max(lastS, since + 1);
    const within = refreshes.filter(({ at }) => at >= since * 1000 && at < until * 1000);
    const perSecond = (count: number) => (count / (until - since)).toFixed(1);
    return [
      `${duration(since * 1000)} to ${duration(until * 1000)}`,
      perSecond(within.filter(({ nth }) => nth === 0).length),
      perSecond(within.filter(({ nth }) => nth > 0).length),
      String(busiestSecond(within.map(({ at }) => at))),
      perSecond(within.filter(({ isLetThrough }) => isLetThrough).length),
    ];
  });
  printTable(say, 'Refreshes a second', [
    ['', 'first of an invocation', 'tried again by it', 'busiest second', 'let through'],
    ...rows,
  ]);
}

function busiestSecond(times: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const at of times) {
    const second = Math.floor(at / 1000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

export function reportFloor(say: Say): void {
  printTable(say, 'However they are spread: one refresh each, five a second', [
    ['secrets', ...FLEETS.map((count) => count.toLocaleString('en-US'))],
    ['at least', ...FLEETS.map((count) => duration(floorMs(count)))],
  ]);
}

export function reportChecks(say: Say, checks: readonly Check[]): void {
  printTable(say, 'Checks', [
    ['', 'holds'],
    ...checks.map(({ what, broken }) => [what, broken === 0 ? 'yes' : `NO, ${broken} times`]),
  ]);
}

const floorMs = (count: number) => (1000 * count) / AUTH_OPERATIONS_PER_SECOND;

const seconds = (ms: number) => (ms / 1000).toFixed(0);

function duration(ms: number): string {
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < 3_600_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}
