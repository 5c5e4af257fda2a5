import { expect, test } from 'vitest';
import { withDeadline } from '../../src/client/deadline.ts';

const endless = () => new Promise<never>(() => {});

test('work that is done in time is answered, and not aborted afterwards', async () => {
  const abort = new AbortController();
  expect(await withDeadline(20, abort, async () => 'done')).toBe('done');
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(abort.signal.aborted).toBe(false);
});

test('work that is not is aborted, whether it listens or not', async () => {
  const abort = new AbortController();
  await expect(withDeadline(20, abort, endless)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(abort.signal.aborted).toBe(true);
});

test('work that somebody else aborts is not waited for, whether it listens or not', async () => {
  const abort = new AbortController();
  const waiting = withDeadline(2 ** 31 - 1, abort, endless);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

test('what the work rejects with is passed on', async () => {
  const work = async () => {
    throw new Error('of the work');
  };
  await expect(withDeadline(2 ** 31 - 1, new AbortController(), work)).rejects.toThrow('of the work');
});
