import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { api, type ConformanceCase, type Endpoint, refused, stages } from './case.ts';

const GUIDE = 'AWS user guide, Replicate secrets across Regions';

/** A secret with a replica that is in sync. */
async function replicated(endpoint: Endpoint, value = 'v') {
  const { client, create, other } = endpoint;
  const { name, arn, versionId } = await create(value);
  await client.replicateSecretToRegions({ SecretId: name, AddReplicaRegions: [{ Region: other.region }] });
  await inSync(endpoint, name);
  const [, , , region] = arn.split(':');
  return { name, arn, versionId, replicaArn: arn.replace(`:${region}:`, `:${other.region}:`), region: `${region}` };
}

async function inSync({ client, eventually }: Endpoint, SecretId: string): Promise<void> {
  await eventually(async () => {
    const { ReplicationStatus = [] } = await client.describeSecret({ SecretId });
    expect(ReplicationStatus.map(({ Status }) => Status)).toEqual(['InSync']);
  });
}

const OF_A_REPLICA = "Operation not permitted on a replica secret. Call must be made in primary secret's region.";

export const replicationCases: ConformanceCase[] = [
  {
    name: 'replication begins with InProgress and ends with InSync; then the replica has the value under an ARN of its Region',
    source: `${api('ReplicateSecretToRegions')}; AWS CLI reference, replicate-secret-to-regions and describe-secret; ${GUIDE}`,
    replicates: true,
    async run(endpoint) {
      const { client, create, other } = endpoint;
      const { name, arn, versionId } = await create('v');
      const [, , , region] = arn.split(':');
      expect((await client.describeSecret({ SecretId: name })).PrimaryRegion).toBeUndefined();
      const answer = await client.replicateSecretToRegions({
        SecretId: name,
        AddReplicaRegions: [{ Region: other.region }],
      });
      const status = { Region: other.region, KmsKeyId: 'alias/aws/secretsmanager' };
      expect(answer.ARN).toBe(arn);
      expect(answer.ReplicationStatus).toEqual([{ ...status, Status: 'InProgress' }]);
      await inSync(endpoint, name);
      const primary = await client.describeSecret({ SecretId: name });
      expect(primary.PrimaryRegion).toBe(region);
      expect(primary.ReplicationStatus).toEqual([
        { ...status, Status: 'InSync', StatusMessage: 'Replication succeeded' },
      ]);
      const replica = await other.client.describeSecret({ SecretId: name });
      expect(replica).toMatchObject({
        ARN: arn.replace(`:${region}:`, `:${other.region}:`),
        Name: name,
        PrimaryRegion: region,
        VersionIdsToStages: { [versionId]: ['AWSCURRENT'] },
      });
      expect((await other.client.getSecretValue({ SecretId: `${replica.ARN}` })).SecretString).toBe('v');
    },
  },
  {
    name: 'a secret can be created with its replicas',
    source: `${api('CreateSecret')}, AddReplicaRegions and ReplicationStatus`,
    replicates: true,
    async run(endpoint) {
      const { client, newName, other } = endpoint;
      const Name = newName();
      const created = await client.createSecret({
        Name,
        SecretString: 'v',
        Description: 'about',
        Tags: [{ Key: 'k', Value: 'v' }],
        AddReplicaRegions: [{ Region: other.region }],
      });
      expect(created.ReplicationStatus).toEqual([
        expect.objectContaining({ Region: other.region, Status: 'InProgress' }),
      ]);
      await inSync(endpoint, Name);
      const replica = await other.client.describeSecret({ SecretId: Name });
      expect(replica).toMatchObject({ Description: 'about', Tags: [{ Key: 'k', Value: 'v' }] });
    },
  },
  {
    name: 'a Region is no replica of itself',
    source: "moto's model of replication; the words as Terraform reported them from AWS",
    replicates: true,
    async run({ client, create, newName }) {
      const { name, arn } = await create('v');
      const AddReplicaRegions = [{ Region: arn.split(':')[3] }];
      const words = 'Invalid replica region.';
      await refused(
        client.replicateSecretToRegions({ SecretId: name, AddReplicaRegions }),
        'InvalidParameterException',
        words,
      );
      const created = client.createSecret({ Name: newName(), SecretString: 'v', AddReplicaRegions });
      await refused(created, 'InvalidParameterException', words);
    },
  },
  {
    name: 'a Region does not know the secrets of another, by name or by ARN',
    source: 'AWS user guide: a secret is in one Region, unless it is replicated',
    replicates: true,
    async run({ create, other }) {
      const { name, arn } = await create('v');
      for (const SecretId of [name, arn])
        await refused(other.client.getSecretValue({ SecretId }), 'ResourceNotFoundException');
    },
  },
  {
    name: 'a new value, moves of labels and tags reach the replica',
    source: `${GUIDE}: "the new secret value propagates to all of the associated replica secrets"`,
    replicates: true,
    async run(endpoint) {
      const { client, other, eventually } = endpoint;
      const { name, versionId } = await replicated(endpoint, '1');
      const put = { SecretId: name, SecretString: '2', VersionStages: ['AWSPENDING'] };
      const pending = `${(await client.putSecretValue(put)).VersionId}`;
      await eventually(async () => {
        const asked = { SecretId: name, VersionStage: 'AWSPENDING' };
        expect((await other.client.getSecretValue(asked)).SecretString).toBe('2');
      });
      expect((await other.client.getSecretValue({ SecretId: name })).SecretString).toBe('1');
      await client.updateSecretVersionStage({
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: versionId,
      });
      await client.tagResource({ SecretId: name, Tags: [{ Key: 'k', Value: 'v' }] });
      await eventually(async () => {
        expect(await stages(other.client, name)).toEqual(await stages(client, name));
        expect((await other.client.getSecretValue({ SecretId: name })).SecretString).toBe('2');
        expect((await other.client.describeSecret({ SecretId: name })).Tags).toEqual([{ Key: 'k', Value: 'v' }]);
      });
    },
  },
  {
    name: 'a rotation of the primary reaches the replica',
    source: `${GUIDE}: "If you turn on rotation for your primary secret"`,
    replicates: true,
    rotates: true,
    async run(endpoint) {
      const { client, other, eventually, promoted, rotationFunctionArn } = endpoint;
      const { name } = await replicated(endpoint, JSON.stringify({ user: 'me' }));
      const { VersionId } = await client.rotateSecret({
        SecretId: name,
        RotationLambdaARN: rotationFunctionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
      });
      await promoted(name, `${VersionId}`);
      await eventually(async () => {
        expect((await other.client.getSecretValue({ SecretId: name })).VersionId).toBe(VersionId);
        expect(await stages(other.client, name)).toEqual(await stages(client, name));
      });
    },
  },
  {
    name: 'a replica is not written, rotated, deleted or replicated',
    source: `cloud-nuke issue 435, terraform-aws-secrets-manager issue 188: observed words; ${GUIDE}`,
    replicates: true,
    async run(endpoint) {
      const { other, client, rotationFunctionArn } = endpoint;
      const { name: SecretId, versionId, region } = await replicated(endpoint);
      const before = await stages(client, SecretId);
      const writes: ((replica: SecretsManager) => Promise<unknown>)[] = [
        (replica) => replica.putSecretValue({ SecretId, SecretString: '2' }),
        (replica) => replica.updateSecret({ SecretId, SecretString: '2' }),
        (replica) => replica.updateSecret({ SecretId, Description: 'd' }),
        (replica) => replica.rotateSecret({ SecretId, RotationLambdaARN: rotationFunctionArn || 'none' }),
        (replica) => replica.cancelRotateSecret({ SecretId }),
        (replica) => replica.deleteSecret({ SecretId }),
        (replica) => replica.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true }),
        (replica) => replica.restoreSecret({ SecretId }),
        (replica) => replica.tagResource({ SecretId, Tags: [{ Key: 'k', Value: 'v' }] }),
        (replica) => replica.untagResource({ SecretId, TagKeys: ['k'] }),
        (replica) => replica.updateSecretVersionStage({ SecretId, VersionStage: 'mine', MoveToVersionId: versionId }),
        (replica) => replica.replicateSecretToRegions({ SecretId, AddReplicaRegions: [{ Region: region }] }),
        (replica) => replica.removeRegionsFromReplication({ SecretId, RemoveReplicaRegions: [region] }),
      ];
      for (const write of writes) await refused(write(other.client), 'InvalidParameterException', OF_A_REPLICA);
      expect(await stages(client, SecretId)).toEqual(before);
      expect(await stages(other.client, SecretId)).toEqual(before);
    },
  },
  {
    name: 'a primary is not deleted while it has replicas',
    source: `${api('DeleteSecret')}; cloud-nuke issue 435: observed words`,
    replicates: true,
    async run(endpoint) {
      const { client, other } = endpoint;
      const { name, arn } = await replicated(endpoint);
      const words = `You can't delete secret ${arn} that still has replica regions [${other.region}].`;
      for (const ForceDeleteWithoutRecovery of [true, false])
        await refused(
          client.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery }),
          'InvalidParameterException',
          words,
        );
      expect((await client.describeSecret({ SecretId: name })).DeletedDate).toBeUndefined();
    },
  },
  {
    name: 'a Region that is removed from the replication has no replica, and the primary can be deleted',
    source: `${api('RemoveRegionsFromReplication')}; AWS CLI reference, remove-regions-from-replication`,
    replicates: true,
    async run(endpoint) {
      const { client, other, eventually } = endpoint;
      const { name, arn } = await replicated(endpoint);
      const removed = await client.removeRegionsFromReplication({
        SecretId: name,
        RemoveReplicaRegions: [other.region],
      });
      expect(removed).toMatchObject({ ARN: arn, ReplicationStatus: [] });
      await eventually(() => refused(other.client.describeSecret({ SecretId: name }), 'ResourceNotFoundException'));
      await eventually(async () => {
        expect((await client.deleteSecret({ SecretId: name })).DeletionDate).toBeInstanceOf(Date);
      });
    },
  },
  {
    name: 'a replica is promoted in its own Region: it can be written then, and follows no more',
    source: `${api('StopReplicationToReplica')}; AWS user guide, Promote a replica secret`,
    replicates: true,
    async run(endpoint) {
      const { client, other, eventually } = endpoint;
      const { name, arn, replicaArn } = await replicated(endpoint, '1');
      await refused(client.stopReplicationToReplica({ SecretId: replicaArn }), 'ResourceNotFoundException');
      const { ARN } = await other.client.stopReplicationToReplica({ SecretId: name });
      expect(ARN).toBe(replicaArn);
      await eventually(async () => {
        await other.client.putSecretValue({ SecretId: name, SecretString: 'mine' });
      });
      await client.putSecretValue({ SecretId: name, SecretString: '2' });
      expect((await other.client.getSecretValue({ SecretId: name })).SecretString).toBe('mine');
      expect((await client.getSecretValue({ SecretId: arn })).SecretString).toBe('2');
      expect((await client.describeSecret({ SecretId: name })).ReplicationStatus ?? []).toEqual([]);
    },
  },
  {
    name: 'a name that is taken in the other Region fails the replication, unless it may be overwritten',
    source: `${api('ReplicateSecretToRegions')}, ForceOverwriteReplicaSecret; StatusMessage: moto's model of replication`,
    replicates: true,
    async run(endpoint) {
      const { client, create, other, eventually } = endpoint;
      const { name } = await create('primary');
      await other.client.createSecret({ Name: name, SecretString: 'in the way' });
      const AddReplicaRegions = [{ Region: other.region }];
      await client.replicateSecretToRegions({ SecretId: name, AddReplicaRegions });
      await eventually(async () => {
        const { ReplicationStatus = [] } = await client.describeSecret({ SecretId: name });
        expect(ReplicationStatus).toEqual([
          expect.objectContaining({ Status: 'Failed', StatusMessage: expect.stringContaining('already exists') }),
        ]);
      });
      expect((await other.client.getSecretValue({ SecretId: name })).SecretString).toBe('in the way');
      await client.replicateSecretToRegions({ SecretId: name, AddReplicaRegions, ForceOverwriteReplicaSecret: true });
      await inSync(endpoint, name);
      expect((await other.client.getSecretValue({ SecretId: name })).SecretString).toBe('primary');
    },
  },
];
