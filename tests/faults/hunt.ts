import type { RunStep } from './door.ts';
import { EXTREMES, everyAct, everyMishap, everyRule } from './exhaustive.ts';
import { drawn, shrinkFindings } from './search.ts';
import { count, type Finding, startTally } from './tally.ts';

/** Plays schedules, the simple ones first, until one breaks the invariant. */
export async function hunt(
  run: RunStep,
  invariant: string,
  numRuns: number,
  seed: number,
): Promise<Finding | undefined> {
  const searches = [inTurn(everyRule(run), everyMishap(run, EXTREMES), everyAct(run)), drawn(run, numRuns, seed)];
  for (const search of searches) {
    for await (const played of search) {
      const tally = startTally();
      count(tally, played);
      const finding = tally.findings.get(invariant);
      if (finding === undefined) continue;
      if (finding.schedule.mishaps.length + finding.schedule.acts.length > 2) {
        await shrinkFindings({ ...tally, findings: new Map([[invariant, finding]]) }, run, numRuns, seed);
      }
      return finding;
    }
  }
  return undefined;
}

/** One of each, until all are at their end. */
async function* inTurn<T>(...searches: AsyncGenerator<T>[]): AsyncGenerator<T> {
  let going = searches;
  while (going.length > 0) {
    const ended = new Set<AsyncGenerator<T>>();
    for (const search of going) {
      const next = await search.next();
      if (next.done) ended.add(search);
      else yield next.value;
    }
    going = going.filter((search) => !ended.has(search));
  }
}
