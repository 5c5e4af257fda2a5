import { DeleteSecretCommand, DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { ADMIN_SECRET, DAY, HOUR, MINUTE, startV2, type V2Stage, type V2StageOptions } from '../momento/v2-stage.ts';
import { createSandbox } from '../sandbox.ts';

const startScheduled = (options: V2StageOptions = {}) => startV2({ revokesOnSchedule: true, ...options });

const unwell = { call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 503, message: 'unwell' } } } as const;

async function holder(stage: V2Stage, label: string): Promise<string> {
  return Object.entries(await stage.labels()).find(([, labels]) => labels.includes(label))?.[0] ?? '';
}

/** An operator moves `AWSCURRENT` to the version that holds another label. */
async function goTo(stage: V2Stage, label: string): Promise<void> {
  await stage.moveLabel('AWSCURRENT', { from: await holder(stage, 'AWSCURRENT'), to: await holder(stage, label) });
}

describe('where a run comes each hour,', () => {
  test('the predecessor is revoked when its overlap is over, and not before', async () => {
    const stage = await startScheduled();
    const { apiKey } = await stage.value();
    await stage.rotate();

    // The hour is full before the overlap is over.
    expect(await stage.passWithRuns(HOUR)).toEqual(['nothing to revoke']);
    expect(stage.momento.isValid(apiKey)).toBe(true);

    expect(await stage.passWithRuns(2 * HOUR)).toEqual(['revoked', 'nothing to revoke']);
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.liveKeys()).toEqual([(await stage.value()).keyId]);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('an overlap may be shorter than that', async () => {
    const stage = await startScheduled({ overlapMs: 5000 });
    await stage.rotate();
    expect(await stage.passWithRuns(HOUR)).toEqual(['revoked']);
    expect(stage.liveKeys()).toHaveLength(1);
  });

  test('rotations that follow each other within the overlap keep all predecessors for their time', async () => {
    const stage = await startScheduled();
    const keys = [(await stage.value()).apiKey];
    for (const pause of [20 * MINUTE, 20 * MINUTE, 0]) {
      await stage.rotate();
      keys.push((await stage.value()).apiKey);
      await stage.passWithRuns(pause);
    }
    const live = () => keys.map((key) => stage.momento.isValid(key));
    expect(live()).toEqual([true, true, true, true]);

    await stage.passWithRuns(DAY);
    expect(live()).toEqual([false, false, false, true]);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('rotations that always do keep all keys, say so, and are made up for when they pause', async () => {
    const stage = await startScheduled({ overlapMs: 6 * HOUR });
    for (let rotation = 0; rotation < 5; rotation += 1) {
      await stage.rotate();
      await stage.passWithRuns(4 * HOUR);
    }
    expect(stage.liveKeys()).toHaveLength(6);
    expect(stage.warnings().at(-1)).toContain('Rotate less often, or make the overlap shorter.');
    await stage.passWithRuns(3 * HOUR);
    expect(stage.liveKeys()).toHaveLength(1);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('nothing is left of many rotations, whenever they come', async () => {
    const stage = await startScheduled({ overlapMs: 3 * HOUR });
    for (const pause of [MINUTE, HOUR, 4 * HOUR, 2 * HOUR, MINUTE]) {
      await stage.rotate();
      await stage.passWithRuns(pause);
    }
    await stage.passWithRuns(2 * DAY);
    expect(stage.liveKeys()).toEqual([(await stage.value()).keyId]);
    expect(stage.wrongRevocations()).toEqual([]);
    expect(stage.metrics()).not.toHaveProperty('RevocationFailed');
  });

  test('the daily check finds nothing overdue', async () => {
    const stage = await startScheduled();
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await stage.rotate();
      await stage.passWithRuns(DAY);
      expect(await stage.check()).toMatchObject({ KeysAwaitingRevocation: 0 });
    }
    expect(stage.liveKeys()).toHaveLength(1);
  });
});

test('where no run comes, rotations revoke what has no label any more', async () => {
  const stage = await startScheduled();
  const { apiKey } = await stage.value();
  await stage.rotate();
  for (const isValid of [true, false]) {
    stage.pass(DAY);
    await stage.rotate();
    expect(stage.momento.isValid(apiKey)).toBe(isValid);
  }
});

test('a run has nothing to do for a key that cannot be revoked', async () => {
  const stage = await startScheduled({
    settings: { roleId: undefined },
    secretString: (momento) => momento.issueKey({ validForSeconds: 86_400 * 30 }).secretString,
  });
  expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
  stage.forgetCalls();
  expect(await stage.passWithRuns(2 * HOUR)).toEqual(['nothing to revoke', 'nothing to revoke']);
  expect(stage.callsMade()).not.toContain('ListApiKeys');
  expect(stage.metrics()).not.toHaveProperty('KeysAwaitingRevocation');
});

/** A stage on which the overlap of the first key is over, and no run has come. */
async function startDue(options: V2StageOptions = {}): Promise<{ stage: V2Stage; apiKey: string }> {
  const stage = await startScheduled(options);
  const { apiKey } = await stage.value();
  await stage.rotate();
  stage.pass(2 * HOUR);
  return { stage, apiKey };
}

describe('a run', () => {
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

  test('that cannot revoke leaves it to the next one, and counts', async () => {
    const { stage, apiKey } = await startDue();
    stage.momento.apiKeysFaults.add({ ...unwell, times: Number.POSITIVE_INFINITY });
    expect(await stage.revokeRetired()).toBe('not done for 1 of 1');
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1] });

    stage.momento.apiKeysFaults.clear();
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(false);
  });

  test('that may not use the registry fails, and says what to do', async () => {
    const { stage } = await startDue();
    stage.momento.apiKeysFaults.add({
      call: 'ListApiKeys',
      mishap: { kind: 'error', error: { status: 403, message: 'no' } },
    });
    await expect(stage.revokeRetired()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(/^momento\/payments: .*Give the right to manage keys/),
    });
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1] });
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

  test('revokes at once what was never stored, of which nobody makes use', async () => {
    const stage = await startScheduled();
    const { apiKey } = await stage.value();
    stage.configure({ killAfter: 'GenerateApiKey' });
    await stage.rotate();
    stage.configure({ killAfter: undefined });
    stage.momento.apiKeysFaults.add({ ...unwell, times: Number.POSITIVE_INFINITY });
    expect((await stage.retry()).outcomes.at(-1)).toBe('promoted');
    stage.momento.apiKeysFaults.clear();
    expect(stage.liveKeys()).toHaveLength(3);

    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.liveKeys()).toHaveLength(2);
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('revokes nothing where nobody knows when something was changed last', async () => {
    const { stage } = await startDue();
    const live = stage.liveKeys();
    const settings = { apiKeysEndpoint: stage.momento.apiKeysEndpoint, adminSecrets: [ADMIN_SECRET] };
    const sandbox = createSandbox(withoutChangeDate(stage), {
      momento: { hosts: ['127.0.0.1'], roleId: 'operator', ...settings },
      revokesFirstKey: true,
      now: stage.now,
    });
    expect(await sandbox.revokeRetired(stage.secretId)).toBe('nothing to revoke');
    expect(stage.liveKeys()).toEqual(live);
    expect(sandbox.metrics).toEqual([['KeysAwaitingRevocation', 0]]);

    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.liveKeys()).toHaveLength(1);
  });
});

