import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { DAY, startV2, type V2Stage, type V2StageOptions } from '../momento/v2-stage.ts';

/**
 * A rotation that turned out to be bad is undone by an operator, as the runbook has it: `AWSCURRENT` goes back to the version before.
 * Where the service left `AWSPENDING` on what it promoted, that version is pending by itself then, and the service tries it again.
 */

const KINDS: Record<string, V2StageOptions> = {
  'a v1 key': { secretString: (momento) => momento.issueKey().secretString },
  'a v2 key': {},
};

async function rollBack(stage: V2Stage): Promise<{ good: string; bad: string }> {
  const labels = Object.entries(await stage.labels());
  const holder = (label: string) => labels.find(([, all]) => all.includes(label))?.[0] ?? '';
  const [bad, good] = [holder('AWSCURRENT'), holder('AWSPREVIOUS')];
  await stage.moveLabel('AWSCURRENT', { from: bad, to: good });
  return { good, bad };
}

describe.each(Object.entries(KINDS))('a rollback of %s is not undone', (_, options) => {
  describe.each(['one', 'each'] as const)('with sandboxes: %s', (sandboxes) => {
    test.each([true, false])('by a retry, where the label is staged again: %s', async (restageOnRetry) => {
      const stage = await startV2({
        ...options,
        sandboxes,
        secretsManager: { pendingAfterSuccess: 'kept', restageOnRetry },
      });
      await stage.rotate();
      const { good, bad } = await rollBack(stage);
      expect((await stage.labels())[bad]?.sort()).toEqual(['AWSPENDING', 'AWSPREVIOUS']);
      const { error } = await stage.retry();

      expect(error).toMatchObject({
        failure: 'permanent',
        message: `Version ${bad} was current already, and AWSCURRENT was moved back from it: it is not promoted again. AWSPENDING was taken off version ${bad}, so that the next rotation starts clean. AWSCURRENT was not touched.`,
      });
      expect(await stage.labels()).toEqual({ [good]: ['AWSCURRENT'], [bad]: ['AWSPREVIOUS'] });
      if (restageOnRetry) expect((await stage.retry()).error).toMatchObject({ failure: 'permanent' });
      expect((await stage.labels())[good]).toEqual(['AWSCURRENT']);
    });
  });

  test('by a retry, although somebody went back once more, and took AWSPREVIOUS along', async () => {
    const stage = await startV2({
      ...options,
      sandboxes: 'each',
      secretsManager: { pendingAfterSuccess: 'kept' },
      // So that a rotation takes its time.
      momento: { newKeyKnownAfterCalls: 1 },
    });
    stage.configure({ onSleep: async () => stage.pass(1000) });
    const [oldest = ''] = Object.keys(await stage.labels());
    await stage.rotate();
    stage.pass(DAY);
    await stage.rotate();
    const { good, bad } = await rollBack(stage);
    await stage.moveLabel('AWSCURRENT', { from: good, to: oldest });
    expect((await stage.labels())[bad]).toEqual(['AWSPENDING']);
    const { error } = await stage.retry();

    expect(error).toMatchObject({ failure: 'permanent', message: expect.stringContaining('was current already') });
    expect(await stage.labels()).toEqual({ [oldest]: ['AWSCURRENT'], [good]: ['AWSPREVIOUS'] });
  });

  test.each(['each', 'one'] as const)(
    'by a late finishSecret after two moves, with sandboxes: %s',
    async (sandboxes) => {
      const stage = await startV2({ ...options, sandboxes, secretsManager: { pendingAfterSuccess: 'kept' } });
      // Time passes from the put to the end of the rotation.
      stage.momento.subscribe(() => stage.pass(10));
      await stage.rotate();
      stage.pass(DAY);
      const [older = ''] = Object.entries(await stage.labels()).find(([, all]) => all.includes('AWSPREVIOUS')) ?? [];
      const { versionId } = await stage.rotate();
      stage.pass(1000);
      const { good } = await rollBack(stage);
      await stage.moveLabel('AWSCURRENT', { from: good, to: older });
      expect((await stage.labels())[versionId]).toEqual(['AWSPENDING']);

      const late = sandboxes === 'each' ? stage.repeat('finishSecret') : stage.late('finishSecret', versionId);
      await expect(late).rejects.toMatchObject({ failure: 'permanent' });
      expect((await stage.labels())[older]).toEqual(['AWSCURRENT']);
    },
  );

  test.each(['testSecret', 'finishSecret'] as const)('by a late %s', async (step) => {
    const stage = await startV2({ ...options, secretsManager: { pendingAfterSuccess: 'kept' } });
    await stage.rotate();
    const { good, bad } = await rollBack(stage);

    await expect(stage.repeat(step)).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringContaining('was current already'),
    });
    expect(await stage.labels()).toEqual({ [good]: ['AWSCURRENT'], [bad]: ['AWSPREVIOUS'] });
  });

  test('by a finishSecret that moves the label again because an answer was lost', async () => {
    const stage = await startV2({ ...options, secretsManager: { pendingAfterSuccess: 'kept' } });
    let rolledBack: { good: string; bad: string } | undefined;
    stage.configure({
      async onSleep() {
        rolledBack ??= await rollBack(stage);
      },
    });
    stage.secretsManager.faults.add({
      call: 'UpdateSecretVersionStage',
      at: 'after',
      mishap: { kind: 'disconnect' },
    });
    const { error } = await stage.rotate();

    expect(error).toMatchObject({ failure: 'permanent', message: expect.stringContaining('was current already') });
    expect((await stage.labels())[rolledBack?.good ?? '']).toEqual(['AWSCURRENT']);
  });

  test.each(['kept', 'removed'] as const)(
    'by the whole recipe of the runbook, where AWSPENDING is %s',
    async (pendingAfterSuccess) => {
      const stage = await startV2({
        momento: { refreshTokenReuse: 'allowed' },
        ...options,
        secretsManager: { pendingAfterSuccess },
      });
      await stage.rotate();
      const { apiKey } = await stage.value(Object.keys(await stage.labels())[0]);
      await stage.operator.send(new CancelRotateSecretCommand({ SecretId: stage.secretId }));
      for (const [version, labels] of Object.entries(await stage.labels())) {
        if (labels.includes('AWSPENDING')) await stage.moveLabel('AWSPENDING', { from: version });
      }
      const { good, bad } = await rollBack(stage);
      expect(await stage.labels()).toEqual({ [good]: ['AWSCURRENT'], [bad]: ['AWSPREVIOUS'] });
      expect(stage.momento.isValid(apiKey)).toBe(true);
      stage.pass(DAY);

      const { error, versionId } = await stage.rotate();
      expect(error).toBeUndefined();
      expect(await stage.labels()).toMatchObject({ [good]: ['AWSPREVIOUS'] });
      expect((await stage.labels())[versionId]).toContain('AWSCURRENT');
      expect(stage.wrongRevocations()).toEqual([]);
    },
  );
});
