import type { Broken } from './broken.ts';
import type { Played } from './play.ts';
import { type Draw, drawn, shrinkFindings } from './search.ts';
import { count, type Finding, startTally } from './tally.ts';

/** Plays schedules, the simple ones first, and then drawn ones, until one shows that the function breaks its invariant. */
export async function hunt(
  { run, caughtBy }: Broken,
  simple: AsyncGenerator<Played>[],
  draw: Draw,
): Promise<Finding | undefined> {
  for (const search of [inTurn(...simple), drawn(run, draw)]) {
    for await (const played of search) {
      const tally = startTally();
      count(tally, played);
      const finding = tally.findings.get(caughtBy);
      if (finding === undefined) continue;
      if (finding.schedule.mishaps.length + finding.schedule.acts.length > 2) {
        await shrinkFindings({ ...tally, findings: new Map([[caughtBy, finding]]) }, run, draw);
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
