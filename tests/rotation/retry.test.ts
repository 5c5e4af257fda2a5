import { describe, expect, test } from 'vitest';
import { type Budget, keepingBack, startBudget } from '../../src/rotation/budget.ts';
import { RotationError, SecretStoreError } from '../../src/rotation/errors.ts';
import {
  backOff,
  backOffThrottled,
  backOffToTheLast,
  callTimeout,
  pause,
  retryIdempotent,
  retryWrite,
} from '../../src/rotation/retry.ts';

const RESERVE_MS = 300;

/** A budget on a clock that only sleeping moves. */
function budgetOf(ms: number): { budget: Budget; slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  const sleep = async (pauseMs: number) => {
    slept.push(pauseMs);
    now += pauseMs;
  };
  return { budget: startBudget({ now: () => now, random: () => 0.5, sleep }, ms + RESERVE_MS), slept };
}

const transient = new SecretStoreError('DescribeSecret', 'ThrottlingException', { transient: true });
const refusal = new SecretStoreError('DescribeSecret', 'AccessDeniedException', { transient: false });

describe('a pause', () => {
  test('is made when something is left after it', async () => {
    const { budget, slept } = budgetOf(101);
    expect(await pause(budget, 100)).toBe(true);
    expect(slept).toEqual([100]);
  });

  test('that would use the time up is not made', async () => {
    const { budget, slept } = budgetOf(100);
    expect(await pause(budget, 100)).toBe(false);
    expect(slept).toEqual([]);
  });
});

test('the tenth attempt is the last, unless it is tried to the last', async () => {
  const { budget } = budgetOf(60_000);
  expect(await backOff(budget, 8)).toBe(true);
  expect(await backOff(budget, 9)).toBe(false);
  expect(await backOffToTheLast(budget, 9)).toBe(true);
});

describe('where a service asks for less', () => {
  const clockOf = (random: number) => ({ ...budgetOf(60_000).budget.clock, random: () => random });

  test.each([
    [0, 1000],
    [0.999, 1999],
  ])('with %d drawn, the pause is of %i ms, whichever it is', async (random, ms) => {
    for (const attempt of [0, 1, 2]) {
      const slept: number[] = [];
      const clock = { ...clockOf(random), sleep: async (pauseMs: number) => void slept.push(pauseMs) };
      expect(await backOffThrottled({ clock, remaining: () => 60_000 }, attempt)).toBe(true);
      expect(slept).toEqual([ms]);
    }
  });

  test('it is asked three times more, however much time is left', async () => {
    const { budget, slept } = budgetOf(60_000);
    expect(await backOffThrottled(budget, 2)).toBe(true);
    expect(await backOffThrottled(budget, 3)).toBe(false);
    expect(slept).toEqual([1500]);
  });

  test('or not at all, where the pause would use the time up', async () => {
    const { budget, slept } = budgetOf(1500);
    expect(await backOffThrottled(budget, 0)).toBe(false);
    expect(slept).toEqual([]);
  });
});

describe('a call', () => {
  test.each([
    [60_000, undefined, 3000],
    [60_000, 5000, 5000],
    [1, undefined, 1],
  ])('with %i ms left, and a limit of %s, may take %i ms', (left, limit, expected) => {
    expect(callTimeout(budgetOf(left).budget, limit)).toBe(expected);
  });

  test('is not begun when no time is left', () => {
    const { budget } = budgetOf(5000);
    expect(() => callTimeout(keepingBack(budget, 5000))).toThrow(
      'The invocation has no time left for another call. Secrets Manager will try again; if this repeats, raise the timeout',
    );
    expect(() => callTimeout(keepingBack(budget, 6000))).toThrow(RotationError);
  });
});

