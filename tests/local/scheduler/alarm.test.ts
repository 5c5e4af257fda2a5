import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAlarm } from '../../../src/local/scheduler/alarm.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('waits for longer than a timer can, and rings then', () => {
  let next: Date | undefined = new Date(Date.now() + 40 * DAY_MS);
  const rung: Date[] = [];
  const alarm = createAlarm({
    now: () => new Date(),
    nextAt: () => next,
    ring: () => {
      rung.push(new Date());
      if (next !== undefined && next <= new Date()) next = undefined;
    },
  });
  const due = next;
  alarm.set();
  vi.advanceTimersByTime(100);
  expect(rung).toEqual([]);
  vi.advanceTimersByTime(50 * DAY_MS);
  expect(rung.at(-1)).toEqual(due);
  expect(vi.getTimerCount()).toBe(0);
});
