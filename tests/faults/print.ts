import { invariants } from './invariants.ts';
import { MISHAPS } from './mishaps.ts';
import { describeSchedule } from './schedule.ts';
import type { Tally } from './tally.ts';

/** Prints what a campaign showed: where mishaps struck, what was checked, and what was found. */
export function printTally(tally: Tally, say: (line: string) => void): void {
  const { schedules, calls, checks, struck, findings, accepted, mended } = tally;
  const width = Math.max(...[...struck.keys()].map((name) => name.length), 0) + 2;
  say(`\n${'step and call'.padEnd(width)}${MISHAPS.map((mishap) => mishap.padStart(13)).join('')}`);
  for (const [name, row] of [...struck].sort(([a], [b]) => order(a).localeCompare(order(b)))) {
    say(`${name.padEnd(width)}${MISHAPS.map((mishap) => String(row.get(mishap) ?? 0).padStart(13)).join('')}`);
  }
  say(`\n${schedules} schedules, ${calls} calls, ${checks} checks of ${Object.keys(invariants).length + 5} invariants`);
  say(`a human was needed, and what was said mended it: ${counts(mended)}`);
  say(`accepted exceptions met: ${counts(accepted)}`);
  say(`violations: ${[...findings.values()].reduce((sum, { times }) => sum + times, 0)}`);
  for (const { invariant, detail, schedule, story, times } of findings.values()) {
    say(`\n${invariant}, in ${times} schedules: ${detail}`);
    say(indent(describeSchedule(schedule)));
    say(indent(story.join('\n')));
  }
}

/** The steps in their own order, then the rest. */
function order(name: string): string {
  return (
    String(
      ['createSecret', 'testSecret', 'finishSecret', 'rotate', 'check', 'revoke'].findIndex((step) =>
        name.startsWith(step),
      ),
    ) + name
  );
}

function counts(each: Map<string, number>): string {
  return [...each].map(([name, times]) => `${name} ${times}`).join(', ') || 'none';
}

const indent = (text: string) => text.replace(/^/gm, '  ');
