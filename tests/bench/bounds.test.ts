import { expect, test } from 'vitest';
import { atMost, type Bound, judge, notMeasured } from './bounds.ts';
import type { Runtime } from './runtime.ts';

const runtime = (nodeMajor: string): Runtime => ({
  node: 'node',
  nodeVersion: `v${nodeMajor}.1.0`,
  nodeMajor,
  memoryMb: 256,
  client: { name: 'a loop', file: 'loop.mjs' },
});
const KEPT = atMost('billed', 0.58, 0.57, '× naive');
const MISSED = atMost('createSecret', 0.5, 0.51, '× naive');

function judged(bounds: Bound[], nodeMajor = '24') {
  const lines: string[] = [];
  return { verdict: judge((line) => lines.push(line), bounds, runtime(nodeMajor)), text: lines.join('\n') };
}

test('a bound that is missed is a failure, and is named', () => {
  const { verdict, text } = judged([KEPT, MISSED]);
  expect(verdict).toBe(false);
  expect(text).toMatch(/createSecret \| +at most 0\.5 × naive \| +0\.51 × naive \| +NO/);
  expect(text).toContain('1 of 2 bounds are missed.');
});

test('bounds that are kept are none', () => {
  expect(judged([KEPT])).toMatchObject({ verdict: true, text: expect.stringContaining('All 1 bounds are kept.') });
});

test('what was not measured is said, and not judged', () => {
  const { verdict, text } = judged([KEPT, notMeasured('confined', 'at most 0.5 × naive')]);
  expect(verdict).toBe(true);
  expect(text).toContain('All 1 bounds are kept. 1 were not measured.');
});

test('on a Node.js that the bounds were not made for nothing is judged', () => {
  const { verdict, text } = judged([MISSED], '20');
  expect(verdict).toBe(true);
  expect(text).toContain('Not judged');
});