describe('a read', () => {
  test('that is refused is not made again', async () => {
    const { budget, slept } = budgetOf(60_000);
    await expect(retryIdempotent(budget, () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(slept).toEqual([]);
  });

  test('that fails by a defect is not made again', async () => {
    const { budget, slept } = budgetOf(60_000);
    const defect = new TypeError('a defect');
    await expect(retryIdempotent(budget, () => Promise.reject(defect))).rejects.toBe(defect);
    expect(slept).toEqual([]);
  });
});

describe('a write', () => {
  /** Fails with each in turn, then succeeds. */
  const failingWith = (...errors: Error[]) => {
    let calls = 0;
    const write = async () => {
      const error = errors[calls++];
      if (error) throw error;
    };
    return { write, calls: () => calls };
  };
  const never = () => Promise.reject(new Error('no look was due'));

  test('that succeeds is not looked after', async () => {
    expect(await retryWrite(budgetOf(60_000).budget, failingWith().write, never)).toBe(true);
  });

  test('that was not answered, and had no effect, is made again', async () => {
    const { write, calls } = failingWith(transient);
    expect(await retryWrite(budgetOf(60_000).budget, write, async () => false)).toBe(true);
    expect(calls()).toBe(2);
  });

  test('that was not answered, and had its effect, is not made again', async () => {
    const { write, calls } = failingWith(transient);
    expect(await retryWrite(budgetOf(60_000).budget, write, async () => true)).toBe(true);
    expect(calls()).toBe(1);
  });

  test('that was refused because the effect is there is not its own', async () => {
    expect(await retryWrite(budgetOf(60_000).budget, failingWith(refusal).write, async () => true)).toBe(false);
  });

  test('that was not answered, and then refused because the effect is there, is its own', async () => {
    const looks = [false, true];
    const look = async () => looks.shift() ?? false;
    expect(await retryWrite(budgetOf(60_000).budget, failingWith(transient, refusal).write, look)).toBe(true);
  });

  test('that was refused, and has no effect, fails with the refusal, at once', async () => {
    const { budget, slept } = budgetOf(60_000);
    const { write, calls } = failingWith(refusal);
    await expect(retryWrite(budget, write, async () => false)).rejects.toBe(refusal);
    expect([calls(), slept]).toEqual([1, []]);
  });

  test('is looked after although no time is left to make it again', async () => {
    const { budget, slept } = budgetOf(10);
    expect(await retryWrite(budget, failingWith(transient).write, async () => true)).toBe(true);
    expect(slept).toEqual([]);
    await expect(retryWrite(budget, failingWith(transient).write, async () => false)).rejects.toBe(transient);
  });

  test('whose look is refused fails with what came first', async () => {
    const failure = new SecretStoreError('DescribeSecret', 'AccessDeniedException', { transient: false });
    const { write } = failingWith(refusal);
    await expect(retryWrite(budgetOf(60_000).budget, write, () => Promise.reject(failure))).rejects.toBe(refusal);
  });

  test('that was refused, perhaps because the effect is there, and whose look is not answered, may be made later', async () => {
    const failure = new RotationError('transient', 'No time is left.');
    const { write } = failingWith(refusal);
    await expect(retryWrite(budgetOf(60_000).budget, write, () => Promise.reject(failure))).rejects.toMatchObject({
      failure: 'transient',
      message: `${refusal.message} What is there now could not be seen: No time is left.`,
    });
  });

  test('that was not answered, and then refused, where there is no look, was not answered', async () => {
    const looks = [() => Promise.resolve(false), () => Promise.reject(transient)];
    const look = () => (looks.shift() ?? never)();
    const unanswered = new SecretStoreError('UpdateSecretVersionStage', 'ECONNRESET', { transient: true });
    const { write } = failingWith(unanswered, refusal);
    await expect(retryWrite(budgetOf(60_000).budget, write, look)).rejects.toBe(unanswered);
  });

  test.each([
    ['the look says that it must not be', new RotationError('operator', 'Rotation is off.')],
    ['the look fails by a defect', new TypeError('a defect')],
  ])('is not made again when %s', async (_, failure) => {
    const { write, calls } = failingWith(transient);
    await expect(retryWrite(budgetOf(60_000).budget, write, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(calls()).toBe(1);
  });
});
