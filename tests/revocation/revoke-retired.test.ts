import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { RotationError } from '../../src/rotation/errors.ts';
import type { RevocationSchedule } from '../../src/rotation/revocation-schedule.ts';
import { DAY, HOUR, MINUTE, startV2, type V2Stage, type V2StageOptions } from '../momento/v2-stage.ts';

/** A schedule that only notes what it is asked for. */
function noteRuns(): { runs: { secretId: string; at: number }[]; schedule: RevocationSchedule } {
  const runs: { secretId: string; at: number }[] = [];
  return {
    runs,
    schedule: {
      async runAt(secretId, at) {
        runs.push({ secretId, at: at.getTime() });
      },
    },
  };
}

async function startScheduled(options: V2StageOptions = {}) {
  const { runs, schedule } = noteRuns();
  const stage = await startV2({ schedule, ...options });
  /** Plays the runs that are due by then. */
  const passUntil = async (time: number): Promise<string[]> => {
    const outcomes: string[] = [];
    for (;;) {
      const [next] = runs.sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > time) break;
      runs.shift();
      stage.pass(Math.max(0, next.at - stage.now()));
      outcomes.push(await stage.revokeRetired(next.secretId));
    }
    stage.pass(Math.max(0, time - stage.now()));
    return outcomes;
  };
  return { stage, runs, passUntil };
}

const unwell = { call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 503, message: 'unwell' } } } as const;

