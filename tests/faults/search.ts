import fc from 'fast-check';
import { anySchedule } from './arbitrary.ts';
import type { RunStep } from './door.ts';
import { type Played, play } from './play.ts';
import type { Schedule } from './schedule.ts';
import type { Finding, Tally } from './tally.ts';

/** Plays schedules drawn at random; the same seed draws the same. */
export async function* drawn(run: RunStep, numRuns: number, seed: number): AsyncGenerator<Played> {
  for (const schedule of fc.sample(anySchedule, { numRuns, seed })) yield await play(schedule, run);
}

/** Replaces the drawn schedules that found something by the shortest that find the same. */
export async function shrinkFindings(tally: Tally, run: RunStep, numRuns: number, seed: number): Promise<void> {
  for (const finding of tally.findings.values()) {
    const shorter = await shrink(finding.invariant, run, numRuns, seed);
    if (shorter && size(shorter.schedule) < size(finding.schedule)) Object.assign(finding, shorter);
  }
}

/** @returns the shortest schedule found that breaks the invariant; undefined if none of the drawn does */
async function shrink(
  invariant: string,
  run: RunStep,
  numRuns: number,
  seed: number,
): Promise<Omit<Finding, 'times'> | undefined> {
  const breaks = async (schedule: Schedule) => {
    const { violations } = await play(schedule, run);
    return violations.find((violation) => violation.invariant === invariant);
  };
  const holds = fc.asyncProperty(anySchedule, async (schedule) => (await breaks(schedule)) === undefined);
  const { counterexample } = await fc.check(holds, { numRuns, seed });
  const [schedule] = counterexample ?? [];
  const violation = schedule && (await breaks(schedule));
  return violation && { ...violation, schedule };
}

function size({ mishaps, acts }: Schedule): number {
  return mishaps.length + acts.length;
}
