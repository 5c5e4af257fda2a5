import fc from 'fast-check';
import type { RunStep } from './entry-point.ts';
import { type Played, play } from './play.ts';
import type { Schedule } from './schedule.ts';
import { count, type Finding, startTally, type Tally } from './tally.ts';

/** How schedules are drawn: from what, how many, and by which seed. */
export interface Draw {
  from: fc.Arbitrary<Schedule>;
  numRuns: number;
  seed: number;
}

/** Plays schedules drawn at random; the same seed draws the same. */
export async function* drawn(run: RunStep, { from, ...sample }: Draw): AsyncGenerator<Played> {
  for (const schedule of fc.sample(from, sample)) yield await play(schedule, run);
}

/** Plays schedules, and then as many drawn ones, and tells what they showed. */
export async function tallyOf(parts: readonly AsyncGenerator<Played>[], run: RunStep, draw: Draw): Promise<Tally> {
  const tally = startTally();
  for (const part of [...parts, drawn(run, draw)]) {
    for await (const played of part) count(tally, played);
  }
  await shrinkFindings(tally, run, draw);
  return tally;
}

/** Replaces the drawn schedules that found something by the shortest that find the same. */
export async function shrinkFindings(tally: Tally, run: RunStep, draw: Draw): Promise<void> {
  for (const finding of tally.findings.values()) {
    const shorter = await shrink(finding.invariant, run, draw);
    if (shorter && size(shorter.schedule) < size(finding.schedule)) Object.assign(finding, shorter);
  }
}

/** @returns the shortest schedule found that breaks the invariant; undefined if none of the drawn does */
async function shrink(
  invariant: string,
  run: RunStep,
  { from, ...sample }: Draw,
): Promise<Omit<Finding, 'times'> | undefined> {
  const breaks = async (schedule: Schedule) => {
    const { violations } = await play(schedule, run);
    return violations.find((violation) => violation.invariant === invariant);
  };
  const holds = fc.asyncProperty(from, async (schedule) => (await breaks(schedule)) === undefined);
  const { counterexample } = await fc.check(holds, sample);
  const [schedule] = counterexample ?? [];
  const violation = schedule && (await breaks(schedule));
  return violation && { ...violation, schedule };
}

function size({ mishaps, acts, life }: Schedule): number {
  return mishaps.length + acts.length + life.length;
}