/** As the operator's, except that Secrets Manager tells no date of the last change. */
function withoutChangeDate({ operator }: V2Stage): SecretsManagerClient {
  const send = async (command: DescribeSecretCommand) => {
    const answer = await operator.send(command);
    return command instanceof DescribeSecretCommand ? { ...answer, LastChangedDate: undefined } : answer;
  };
  return { send } as unknown as SecretsManagerClient;
}

describe('a run leaves alone', () => {
  test.each([
    ['back and forth', ['AWSPREVIOUS', 'AWSPREVIOUS']],
    ['back, on, and back', ['AWSPREVIOUS', 'AWSPREVIOUS', 'AWSPREVIOUS', 'AWSPREVIOUS']],
  ])('for the overlap what an operator made current for a moment: %s', async (_, moves) => {
    const { stage, apiKey } = await startDue();
    for (const label of moves) {
      await goTo(stage, label);
      stage.pass(MINUTE);
    }
    expect(await stage.revokeRetired()).toBe('nothing to revoke');
    expect(stage.momento.isValid(apiKey)).toBe(true);
    stage.pass(HOUR);
    expect(await stage.revokeRetired()).toBe('revoked');
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('what an operator made current again, within the overlap or after it', async () => {
    const stage = await startScheduled();
    const { apiKey } = await stage.value();
    await stage.rotate();
    stage.pass(30 * MINUTE);
    await goTo(stage, 'AWSPREVIOUS');

    expect(await stage.passWithRuns(DAY)).not.toContain('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('what an operator makes current again while it is at work', async () => {
    const { stage, apiKey } = await startDue();
    let isBack = false;
    stage.configure({
      async onSleep() {
        if (!isBack) await goTo(stage, 'AWSPREVIOUS');
        isBack = true;
      },
    });
    stage.momento.apiKeysFaults.add({ call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 429 } } });
    await stage.revokeRetired();

    expect(isBack).toBe(true);
    expect((await stage.value()).apiKey).toBe(apiKey);
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test('what has a label of an operator beside AWSPREVIOUS, until that is taken off', async () => {
    const { stage, apiKey } = await startDue();
    const version = await holder(stage, 'AWSPREVIOUS');
    await stage.moveLabel('CANARY', { to: version });
    expect(await stage.passWithRuns(DAY)).not.toContain('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(true);

    await stage.moveLabel('CANARY', { from: version });
    expect(await stage.passWithRuns(2 * HOUR)).toContain('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(false);
  });

  test('what another version with a label holds as well', async () => {
    const { stage, apiKey } = await startDue();
    await stage.put(await stage.valueText(await holder(stage, 'AWSPREVIOUS')), { stages: ['CANARY'] });
    expect(await stage.passWithRuns(DAY)).not.toContain('revoked');
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test('everything, where it cannot tell which key a version holds, and says so', async () => {
    const { stage, apiKey } = await startDue();
    const version = await stage.put('{}', { stages: ['CANARY'] });
    stage.pass(2 * HOUR);
    await expect(stage.revokeRetired()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining(
        `Cannot determine which key version ${version} holds; nothing was revoked. Field "apiKey" is missing.`,
      ),
    });
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test('what a rotation has stored meanwhile and not yet promoted', async () => {
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

describe('a run measures', () => {
  test('what is left that has been due for three hours', async () => {
    const stage = await startScheduled();
    await stage.rotate();
    stage.momento.apiKeysFaults.add({ ...unwell, times: Number.POSITIVE_INFINITY });
    // Due a minute after the first of them.
    await stage.passWithRuns(5 * HOUR);
    expect(stage.metrics()['KeysAwaitingRevocation']).toEqual([0, 0, 0, 0, 1]);
    expect(stage.metrics()['RevocationFailed']).toEqual([1, 1, 1, 1]);

    stage.momento.apiKeysFaults.clear();
    await stage.passWithRuns(HOUR);
    expect(stage.metrics()['KeysAwaitingRevocation']?.at(-1)).toBe(0);
  });

  test('nothing of what cannot be looked at', async () => {
    const { stage } = await startDue();
    stage.momento.apiKeysFaults.add({ ...unwell, call: 'ListApiKeys', times: Number.POSITIVE_INFINITY });
    await stage.revokeRetired();
    expect(stage.metrics()).not.toHaveProperty('KeysAwaitingRevocation');
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1] });
  });
});

test('where no schedule is to revoke, what AWSPREVIOUS holds stays, whoever asks', async () => {
  const stage = await startV2();
  for (let rotation = 0; rotation < 3; rotation += 1) {
    await stage.rotate();
    stage.pass(MINUTE);
  }
  const [previous] = Object.entries(await stage.labels()).find(([, labels]) => labels.includes('AWSPREVIOUS')) ?? [];
  const { apiKey } = await stage.value(previous);
  stage.pass(DAY);
  expect(await stage.revokeRetired()).toBe('revoked');
  expect(stage.liveKeys()).toHaveLength(2);
  expect(stage.momento.isValid(apiKey)).toBe(true);
  expect(stage.wrongRevocations()).toEqual([]);
});
