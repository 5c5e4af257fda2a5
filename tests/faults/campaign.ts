import { runCommand } from '../../src/command/command.ts';
import { readCampaignOptions } from './campaign-options.ts';
import { campaignDraws, campaignParts } from './campaign-parts.ts';
import { printTally } from './print.ts';
import { shrinkFindings } from './search.ts';
import { count, startTally } from './tally.ts';
import { realSteps } from './world.ts';

/** `npm run campaign`: every part of it, and what it found. */

const names = Object.keys(campaignParts(campaignDraws(0, 0)));
const { schedules, seed, only, wire } = readCampaignOptions(process.argv.slice(2), names);
const say = (text: string) => process.stdout.write(`${text}\n`);

await runCommand(async () => {
  say(`seed ${seed}`);
  const draws = campaignDraws(schedules, seed);
  const tally = startTally();
  for (const [name, part] of Object.entries(campaignParts(draws))) {
    if (!name.includes(only)) continue;
    const [before, startedAt] = [tally.schedules, process.cpuUsage()];
    for await (const played of part()) count(tally, played);
    const { user, system } = process.cpuUsage(startedAt);
    say(`${name}: ${tally.schedules - before} schedules, ${((user + system) / 1e6).toFixed(1)} s of processor time`);
  }
  await shrinkFindings(tally, realSteps, draws.v1);
  await shrinkFindings(tally, realSteps, draws.v2);
  await shrinkFindings(tally, realSteps, draws.lives);
  printTally(tally, say);
  process.exitCode = tally.findings.size > 0 ? 1 : 0;

  if (wire > 0) {
    const { runOverTheWire } = await import('./wire.ts');
    const { problems } = await runOverTheWire(wire, seed, say);
    if (problems > 0) process.exitCode = 1;
  }
});
