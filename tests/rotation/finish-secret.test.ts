import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import type { FailureClass } from '../../src/rotation/errors.ts';
import { type Harness, type Sandbox, type SandboxOptions, startHarness } from '../harness.ts';

const denied = { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } } as const;

/** A rotation that is ready to be finished in the sandbox that did the steps before. */
async function startTested(options: SandboxOptions = {}): Promise<{ harness: Harness; sandbox: Sandbox }> {
  const harness = await startHarness();
  const sandbox = harness.sandbox(options);
  await sandbox.run('createSecret');
  await sandbox.run('testSecret');
  harness.callsSince();
  return { harness, sandbox };
}

const promoted = ({ versionId, firstVersionId }: Harness) => ({
  [firstVersionId]: ['AWSPREVIOUS'],
  [versionId]: expect.arrayContaining(['AWSCURRENT']),
});

test('promotes the version, with two calls, when this sandbox has just pinged its key', async () => {
  const { harness, sandbox } = await startTested();

  expect(await sandbox.run('finishSecret')).toBe('promoted');
  expect(harness.callsSince()).toEqual({
    secretsManager: ['DescribeSecret', 'UpdateSecretVersionStage'],
    momento: [],
  });
  expect(await harness.labels()).toEqual(promoted(harness));
  expect(sandbox.metrics).toContainEqual(['RotationSucceeded', 1]);
});

test('repeated, finds its work done', async () => {
  const { harness, sandbox } = await startTested();
  await sandbox.run('finishSecret');
  harness.callsSince();

  expect(await harness.sandbox().run('finishSecret')).toBe('already current');
  // A sandbox that has not seen the key before looks whether it is one that can be revoked.
  expect(harness.callsSince()).toEqual({ secretsManager: ['DescribeSecret', 'GetSecretValue'], momento: [] });
});

test('repeated, does not care whether it can see more', async () => {
  const { harness, sandbox } = await startTested();
  await sandbox.run('finishSecret');
  const again = harness.sandbox();
  harness.secretsManager.faults.add({ call: 'GetSecretValue', mishap: denied, times: Number.POSITIVE_INFINITY });

  expect(await again.run('finishSecret')).toBe('already current');
  expect(again).toMatchObject({ warnings: [], metrics: [] });
});

test('in two sandboxes at once, both are done', async () => {
  const { harness, sandbox } = await startTested();

  const outcomes = await Promise.all([sandbox.run('finishSecret'), harness.sandbox().run('finishSecret')]);
  expect(outcomes).toContain('promoted');
  expect(await harness.labels()).toEqual(promoted(harness));
});

test('when another sandbox moves the label at the same moment, is done, and counts no rotation of its own', async () => {
  let harness: Harness | undefined;
  const started = await startTested({ beforeMove: () => harness?.sandbox().run('finishSecret') });
  harness = started.harness;

  expect(await started.sandbox.run('finishSecret')).toBe('already current');
  expect(await harness.labels()).toEqual(promoted(harness));
  expect(started.sandbox.metrics.map(([metric]) => metric)).not.toContain('RotationSucceeded');
});

describe('pings the key itself', () => {
  test('in another sandbox', async () => {
    const { harness } = await startTested();

    expect(await harness.sandbox().run('finishSecret')).toBe('promoted');
    const calls = harness.callsSince();
    expect(calls.momento).toEqual(['Get']);
    expect(calls.secretsManager).toEqual([
      'DescribeSecret',
      'GetSecretValue',
      'GetSecretValue',
      'DescribeSecret',
      'UpdateSecretVersionStage',
    ]);
  });

  test('a minute later', async () => {
    const { harness, sandbox } = await startTested();
    sandbox.wait(60_000);

    expect(await sandbox.run('finishSecret')).toBe('promoted');
    expect(harness.callsSince().momento).toEqual(['Get']);
  });

  test('and promotes none that is refused', async () => {
    const { harness } = await startTested();
    const { versionId, firstVersionId } = harness;
    harness.momento.revokeKey((await harness.value())?.['apiKey'] as string);

    await expect(harness.sandbox().run('finishSecret')).rejects.toMatchObject({ failure: 'permanent' });
    expect(await harness.labels()).toEqual({ [firstVersionId]: ['AWSCURRENT'] });
    expect((await harness.labels())[versionId]).toBeUndefined();
  });

  test('and promotes no empty version', async () => {
    const harness = await startHarness();
    await expect(harness.sandbox().run('finishSecret')).rejects.toMatchObject({ failure: 'transient' });
    expect((await harness.labels())[harness.firstVersionId]).toEqual(['AWSCURRENT']);
  });
});

