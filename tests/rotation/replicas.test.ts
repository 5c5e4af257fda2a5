import { ReplicateSecretToRegionsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Behaviour } from '../../src/local/secrets-manager/secrets-manager-behaviour.ts';
import { type Harness, startHarness } from '../harness.ts';
import { createSandbox } from '../sandbox.ts';

const ELSEWHERE = 'eu-west-1';

async function replicated(behaviour: Partial<Behaviour> = {}): Promise<Harness> {
  const harness = await startHarness({ behaviour });
  const AddReplicaRegions = [{ Region: ELSEWHERE }];
  await harness.client.send(new ReplicateSecretToRegionsCommand({ SecretId: harness.secretId, AddReplicaRegions }));
  return harness;
}

describe('a secret that is replicated', () => {
  test.each([
    ['in time', {}, 'InSync'],
    ['never', { replicationLagMs: Number.POSITIVE_INFINITY }, 'InProgress'],
    ['not, because it fails', { replicationFailures: new Map([[ELSEWHERE, 'KMS key is disabled']]) }, 'Failed'],
  ])('is rotated, whether its replica follows: %s', async (_, behaviour, status) => {
    const { secretsManager, secretId, versionId, firstVersionId, sandbox, labels } = await replicated(behaviour);
    const { run } = sandbox();
    await run('createSecret');
    await run('testSecret');

    expect(await run('finishSecret')).toBe('promoted');
    expect(await labels()).toMatchObject({ [firstVersionId]: ['AWSPREVIOUS'] });
    const { ReplicationStatus } = secretsManager.look('DescribeSecret', { SecretId: secretId });
    expect(ReplicationStatus).toEqual([expect.objectContaining({ Region: ELSEWHERE, Status: status })]);
    if (status !== 'InSync') return;
    const replica = { SecretId: secretId.replace('us-east-1', ELSEWHERE) };
    expect(secretsManager.look('GetSecretValue', replica, ELSEWHERE).VersionId).toBe(versionId);
  });

  test('is not rotated by a function in the Region of its replica, which says where to', async () => {
    const { secretsManager, secretId, versionId } = await replicated();
    const client = new SecretsManagerClient({ ...secretsManager.connection, region: ELSEWHERE });
    onTestFinished(() => client.destroy());
    const event = { secretId: secretId.replace('us-east-1', ELSEWHERE), versionId };

    await expect(createSandbox(client).run('createSecret', event)).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('Rotate its primary in us-east-1'),
    });
  });
});