describe('a rotation with a schedule', () => {
  test('has the predecessor revoked when its overlap is over, and not before', async () => {
    const { stage, runs, passUntil } = await startScheduled();
    const { apiKey } = await stage.value();
    await stage.rotate();

    expect(runs).toEqual([{ secretId: stage.secretId, at: stage.now() + HOUR + MINUTE }]);
    expect(await passUntil(stage.now() + HOUR + MINUTE - 1)).toEqual([]);
    expect(stage.momento.isValid(apiKey)).toBe(true);

    expect(await passUntil(stage.now() + 1)).toEqual(['revoked']);
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.liveKeys()).toEqual([(await stage.value()).keyId]);
    expect(runs).toEqual([]);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('may have an overlap shorter than what the dates are uncertain by', async () => {
    const { stage, runs, passUntil } = await startScheduled({ overlapMs: 5000 });
    await stage.rotate();
    expect(runs.map(({ at }) => at - stage.now())).toEqual([10_000]);
    expect(await passUntil(stage.now() + 10_000)).toEqual(['revoked']);
    expect(stage.liveKeys()).toHaveLength(1);
  });

  test('that is followed by another within the overlap keeps both predecessors for their time', async () => {
    const { stage, passUntil } = await startScheduled();
    const keys = [(await stage.value()).apiKey];
    for (const pause of [20 * MINUTE, 20 * MINUTE, 0]) {
      await stage.rotate();
      keys.push((await stage.value()).apiKey);
      await passUntil(stage.now() + pause);
    }
    const live = () => keys.map((key) => stage.momento.isValid(key));
    expect(live()).toEqual([true, true, true, true]);

    await passUntil(stage.now() + DAY);
    expect(live()).toEqual([false, false, false, true]);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('asks for a run once more when it is repeated', async () => {
    const { stage, runs } = await startScheduled();
    await stage.rotate();
    await stage.repeat('finishSecret');
    expect(runs).toHaveLength(2);
  });

  test('succeeds although none can be asked for, and rotations revoke what has no label any more', async () => {
    const schedule: RevocationSchedule = {
      runAt: () => Promise.reject(new RotationError('operator', 'EventBridge Scheduler refused.')),
    };
    const stage = await startV2({ schedule });
    const { apiKey } = await stage.value();
    const { outcomes } = await stage.rotate();

    expect(outcomes.at(-1)).toBe('promoted');
    expect(stage.warnings()).toEqual([
      'The revocation of a key that nobody will use could not be scheduled: the next rotation revokes it. EventBridge Scheduler refused.',
    ]);
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1], RotationSucceeded: [1] });
    for (const isValid of [true, false]) {
      stage.pass(DAY);
      await stage.rotate();
      expect(stage.momento.isValid(apiKey)).toBe(isValid);
    }
  });

  test('asks again when it is not answered', async () => {
    let calls = 0;
    const schedule: RevocationSchedule = {
      async runAt() {
        calls += 1;
        if (calls < 3) throw new RotationError('transient', 'No answer.');
      },
    };
    const stage = await startV2({ schedule });
    await stage.rotate();
    expect(calls).toBe(3);
    expect(stage.warnings()).toEqual([]);
  });

  test('revokes what is due although the schedule never answers', async () => {
    const schedule: RevocationSchedule = {
      runAt: () => Promise.reject(new RotationError('transient', 'No answer.')),
    };
    const stage = await startV2({ schedule, remainingMs: 30_000, onSleep: (ms) => stage.pass(ms) });
    for (let rotation = 0; rotation < 4; rotation += 1) {
      const before = stage.now();
      expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
      expect(stage.now() - before).toBeLessThan(10_000);
      stage.pass(DAY);
    }
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('revokes nothing where rotations follow each other within the overlap, and says so', async () => {
    const { stage, passUntil } = await startScheduled({ overlapMs: 6 * HOUR });
    for (let rotation = 0; rotation < 5; rotation += 1) {
      await stage.rotate();
      await passUntil(stage.now() + 4 * HOUR);
    }
    expect(stage.liveKeys()).toHaveLength(6);
    expect(stage.warnings().at(-1)).toContain('Rotate less often, or make the overlap shorter.');
    await passUntil(stage.now() + 3 * HOUR);
    expect(stage.liveKeys()).toHaveLength(1);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('asks for nothing for a key that cannot be revoked', async () => {
    const { stage, runs } = await startScheduled({
      settings: { roleId: undefined },
      secretString: (momento) => momento.issueKey({ validForSeconds: 86_400 * 30 }).secretString,
    });
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
    expect(runs).toEqual([]);
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
  });
});

describe('a run', () => {
  const startDue = async (options: V2StageOptions = {}) => {
    const started = await startScheduled(options);
    const { apiKey } = await started.stage.value();
    await started.stage.rotate();
    started.stage.pass(2 * HOUR);
    return { ...started, apiKey };
  };

  test('knows the secret by its name as well', async () => {
    const { stage, apiKey } = await startDue();
    expect(await stage.revokeRetired('momento/payments')).toBe('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(false);
  });

  test('that comes twice finds its work done', async () => {
    const { stage } = await startDue();
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    expect(stage.metrics()['RevocationFailed']).toBeUndefined();
  });

  test('that comes too early has another one come', async () => {
    const { stage, runs } = await startScheduled();
    await stage.rotate();
    const completedAt = stage.now();
    runs.length = 0;
    stage.pass(10 * MINUTE);

    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    expect(stage.liveKeys()).toHaveLength(2);
    const [run] = runs;
    expect(run?.at).toBeGreaterThanOrEqual(completedAt + HOUR + MINUTE);
    expect(run?.at).toBeLessThan(completedAt + HOUR + MINUTE + 1000);
  });

  test('that cannot revoke fails, and says why', async () => {
    const { stage, apiKey } = await startDue();
    stage.momento.apiKeysFaults.add({ ...unwell, times: Number.POSITIVE_INFINITY });
    await expect(stage.revokeRetired()).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('HTTP 503'),
    });
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1] });

    stage.momento.apiKeysFaults.clear();
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(false);
  });

  test('that may not use the register fails, and says what to do', async () => {
    const { stage } = await startDue();
    stage.momento.apiKeysFaults.add({
      call: 'ListApiKeys',
      mishap: { kind: 'error', error: { status: 403, message: 'no' } },
    });
    await expect(stage.revokeRetired()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('Give the right to manage keys'),
    });
  });

  test('of a secret that is not there fails', async () => {
    const { stage } = await startDue();
    await expect(stage.revokeRetired('there/is/none')).rejects.toMatchObject({ failure: 'operator' });
  });

  test('of a secret that is being deleted leaves all as it is', async () => {
    const { stage, apiKey } = await startDue();
    await stage.operator.send(new DeleteSecretCommand({ SecretId: stage.secretId }));
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test.each([
    ['back and forth', ['AWSPREVIOUS', 'AWSPREVIOUS']],
    ['back, on, and back', ['AWSPREVIOUS', 'AWSPREVIOUS', 'AWSPREVIOUS', 'AWSPREVIOUS']],
  ])('leaves alone what an operator made current for a moment: %s', async (_, moves) => {
    const { stage, apiKey } = await startDue();
    for (const label of moves) {
      const labels = Object.entries(await stage.labels());
      const holder = (label: string) => labels.find(([, all]) => all.includes(label))?.[0] ?? '';
      await stage.moveLabel('AWSCURRENT', { from: holder('AWSCURRENT'), to: holder(label) });
      stage.pass(MINUTE);
    }
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    expect(stage.momento.isValid(apiKey)).toBe(true);
    stage.pass(HOUR);
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('takes nothing that AWSPREVIOUS holds, where there is no schedule', async () => {
    const stage = await startV2();
    await stage.rotate();
    stage.pass(2 * HOUR);
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    await stage.rotate();
    stage.pass(2 * HOUR);
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.liveKeys()).toHaveLength(2);
  });

  test('leaves alone what an operator made current again', async () => {
    const { stage, apiKey } = await startDue();
    const labels = Object.entries(await stage.labels());
    const holder = (label: string) => labels.find(([, all]) => all.includes(label))?.[0] ?? '';
    await stage.moveLabel('AWSCURRENT', { from: holder('AWSCURRENT'), to: holder('AWSPREVIOUS') });

    await stage.revokeRetired();
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('leaves alone what a rotation has stored meanwhile and not yet promoted', async () => {
    const { stage, apiKey } = await startDue();
    stage.momento.faults.add({
      call: 'Get',
      mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } },
      times: Number.POSITIVE_INFINITY,
    });
    const { versionId, error } = await stage.rotate();
    expect(error?.failure).toBe('transient');

    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    stage.pass(2 * HOUR);
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.momento.isValid((await stage.value()).apiKey)).toBe(true);
    expect(stage.momento.isValid((await stage.value(versionId)).apiKey)).toBe(true);
  });
});

test('every run that was asked for comes to an end', async () => {
  const { stage, runs, passUntil } = await startScheduled({ overlapMs: 3 * HOUR });
  const rotateAndPass = async (played: V2Stage, pause: number) => {
    await played.rotate();
    await passUntil(played.now() + pause);
  };
  for (const pause of [MINUTE, HOUR, 4 * HOUR, 2 * HOUR, MINUTE]) await rotateAndPass(stage, pause);
  await passUntil(stage.now() + 2 * DAY);
  expect(runs).toEqual([]);
  expect(stage.liveKeys()).toEqual([(await stage.value()).keyId]);
  expect(stage.wrongRevocations()).toEqual([]);
});
