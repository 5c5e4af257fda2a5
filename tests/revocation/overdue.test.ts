import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, startV2, type V2Stage } from '../momento/v2-stage.ts';

const unwell = {
  call: 'RevokeApiKey',
  mishap: { kind: 'error', error: { status: 503, message: 'unwell' } },
  times: Number.POSITIVE_INFINITY,
} as const;

const awaiting = async (stage: V2Stage) => (await stage.check()).KeysAwaitingRevocation;

async function rotate(stage: V2Stage, times: number, pauseMs = DAY): Promise<void> {
  for (let rotation = 0; rotation < times; rotation += 1) {
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
    stage.pass(pauseMs);
  }
}

describe('the daily check counts', () => {
  test('none, as long as rotations do', async () => {
    const stage = await startV2();
    expect(await awaiting(stage)).toBe(0);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await rotate(stage, 1);
      expect(await awaiting(stage)).toBe(0);
    }
  });

  test('those that the last two rotations could not revoke, until one can', async () => {
    const stage = await startV2({ revokesFirstKey: false });
    await rotate(stage, 2);
    stage.momento.apiKeysFaults.add(unwell);
    await rotate(stage, 3);
    expect(await awaiting(stage)).toBe(1);
    await rotate(stage, 1);
    expect(await awaiting(stage)).toBe(2);

    stage.momento.apiKeysFaults.clear();
    expect(await awaiting(stage)).toBe(2);
    await rotate(stage, 1);
    expect(await awaiting(stage)).toBe(0);
  });

  test('none of those that the last rotation had to leave alone', async () => {
    const stage = await startV2();
    await rotate(stage, 4, MINUTE);
    stage.pass(DAY);
    expect(stage.liveKeys()).toHaveLength(5);
    expect(await awaiting(stage)).toBe(0);
  });

  test('nothing for a v1 key, and asks nobody', async () => {
    const stage = await startV2({
      settings: { roleId: undefined },
      secretString: (momento) => momento.issueKey({ validForSeconds: 86_400 * 30 }).secretString,
    });
    stage.forgetCalls();
    expect(await awaiting(stage)).toBeUndefined();
    expect(stage.callsMade()).toEqual(['DescribeSecret', 'GetSecretValue']);
  });
});

describe('the daily check does not count, in ordinary life', () => {
  test.each([1, 12, 20, 24])('rotations a day apart, with an overlap of %i hours', async (hours) => {
    const stage = await startV2({ overlapMs: hours * HOUR });
    for (let rotation = 0; rotation < 12; rotation += 1) {
      await rotate(stage, 1, 0);
      stage.pass(HOUR);
      expect(await awaiting(stage)).toBe(0);
      stage.pass(DAY - HOUR);
    }
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('rotations that come an hour earlier each day', async () => {
    const stage = await startV2({ overlapMs: DAY });
    for (let rotation = 0; rotation < 8; rotation += 1) {
      await rotate(stage, 1, 23 * HOUR);
      expect(await awaiting(stage)).toBe(0);
    }
  });

  test('a value that was stored by hand', async () => {
    const stage = await startV2();
    await rotate(stage, 3, 7 * DAY);
    await stage.put(stage.momento.issueV2Key({ description: 'by hand' }).secretString);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await rotate(stage, 1, 7 * DAY);
      expect(await awaiting(stage)).toBe(0);
    }
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('presses of the button within the overlap', async () => {
    const stage = await startV2();
    await rotate(stage, 2, 7 * DAY);
    for (const pause of [50 * MINUTE, 30 * MINUTE, 7 * DAY]) await rotate(stage, 1, pause);
    expect(await awaiting(stage)).toBe(0);
    await rotate(stage, 1, 7 * DAY);
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('a rotation that took two hours, and the button after it', async () => {
    const stage = await startV2();
    await rotate(stage, 2, 7 * DAY);
    const unavailable = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
    stage.momento.faults.add({ call: 'Get', mishap: unavailable, times: Number.POSITIVE_INFINITY });
    await stage.rotate();
    stage.momento.faults.clear();
    stage.pass(2 * HOUR);
    expect((await stage.retry()).outcomes.at(-1)).toBe('promoted');
    stage.pass(30 * MINUTE);
    await rotate(stage, 1);
    expect(await awaiting(stage)).toBe(0);
  });
});

test('a rotation measures nothing of that: the check and the runs by the clock do', async () => {
  const stage = await startV2();
  stage.momento.apiKeysFaults.add(unwell);
  await rotate(stage, 5);
  expect(stage.metrics()).not.toHaveProperty('KeysAwaitingRevocation');
  expect(await awaiting(stage)).toBe(2);
});

test('a service that does not answer fails the check, and calls for nobody', async () => {
  const stage = await startV2();
  stage.momento.apiKeysFaults.add({ ...unwell, call: 'ListApiKeys' });
  await expect(stage.check()).rejects.toMatchObject({ failure: 'transient' });
});

test('a registry that cannot be read fails the check, after the other figures', async () => {
  const stage = await startV2();
  stage.momento.apiKeysFaults.add({
    call: 'ListApiKeys',
    mishap: { kind: 'error', error: { status: 401, message: 'no' } },
  });
  await expect(stage.check()).rejects.toMatchObject({
    failure: 'operator',
    message: expect.stringMatching(
      /^momento\/payments: .*It does not accept the key in the secret that MOMENTO_ADMIN_SECRET names/,
    ),
  });
});

describe('where a schedule is to revoke, the daily check counts', () => {
  test('what has been due for three hours, as where no run comes', async () => {
    const stage = await startV2({ revokesOnSchedule: true });
    await rotate(stage, 1, 0);
    stage.pass(4 * HOUR - MINUTE);
    expect(await awaiting(stage)).toBe(0);
    stage.pass(2 * MINUTE);
    expect(await awaiting(stage)).toBe(1);
    await stage.revokeRetired();
    expect(await awaiting(stage)).toBe(0);
  });
});
