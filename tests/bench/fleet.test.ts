import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { checkFleet } from './fleet/checks.ts';
import { compileFunction } from './fleet/compiled-function.ts';
import { type FleetOptions, type FleetRun, playFleet } from './fleet/play.ts';
import { randomOf } from './fleet/random.ts';
import { reportChecks, reportFleet, reportFloor } from './fleet/report.ts';
import { duesOf, retryAfter, type Switches } from './fleet/switches.ts';

const BUILT_FUNCTION = fileURLToPath(new URL('../../dist/lambda/index.mjs', import.meta.url));

const switches: Switches = {
  spread: 'at-once',
  window: 60,
  retryPause: 60,
  retryGrowth: 2,
  retryMost: 3600,
  retryJitter: 50,
};

let options: FleetOptions;
let run: FleetRun;
beforeAll(async () => {
  const evaluate = await compileFunction(BUILT_FUNCTION);
  // As at five a second a fleet of thirty.
  options = { count: 6, switches, seed: 1, evaluate, authOperationsPerSecond: 1 };
  run = await playFleet(options);
});

const broken = (facts: FleetRun) => checkFleet(facts).flatMap(({ what, broken: times }) => (times > 0 ? [what] : []));

describe('the built function, where more is due at once than gets through', () => {
  test('rotates each secret in the end, and loses nothing', () => {
    expect(broken(run)).toEqual([]);
    expect(run.secrets).toHaveLength(6);
    expect(run.issued).toHaveLength(6);
  });

  test('waits for a throttled refresh no longer than for three more tries, of a second or two each', () => {
    const pauses = run.refreshes.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
    // With the calls in between.
    expect(Math.max(...pauses)).toBeLessThan(2100);
    expect(Math.max(...run.refreshes.map(({ nth }) => nth))).toBe(3);
    expect(Math.max(...run.invocations.map(({ pausedMs }) => pausedMs))).toBeLessThanOrEqual(6000);
  });

  test('leaves the rest to Secrets Manager, which comes back', () => {
    const failed = run.invocations.filter(({ outcome }) => outcome === 'failed');
    const runs = run.secrets.reduce((sum, secret) => sum + secret.runs, 0);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ event }) => event.Step === 'createSecret')).toBe(true);
    expect(runs).toBe(6 + failed.length);
  });

  test('does the same once more with the same seed', async () => {
    const { secrets, refreshes } = await playFleet(options);
    expect({ secrets, refreshes }).toEqual({ secrets: run.secrets, refreshes: run.refreshes });
  });
});

describe('each check can fail', () => {
  const secret = { dueAt: 0, rotatedAt: 1, runs: 1, isStuck: false, isGood: true };
  const refresh = { at: 0, isLetThrough: false, nth: 1, afterMs: 1000 };

  test.each<[string, () => Partial<FleetRun>]>([
    ['every secret was rotated', () => ({ secrets: [{ ...secret, rotatedAt: undefined }] })],
    ['each ends with another key', () => ({ secrets: [{ ...secret, isGood: false }] })],
    ['no label is stuck', () => ({ secrets: [{ ...secret, isStuck: true }] })],
    ['nothing is lost', () => ({ issued: [{ isStored: false, isReported: false }] })],
    ['ran out of time', () => ({ invocations: [{ ...run.invocations[0], outcome: 'timed out' } as never] })],
    ['no thundering herd', () => ({ refreshes: [{ ...refresh, afterMs: 999 }] })],
    ['no thundering herd', () => ({ refreshes: [{ ...refresh, nth: 4 }] })],
    [
      'in any second',
      () => ({
        refreshes: [
          { ...refresh, isLetThrough: true },
          { ...refresh, at: 999, isLetThrough: true },
        ],
      }),
    ],
  ])('%s', (what, change) => {
    expect(broken({ ...run, ...change() })).toEqual([expect.stringContaining(what)]);
  });

  test('a key that was not stored is not lost where the function says so', () => {
    expect(broken({ ...run, issued: [{ isStored: false, isReported: true }] })).toEqual([]);
  });

  test('of a function that does nothing, it is seen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'index.mjs');
    await writeFile(file, 'const handler = async () => {}; export { handler };');

    const idle = await playFleet({ ...options, count: 2, evaluate: await compileFunction(file), hours: 1 });
    expect(broken(idle)).toEqual([
      expect.stringContaining('every secret was rotated'),
      expect.stringContaining('each ends with another key'),
      expect.stringContaining('no label is stuck'),
    ]);
  });
});

test('the report says how many tried in which second, and what holds', () => {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  reportFleet(say, run);
  reportFloor(say);
  reportChecks(say, checkFleet({ ...run, issued: [{ isStored: false, isReported: false }] }));

  const row = (start: string) =>
    lines
      .find((line) => line.startsWith(`| ${start}`))
      ?.split(/ *\| */)
      .slice(1, -1);
  expect(row('rotated')).toEqual(['rotated', '6 of 6']);
  expect(row('refreshes tried')).toEqual(['refreshes tried', String(run.refreshes.length)]);
  expect(row('0 s to 1 s')).toEqual(['0 s to 1 s', '6.0', '0.0', '6', '1.0']);
  expect(row('at least')).toEqual(['at least', '2 s', '20 s', '3.3 min', '33.3 min', '5.6 h']);
  expect(row('nothing is lost')?.[1]).toBe('NO, 1 times');
  expect(row('no label is stuck')?.[1]).toBe('yes');
});

test('what is drawn depends on the seed and the name alone', () => {
  const drawn = (seed: number, name: string) => Array.from({ length: 3 }, randomOf(seed, name));
  expect(drawn(1, 'a')).toEqual(drawn(1, 'a'));
  expect(new Set([...drawn(1, 'a'), ...drawn(2, 'a'), ...drawn(1, 'b')]).size).toBe(9);
  expect(drawn(1, 'a').every((number) => number >= 0 && number < 1)).toBe(true);
});

describe('the switches', () => {
  const half = () => 0.5;

  test.each([
    ['at-once', [0, 0, 0]],
    ['evenly', [0, 1_200_000, 2_400_000]],
    ['random', [1_800_000, 1_800_000, 1_800_000]],
  ] as const)('of rotations that are due %s', (spread, dues) => {
    expect(duesOf({ ...switches, spread }, 3, half)).toEqual(dues);
  });

  test('of pauses that grow, up to the longest, and of which a part is drawn', () => {
    const pauses = [1, 2, 3, 99].map((nth) => retryAfter(switches, nth, half));
    expect(pauses).toEqual([45_000, 90_000, 180_000, 2_700_000]);
    expect(retryAfter({ ...switches, retryJitter: 0 }, 1, half)).toBe(60_000);
  });
});
