import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Behaviour } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { FUNCTION_ARN, fails, handPut, SECRET, startLocal, startService } from './stand-in.ts';

const ELSEWHERE = 'eu-west-1';
const TO_ELSEWHERE = { SecretId: SECRET, AddReplicaRegions: [{ Region: ELSEWHERE }] };

/** A service whose secret is replicated, and its clock. */
function replicated(behaviour: Partial<Behaviour> = {}, deviations = {}) {
  let now = new Date('2026-01-01T00:00:00Z').getTime();
  const stage = startService(deviations, { now: () => new Date(now), behaviour });
  const { service } = stage;
  const begun = service.call('ReplicateSecretToRegions', TO_ELSEWHERE).ReplicationStatus;
  return {
    ...stage,
    begun,
    pass: (ms: number) => {
      now += ms;
    },
    status: () => service.call('DescribeSecret', { SecretId: SECRET }).ReplicationStatus?.[0],
    replica: () => service.call('DescribeSecret', { SecretId: SECRET }, ELSEWHERE),
    valueThere: (rest = {}) => service.call('GetSecretValue', { SecretId: SECRET, ...rest }, ELSEWHERE).SecretString,
  };
}

describe('replication', () => {
  it('takes as long as it is told to, change by change', () => {
    const { service, begun, pass, status, valueThere } = replicated({ replicationLagMs: 1000 });
    expect(begun).toEqual([{ Region: ELSEWHERE, KmsKeyId: 'alias/aws/secretsmanager', Status: 'InProgress' }]);
    pass(999);
    expect(status()).toMatchObject({ Status: 'InProgress' });
    expect(() => valueThere()).toThrow("can't find the specified secret.");
    pass(1);
    expect(status()).toMatchObject({ Status: 'InSync', StatusMessage: 'Replication succeeded' });

    handPut(service, 'second');
    pass(500);
    handPut(service, 'third');
    pass(499);
    expect(valueThere()).toBe('first');
    pass(1);
    expect(valueThere()).toBe('second');
    expect(status()).toMatchObject({ Status: 'InProgress' });
    pass(500);
    expect(valueThere()).toBe('third');
    expect(status()).toMatchObject({ Status: 'InSync' });
  });

  it('can be stuck for good', () => {
    const { pass, status } = replicated({ replicationLagMs: Number.POSITIVE_INFINITY });
    pass(1e12);
    expect(status()).toMatchObject({ Status: 'InProgress' });
  });

  it('can fail, leaves the replica as it was then, and succeeds with the next change', () => {
    const replicationFailures = new Map<string, string>();
    const { service, status, valueThere } = replicated({ replicationFailures });
    expect(valueThere()).toBe('first');
    replicationFailures.set(ELSEWHERE, 'KMS key is disabled');
    handPut(service, 'second');
    expect(status()).toMatchObject({ Status: 'Failed', StatusMessage: 'KMS key is disabled' });
    expect(valueThere()).toBe('first');
    replicationFailures.clear();
    handPut(service, 'third');
    expect(status()).toMatchObject({ Status: 'InSync' });
    expect(valueThere()).toBe('third');
  });

  it('that failed from the start is tried again by the same call, with another key', () => {
    const replicationFailures = new Map([[ELSEWHERE, 'KMS key is not found']]);
    const { service, status, replica } = replicated({ replicationFailures });
    expect(status()).toMatchObject({ Status: 'Failed' });
    expect(replica).toThrow("can't find the specified secret.");
    replicationFailures.clear();
    const AddReplicaRegions = [{ Region: ELSEWHERE, KmsKeyId: 'alias/mine' }];
    service.call('ReplicateSecretToRegions', { SecretId: SECRET, AddReplicaRegions });
    expect(status()).toMatchObject({ Status: 'InSync', KmsKeyId: 'alias/mine' });
    expect(replica().KmsKeyId).toBe('alias/mine');
  });

  it('carries what a rotation does as it does it, but not the rotation itself', async () => {
    const { service, rotate, first, replica, valueThere } = replicated({}, { testSecret: fails });
    const token = rotate();
    expect(replica().VersionIdsToStages).toEqual({ [first]: ['AWSCURRENT'], [token]: ['AWSPENDING'] });
    expect(() => valueThere({ VersionStage: 'AWSPENDING' })).toThrow("can't find the specified secret value");
    await service.rotationSettled();
    expect(valueThere({ VersionStage: 'AWSPENDING' })).toBe(`value of ${token}`);
    expect(valueThere()).toBe('first');
    expect(replica()).toMatchObject({ RotationEnabled: undefined, RotationLambdaARN: undefined });
  });

  it('keeps for each Region when it was read, and the primary knows it', () => {
    const { service, status, replica, valueThere } = replicated();
    expect(status()?.LastAccessedDate).toBeUndefined();
    valueThere();
    expect(status()?.LastAccessedDate).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(service.call('DescribeSecret', { SecretId: SECRET }).LastAccessedDate).toBeUndefined();
    handPut(service);
    expect(replica().LastAccessedDate).toEqual(new Date('2026-01-01T00:00:00Z'));
    const versions = service.call('ListSecretVersionIds', { SecretId: SECRET }, ELSEWHERE).Versions;
    expect(versions?.map((version) => version.LastAccessedDate !== undefined)).toEqual([true, false]);
  });

  it("lets a replica's key be changed, and nothing else with it", () => {
    const { service, status, replica } = replicated();
    service.call('UpdateSecret', { SecretId: SECRET, KmsKeyId: 'alias/mine' }, ELSEWHERE);
    expect(replica().KmsKeyId).toBe('alias/mine');
    expect(status()?.KmsKeyId).toBe('alias/mine');
    const both = { SecretId: SECRET, KmsKeyId: 'alias/mine', Description: 'd' };
    expect(() => service.call('UpdateSecret', both, ELSEWHERE)).toThrow('not permitted on a replica');
  });

  it('is listed in its Region, and found by the Region of its primary', () => {
    const { service } = replicated();
    service.call('CreateSecret', { Name: 'alone' });
    const names = (region: string, filtered: boolean) =>
      service
        .call('ListSecrets', filtered ? { Filters: [{ Key: 'primary-region', Values: ['us-east-1'] }] } : {}, region)
        .SecretList?.map(({ Name, PrimaryRegion }) => [Name, PrimaryRegion]);
    expect(names(ELSEWHERE, false)).toEqual([[SECRET, 'us-east-1']]);
    expect(names(ELSEWHERE, true)).toEqual([[SECRET, 'us-east-1']]);
    expect(names('us-east-1', true)).toEqual([[SECRET, 'us-east-1']]);
    expect(names('us-east-1', false)).toHaveLength(2);
  });

  it('ends the rotation of a secret that it overwrites', async () => {
    const { service, notices } = startService();
    service.call('CreateSecret', { Name: SECRET }, ELSEWHERE);
    const rotation = { SecretId: SECRET, RotationLambdaARN: FUNCTION_ARN, ClientRequestToken: randomUUID() };
    service.call('RotateSecret', rotation, ELSEWHERE);
    service.call('ReplicateSecretToRegions', { ...TO_ELSEWHERE, ForceOverwriteReplicaSecret: true });
    expect(service.call('GetSecretValue', { SecretId: SECRET }, ELSEWHERE).SecretString).toBe('first');
    await service.rotationSettled();
    expect(notices).toEqual([
      expect.objectContaining({ type: 'rotationAbandoned', reason: 'deleted', secretName: SECRET }),
    ]);
  });

  it.each([
    ['has replicas of its own', ELSEWHERE, 'us-west-2'],
    ['is a replica itself', 'us-west-2', ELSEWHERE],
  ])('does not overwrite a secret that %s', (_, from, to) => {
    const { service } = startService();
    service.call('CreateSecret', { Name: SECRET, AddReplicaRegions: [{ Region: to }] }, from);
    service.call('ReplicateSecretToRegions', { ...TO_ELSEWHERE, ForceOverwriteReplicaSecret: true });
    expect(service.call('DescribeSecret', { SecretId: SECRET }).ReplicationStatus).toEqual([
      expect.objectContaining({
        Status: 'Failed',
        StatusMessage: `Replication failed: Secret name ${SECRET} already exists in region ${ELSEWHERE}.`,
      }),
    ]);
  });

  it('is answered alike when a creation is repeated', () => {
    const { service } = startService();
    const AddReplicaRegions = [{ Region: ELSEWHERE }];
    const request = { Name: 'other', SecretString: 'v', ClientRequestToken: randomUUID(), AddReplicaRegions };
    const { ReplicationStatus, ...created } = service.call('CreateSecret', request);
    expect(ReplicationStatus).toHaveLength(1);
    expect(service.call('CreateSecret', request)).toMatchObject(created);
  });

  it('leaves the other Regions when one is removed or promoted', () => {
    const { service, replica } = replicated();
    service.call('ReplicateSecretToRegions', { SecretId: SECRET, AddReplicaRegions: [{ Region: 'us-west-2' }] });
    service.call('RemoveRegionsFromReplication', {
      SecretId: SECRET,
      RemoveReplicaRegions: ['us-west-2', 'us-west-1'],
    });
    expect(() => service.call('DescribeSecret', { SecretId: SECRET }, 'us-west-2')).toThrow("can't find");
    expect(replica().PrimaryRegion).toBe('us-east-1');
    service.call('StopReplicationToReplica', { SecretId: SECRET }, ELSEWHERE);
    expect(replica().PrimaryRegion).toBeUndefined();
    expect(service.call('DescribeSecret', { SecretId: SECRET })).toMatchObject({
      PrimaryRegion: undefined,
      ReplicationStatus: undefined,
    });
    expect(() => service.call('StopReplicationToReplica', { SecretId: SECRET })).toThrow(
      expect.objectContaining({ code: 'InvalidRequestException' }),
    );
  });
});

describe('Regions at one endpoint', () => {
  it('are told apart by the credential scope of the signature; without one it is the own Region', async () => {
    const { server, client } = await startLocal();
    const elsewhere = new SecretsManager({ ...server.connection, region: ELSEWHERE, maxAttempts: 1 });
    onTestFinished(() => elsewhere.destroy());
    await client.createSecret({ Name: SECRET, SecretString: 'here' });
    const { ARN } = await elsewhere.createSecret({ Name: SECRET, SecretString: 'there' });
    expect(ARN).toContain(`:secretsmanager:${ELSEWHERE}:`);
    expect((await client.getSecretValue({ SecretId: SECRET })).SecretString).toBe('here');
    expect((await elsewhere.getSecretValue({ SecretId: SECRET })).SecretString).toBe('there');
    const unsigned = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId: SECRET }),
    });
    expect(await unsigned.json()).toMatchObject({ SecretString: 'here' });
  });
});
