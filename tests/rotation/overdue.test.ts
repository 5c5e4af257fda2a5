import { describe, expect, test } from 'vitest';
import type { RevocationSchedule } from '../../src/rotation/revocation-schedule.ts';
import { DAY, HOUR, MINUTE, startV2, type V2Stage } from './v2-stage.ts';

const unwell = {
  call: 'RevokeApiKey',
  mishap: { kind: 'error', error: { status: 503, message: 'unwell' } },
  times: Number.POSITIVE_INFINITY,
} as const;

const awaiting = async (stage: V2Stage) => (await stage.check()).map((health) => health.keysAwaitingRevocation);

async function rotate(stage: V2Stage, times: number, pauseMs = DAY): Promise<void> {
  for (let rotation = 0; rotation < times; rotation += 1) {
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
    stage.pass(pauseMs);
  }
}

describe('where the next rotation revokes, the daily check counts', () => {
  test('none, as long as rotations do', async () => {
    const stage = await startV2();
    expect(await awaiting(stage)).toEqual([0]);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await rotate(stage, 1);
      expect(await awaiting(stage)).toEqual([0]);
    }
  });

  test('those that the last rotation could not revoke, until one can', async () => {
    const stage = await startV2();
    await rotate(stage, 1);
    stage.momento.apiKeysFaults.add(unwell);
    await rotate(stage, 1);
    expect(await awaiting(stage)).toEqual([1]);
    await rotate(stage, 2);
    expect(await awaiting(stage)).toEqual([3]);

    stage.momento.apiKeysFaults.clear();
    expect(await awaiting(stage)).toEqual([3]);
    await rotate(stage, 1);
    expect(await awaiting(stage)).toEqual([0]);
  });

  test('none of those that the last rotation had to leave alone', async () => {
    const stage = await startV2();
    await rotate(stage, 4, MINUTE);
    stage.pass(DAY);
    expect(stage.liveKeys()).toHaveLength(5);
    expect(await awaiting(stage)).toEqual([0]);
  });

  test('nothing for a v1 key, and asks nobody', async () => {
    const stage = await startV2({
      secretString: (momento) => momento.issueKey({ validForSeconds: 86_400 * 30 }).secretString,
    });
    stage.forgetCalls();
    expect(await awaiting(stage)).toEqual([undefined]);
    expect(stage.callsMade()).toEqual(['DescribeSecret', 'GetSecretValue']);
  });
});

describe('where a schedule revokes, the daily check counts', () => {
  const schedule: RevocationSchedule = { runAt: async () => {} };

  test.each([
    ['none within the overlap', HOUR - MINUTE, 0],
    ['none while a run may still come', 2 * HOUR - MINUTE, 0],
    ['those of a run that did not come', 2 * HOUR + MINUTE, 1],
  ])('%s', async (_, pause, count) => {
    const stage = await startV2({ schedule });
    await rotate(stage, 1, pause);
    expect(await awaiting(stage)).toEqual([count]);
  });
});

test('a register that cannot be read fails the check, after the other figures', async () => {
  const stage = await startV2();
  stage.momento.apiKeysFaults.add({
    call: 'ListApiKeys',
    mishap: { kind: 'error', error: { status: 401, message: 'no' } },
  });
  await expect(stage.check()).rejects.toMatchObject({
    failure: 'operator',
    message: expect.stringMatching(/^momento\/payments: .*It does not accept the key in secret momento\/admin/),
  });
});