describe('moves nothing', () => {
  test.each([
    ['when the label was taken off', (h: Harness) => h.moveLabel('AWSPENDING', { from: h.versionId }), 'is not staged'],
    ['when an operator stored a value', (h: Harness) => h.put(h.momento.issueKey().secretString), 'is not staged'],
    [
      'when the rotation was cancelled',
      (h: Harness) => h.client.send(new CancelRotateSecretCommand({ SecretId: h.secretId })),
      'Rotation is off',
    ],
  ])('%s', async (_, arrange, message) => {
    const { harness, sandbox } = await startTested();
    await arrange(harness);
    const before = await harness.labels();

    await expect(sandbox.run('finishSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining(message),
    });
    expect(await harness.labels()).toEqual(before);
  });

  test('when there is nothing to move AWSCURRENT from', async () => {
    const harness = await startHarness({ secretString: null });
    const { versionId } = harness;
    await harness.put(harness.momento.issueKey().secretString, { versionId, stages: ['AWSPENDING'] });

    await expect(harness.sandbox().run('finishSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('no current value'),
    });
  });
});

describe('a value that an operator stored while the successor was being issued is not replaced', () => {
  /** The put of the successor that is under way stages the version again. */
  const overtake = async (pendingCreatedDate: 'registered' | 'stored') => {
    const harness = await startHarness({ behaviour: { pendingCreatedDate } });
    let operators = '';
    const sandbox = harness.sandbox({
      afterIssue: async () => {
        operators = await harness.put(harness.momento.issueKey().secretString);
      },
    });
    await sandbox.run('createSecret');
    await sandbox.run('testSecret');
    return { harness, sandbox, operators };
  };
  const overtaken = { failure: 'permanent', message: expect.stringContaining('is the successor of another one') };

  test('by the sandbox that issued it, which remembers', async () => {
    const { harness, sandbox, operators } = await overtake('stored');

    await expect(sandbox.run('finishSecret')).rejects.toMatchObject(overtaken);
    expect((await harness.labels())[operators]).toEqual(['AWSCURRENT']);
    expect((await harness.labels())[harness.versionId]).toBeUndefined();
  });

  test('by another sandbox, where the dates tell', async () => {
    const { harness, operators } = await overtake('registered');

    await expect(harness.sandbox().run('finishSecret')).rejects.toMatchObject(overtaken);
    expect((await harness.labels())[operators]).toEqual(['AWSCURRENT']);
  });
});

describe('the move', () => {
  test('whose answer is lost has had its effect', async () => {
    const { harness, sandbox } = await startTested();
    harness.secretsManager.faults.add({
      call: 'UpdateSecretVersionStage',
      at: 'after',
      mishap: { kind: 'disconnect' },
    });

    expect(await sandbox.run('finishSecret')).toBe('promoted');
    expect(harness.callsSince().secretsManager).toEqual([
      'DescribeSecret',
      'UpdateSecretVersionStage',
      'DescribeSecret',
    ]);
  });

  test('that had no effect is made again', async () => {
    const { harness, sandbox } = await startTested();
    harness.secretsManager.faults.add({ call: 'UpdateSecretVersionStage', mishap: { kind: 'disconnect' }, times: 2 });

    expect(await sandbox.run('finishSecret')).toBe('promoted');
    expect(await harness.labels()).toEqual(promoted(harness));
  });

  test('that is refused fails at once', async () => {
    const { harness, sandbox } = await startTested();
    harness.secretsManager.faults.add({
      call: 'UpdateSecretVersionStage',
      mishap: { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } },
    });

    await expect(sandbox.run('finishSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: 'Secrets Manager refused UpdateSecretVersionStage: AccessDeniedException: Not authorized.',
    });
  });

  test.each<[string, FailureClass, (harness: Harness) => Promise<unknown>]>([
    ['when an operator stores a value', 'operator', (h) => h.put(h.momento.issueKey().secretString)],
    ['when an operator moves AWSCURRENT', 'permanent', (h) => h.rollBack()],
  ])('is never aimed again %s at the same moment', async (_, failure, operate) => {
    let harness: Harness | undefined;
    const started = await startTested({ beforeMove: () => harness && operate(harness) });
    harness = started.harness;

    await expect(started.sandbox.run('finishSecret')).rejects.toMatchObject({ failure });
    expect((await harness.labels())[harness.versionId]).toBeUndefined();
  });

  test.each<[string, (harness: Harness) => Promise<unknown>]>([
    ['takes the label off', (h) => h.moveLabel('AWSPENDING', { from: h.versionId })],
    ['cancels the rotation', (h) => h.client.send(new CancelRotateSecretCommand({ SecretId: h.secretId }))],
    ['stores a value', (h) => h.put(h.momento.issueKey().secretString)],
    ['moves AWSCURRENT', (h) => h.rollBack()],
  ])('is not made again when an operator %s while it waits for that', async (_, operate) => {
    let harness: Harness | undefined;
    const started = await startTested({ onSleep: () => harness && operate(harness) });
    harness = started.harness;
    harness.secretsManager.faults.add({ call: 'UpdateSecretVersionStage', mishap: { kind: 'disconnect' } });

    await expect(started.sandbox.run('finishSecret')).rejects.toMatchObject({ name: 'RotationError' });
    const { [harness.versionId]: labels = [] } = await harness.labels();
    expect(labels).not.toContain('AWSCURRENT');
  });

  test('that was not answered, and is then refused, is no refusal when there is no look', async () => {
    const { harness, sandbox } = await startTested();
    const broken = { kind: 'error', error: { code: 'InternalServiceError', message: 'Broken', status: 500 } } as const;
    harness.secretsManager.faults.add(
      { call: 'UpdateSecretVersionStage', mishap: { kind: 'disconnect' } },
      { call: 'UpdateSecretVersionStage', mishap: denied },
      { call: 'DescribeSecret', mishap: broken, skip: 2, times: Number.POSITIVE_INFINITY },
    );

    await expect(sandbox.run('finishSecret')).rejects.toMatchObject({ failure: 'transient' });
  });

  test('that is refused, when the look after it is refused as well, fails with what came first', async () => {
    const { harness, sandbox } = await startTested({
      beforeMove: () => harness.secretsManager.faults.add({ call: 'DescribeSecret', mishap: denied }),
    });
    harness.secretsManager.faults.add({ call: 'UpdateSecretVersionStage', mishap: denied });

    await expect(sandbox.run('finishSecret')).rejects.toThrow('refused UpdateSecretVersionStage');
  });
});

