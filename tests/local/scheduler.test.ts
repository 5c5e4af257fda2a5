import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Invocation, startSchedule } from '../../src/local/scheduler.ts';

const EVENT = { RevokeRetiredKeys: ['a/secret'] };
const NOON = new Date('2026-02-01T12:00:00Z');

describe('a recurring schedule', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start(invoke: (event: unknown) => Promise<unknown>) {
    const invocations: Invocation[] = [];
    const schedule = startSchedule({
      invoke,
      event: EVENT,
      intervalMs: 1000,
      onInvoked: (invocation) => invocations.push(invocation),
    });
    return { schedule, invocations };
  }

  test('invokes the function with its event, at a fixed interval, until it is closed', async () => {
    const events: unknown[] = [];
    const { schedule, invocations } = start(async (event) => events.push(event));
    await vi.advanceTimersByTimeAsync(999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(2001);
    expect(events).toEqual([EVENT, EVENT, EVENT]);
    expect(invocations.map(({ startedAt }) => startedAt.getTime() - NOON.getTime())).toEqual([1000, 2000, 3000]);
    schedule.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events).toHaveLength(3);
  });

  test('tells how long it took, and what it failed with, and tries nothing again', async () => {
    const outcomes = [
      async () => 'done',
      () => new Promise((_, reject) => setTimeout(reject, 300, new TypeError('no'))),
    ];
    const { schedule, invocations } = start(() => (outcomes.shift() ?? (() => new Promise(() => {})))());
    await vi.advanceTimersByTimeAsync(2500);
    schedule.close();
    expect(invocations).toEqual([
      { startedAt: new Date('2026-02-01T12:00:01Z'), durationMs: 0 },
      { startedAt: new Date('2026-02-01T12:00:02Z'), durationMs: 300, error: { name: 'TypeError', message: 'no' } },
    ]);
  });

  test('does not wait for an invocation that still runs, nor tells of one that ends when it is closed', async () => {
    let running = 0;
    const { schedule, invocations } = start(() => {
      running += 1;
      return new Promise((resolve) => setTimeout(resolve, 2500));
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(running).toBe(3);
    schedule.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(invocations).toEqual([]);
  });
});

test('keeps no process alive', () => {
  const source = `import { startSchedule } from './src/local/scheduler.ts';
startSchedule({ invoke: async () => {}, event: {}, intervalMs: 3_600_000, onInvoked() {} });`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    cwd,
    timeout: 60_000,
  });
  expect(status).toBe(0);
});
