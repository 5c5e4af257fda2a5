import { parseArgs } from 'node:util';
import { anyLife, anySchedule, anyV2Schedule } from './arbitrary.ts';
import {
  everyAct,
  everyActAndMishap,
  everyActInAPause,
  everyEvent,
  everyHurry,
  everyMishap,
  everyPair,
  everyRace,
  everyRule,
} from './exhaustive.ts';
import { lives } from './lives.ts';
import { printTally } from './print.ts';
import { drawn, shrinkFindings } from './search.ts';
import { count, startTally } from './tally.ts';
import { furtherParts, parts as v2Parts } from './v2.ts';
import { realSteps } from './world.ts';

/**
 * The whole campaign: every mishap, every pair of them, every event, every act of others with every mishap, and as many
 * schedules drawn at random as asked for; of v1 keys, of v2 keys, and of the lives of three secrets.
 *
 *     tsx tests/faults/campaign.ts --schedules 20000 --seed 1 [--only lives] [--wire 300]
 *
 * `--only`: the parts in whose names that is.
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    wire: { type: 'string', default: '0' },
  },
});
const [schedules, seed, wire] = [values.schedules, values.seed, values.wire].map(Number) as [number, number, number];
const say = (text: string) => process.stdout.write(`${text}\n`);

say(`seed ${seed}`);
const draw = { from: anySchedule, numRuns: schedules, seed };
const v2Draw = { ...draw, from: anyV2Schedule };
const lifeDraw = { ...draw, from: anyLife };
const tally = startTally();
const parts = {
  'one mishap, in every setting': () => everyMishap(realSteps),
  'every pair of mishaps': () => everyPair(realSteps),
  'every event that is no step': () => everyEvent(realSteps),
  'every step twice at once': () => everyRace(realSteps),
  'hardly any time': () => everyHurry(realSteps),
  'every act of others in a pause': () => everyActInAPause(realSteps),
  'keys of every lifetime, by every schedule': () => everyRule(realSteps),
  'every act of others': () => everyAct(realSteps),
  'every act, then every mishap': () => everyActAndMishap(realSteps),
  'drawn at random': () => drawn(realSteps, draw),
  ...v2Parts(realSteps),
  ...furtherParts(realSteps),
  'v2: drawn at random': () => drawn(realSteps, v2Draw),
  ...lives(realSteps),
  'lives: drawn at random': () => drawn(realSteps, lifeDraw),
};
for (const [name, part] of Object.entries(parts)) {
  if (!name.includes(values.only)) continue;
  const [before, startedAt] = [tally.schedules, process.cpuUsage()];
  for await (const played of part()) count(tally, played);
  const { user, system } = process.cpuUsage(startedAt);
  say(`${name}: ${tally.schedules - before} schedules, ${((user + system) / 1e6).toFixed(1)} s of processor time`);
}
await shrinkFindings(tally, realSteps, draw);
await shrinkFindings(tally, realSteps, v2Draw);
await shrinkFindings(tally, realSteps, lifeDraw);
printTally(tally, say);
process.exitCode = tally.findings.size > 0 ? 1 : 0;

if (wire > 0) {
  const { runOverTheWire } = await import('./wire.ts');
  const { problems } = await runOverTheWire(wire, seed, say);
  if (problems > 0) process.exitCode = 1;
}