describe('while the key is pinged, an operator may act as well:', () => {
  test.each<[string, (harness: Harness) => Promise<unknown>]>([
    ['take the label off', (h) => h.moveLabel('AWSPENDING', { from: h.versionId })],
    ['cancel the rotation', (h) => h.client.send(new CancelRotateSecretCommand({ SecretId: h.secretId }))],
    ['store a value', (h) => h.put(h.momento.issueKey().secretString)],
    ['move AWSCURRENT', (h) => h.rollBack()],
  ])('%s', async (_, operate) => {
    const { harness } = await startTested();
    harness.momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } });

    const finished = harness.sandbox({ onSleep: () => operate(harness) }).run('finishSecret');
    await expect(finished).rejects.toMatchObject({ name: 'RotationError' });
    const { [harness.versionId]: labels = [] } = await harness.labels();
    expect(labels).not.toContain('AWSCURRENT');
  });

  test('or another sandbox may finish', async () => {
    const { harness, sandbox } = await startTested();
    harness.momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } });
    const other = harness.sandbox({ onSleep: () => sandbox.run('finishSecret') });

    expect(await other.run('finishSecret')).toBe('already current');
    expect(await harness.labels()).toEqual(promoted(harness));
    expect([...sandbox.metrics, ...other.metrics].filter(([metric]) => metric === 'RotationSucceeded')).toHaveLength(1);
  });
});

describe('whose successor the version is', () => {
  test('is remembered against the dates, where it was issued here', async () => {
    const harness = await startHarness({ behaviour: { pendingCreatedDate: 'registered' } });
    const sandbox = harness.sandbox();
    await harness.rollBack();
    for (const step of ['createSecret', 'testSecret'] as const) await sandbox.run(step);

    expect(await sandbox.run('finishSecret')).toBe('promoted');
  });

  test('is told by the dates, where it was only tested here', async () => {
    const harness = await startHarness({ behaviour: { pendingCreatedDate: 'registered' } });
    const issuing = harness.sandbox({ afterIssue: () => harness.put(harness.momento.issueKey().secretString) });
    await issuing.run('createSecret');
    const testing = harness.sandbox();
    await testing.run('testSecret');

    await expect(testing.run('finishSecret')).rejects.toMatchObject({ failure: 'permanent' });
  });

  test('is asked without another ping, where it was only tested here', async () => {
    const harness = await startHarness();
    await harness.sandbox().run('createSecret');
    const testing = harness.sandbox();
    await testing.run('testSecret');
    harness.callsSince();

    expect(await testing.run('finishSecret')).toBe('promoted');
    expect(harness.callsSince().momento).toEqual([]);
  });
});
