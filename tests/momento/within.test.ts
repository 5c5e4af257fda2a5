import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from '../../src/momento/within.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what comes in time is handed on, and nothing is left that would keep the process going', async () => {
  expect(await within(1000, Promise.resolve('in time'))).toBe('in time');
  expect(vi.getTimerCount()).toBe(0);
});

test('what fails in time fails', async () => {
  await expect(within(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not come in time is not waited for', async () => {
  const waiting = within(1000, new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await waiting).toBeUndefined();
});
