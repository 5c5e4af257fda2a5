import { expect, test } from 'vitest';
import { runOverTheWire } from './wire.ts';

/** A sample; `npm run campaign -- --wire N` plays as many as asked. */
const SCHEDULES = 40;
const SEED = 4;

test('the bundle survives mishaps, kills and silence over the wire', async () => {
  const said: string[] = [];
  const { problems, processes } = await runOverTheWire(SCHEDULES, SEED, (line) => said.push(line));
  expect({ problems, said }).toMatchObject({ problems: 0, said: [expect.any(String)] });
  expect(processes).toBeGreaterThan(10);
}, 180_000);
