import { describe, expect, test } from 'vitest';
import { functionForTest } from './function.ts';

describe('logs', () => {
  test('come line by line, in the order of writing, from both streams, before the event is answered', async () => {
    const { lambda, lines } = await functionForTest(`export const handler = async () => {
      for (let i = 0; i < 500; i += 2) { console.log('line ' + i); console.error('line ' + (i + 1)); }
      process.stdout.write('ends without ');
      process.stdout.write('a line break');
    };`);
    await lambda.invoke({});
    const expected = Array.from({ length: 500 }, (_, i) => `line ${i}`);
    expect(lines).toEqual([...expected, 'ends without a line break']);
  });

  test('of an event are there when it is answered, however much there is', async () => {
    const { lambda, lines } = await functionForTest(
      "export const handler = async (n) => { for (let i = 0; i < n; i++) console.log('x'.repeat(1000)); };",
    );
    for (let n = 1; n <= 150; n++) {
      lines.length = 0;
      await lambda.invoke(n);
      expect(lines).toHaveLength(n);
    }
  });

  test('are complete when the process is killed right after', async () => {
    const { lambda, lines } = await functionForTest(`export const handler = async () => {
      for (let i = 0; i < 100; i++) console.log(i + ' ' + 'ü'.repeat(50_000));
      process.kill(process.pid, 'SIGKILL');
    };`);
    await lambda.invoke({}).catch(() => undefined);
    expect(lines.map((line) => line.length)).toEqual(Array.from({ length: 100 }, (_, i) => `${i} `.length + 50_000));
  });
});
