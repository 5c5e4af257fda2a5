import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { groups } from './conformance/groups.ts';

const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
const sources = Object.values(groups).flatMap((cases) => cases.map(({ source }) => source));

/** The rows of the recorded tests under a heading of the page. */
function rows(heading: string) {
  const section = page.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  const found = section.matchAll(/^\| `(test_\w+)`(?: \((\d)\))? +\| (yes|no)\b/gm);
  return [...found].map(([, test = '', runs = '1', held = '']) => ({
    test,
    runs: Number(runs),
    isHeld: held === 'yes',
  }));
}

it.each([
  ['LocalStack', /LocalStack's snapshots of AWS, ([\w, ]+)/g],
  ['moto', /moto's AWS-verified ([\w, ]+)/g],
])('the page says of each recorded test of %s whether the suite holds it, and counts them', (project, cited) => {
  const recorded = rows(project);
  const held = recorded.filter(({ isHeld }) => isHeld);
  const inSuite = sources.flatMap((source) =>
    [...source.matchAll(cited)].flatMap(([, tests = '']) => tests.split(', ')),
  );
  expect(held.map(({ test }) => test).sort()).toEqual([...new Set(inSuite)].sort());

  const runs = (tests: typeof recorded) => tests.reduce((sum, test) => sum + test.runs, 0);
  const counts = [recorded.length, held.length, `${runs(held)} of ${runs(recorded)}`].join(' +\\| ');
  expect(page).toMatch(new RegExp(`^\\| ${project}, .* \\| ${counts} +\\|$`, 'm'));
});
