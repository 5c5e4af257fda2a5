import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSecretsManagerService } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { handPut, SECRET, startService } from './stand-in.ts';

const DAY_MS = 86_400_000;

describe('the service in this process', () => {
  it('keeps 100 versions, and those of the last 24 hours', () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const { service } = startService({}, { now: () => now });
    const all = () =>
      service.call('ListSecretVersionIds', { SecretId: SECRET, IncludeDeprecated: true, MaxResults: 100 });
    for (let index = 0; index < 129; index += 1) handPut(service, `value ${index}`);
    expect(all().NextToken).toBeDefined();
    now = new Date(now.getTime() + DAY_MS);
    const newest = handPut(service, 'the next day');
    expect(all().Versions).toHaveLength(100);
    expect(all().NextToken).toBeUndefined();
    expect(all().Versions?.at(-1)?.VersionId).toBe(newest);
  });

  it('deletes a secret for good when its recovery window is over', () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const { service } = startService({}, { now: () => now });
    service.call('DeleteSecret', { SecretId: SECRET, RecoveryWindowInDays: 7 });
    now = new Date(now.getTime() + 7 * DAY_MS - 1);
    expect(service.call('DescribeSecret', { SecretId: SECRET }).DeletedDate).toEqual(new Date('2026-01-08T00:00:00Z'));
    now = new Date(now.getTime() + 1);
    expect(() => service.call('DescribeSecret', { SecretId: SECRET })).toThrow("can't find the specified secret");
    expect(service.call('ListSecrets', { IncludePlannedDeletion: true }).SecretList).toEqual([]);
  });

  it('has the Region and the account in its ARNs', () => {
    const service = createSecretsManagerService({ region: 'eu-west-1', accountId: '210987654321' });
    const { ARN } = service.call('CreateSecret', { Name: 'a/b' });
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:210987654321:secret:a\/b-[A-Za-z0-9]{6}$/);
  });

  it('does not find a name that ends like an ARN by its partial ARN', () => {
    const service = createSecretsManagerService();
    const { ARN = '' } = service.call('CreateSecret', { Name: 'name-a1b2c3' });
    expect(service.call('DescribeSecret', { SecretId: ARN }).Name).toBe('name-a1b2c3');
    expect(() => service.call('DescribeSecret', { SecretId: ARN.slice(0, -7) })).toThrow("can't find");
    expect(service.call('DescribeSecret', { SecretId: 'name-a1b2c3' }).ARN).toBe(ARN);
  });

  it('gives its callers copies of binary values', () => {
    const service = createSecretsManagerService();
    const bytes = new Uint8Array([1, 2]);
    service.call('CreateSecret', { Name: SECRET, SecretBinary: bytes, ClientRequestToken: randomUUID() });
    bytes[0] = 9;
    expect(service.call('GetSecretValue', { SecretId: SECRET }).SecretBinary).toEqual(new Uint8Array([1, 2]));
  });

  it('lists in the order that was asked for', () => {
    let now = 0;
    const service = createSecretsManagerService({ now: () => new Date(now++) });
    for (const Name of ['b', 'c', 'a']) service.call('CreateSecret', { Name });
    const names = (input: Parameters<typeof service.call<'ListSecrets'>>[1]) =>
      service.call('ListSecrets', input).SecretList?.map((secret) => secret.Name);
    expect(names({})).toEqual(['b', 'c', 'a']);
    expect(names({ SortBy: 'name' })).toEqual(['a', 'b', 'c']);
    expect(names({ SortBy: 'created-date', SortOrder: 'desc' })).toEqual(['a', 'c', 'b']);
  });
});

describe('parameters', () => {
  it.each([
    ['PutSecretValue', 'no value', { ClientRequestToken: randomUUID() }, 'InvalidRequestException'],
    [
      'PutSecretValue',
      'two values',
      { ClientRequestToken: randomUUID(), SecretString: 's', SecretBinary: new Uint8Array([1]) },
      'InvalidParameterException',
    ],
    [
      'UpdateSecret',
      'two values',
      { ClientRequestToken: randomUUID(), SecretString: 's', SecretBinary: new Uint8Array([1]) },
      'InvalidParameterException',
    ],
    ['UpdateSecretVersionStage', 'no version', { VersionStage: 'mine' }, 'InvalidParameterException'],
    [
      'UpdateSecretVersionStage',
      'AWSCURRENT to be taken off',
      { VersionStage: 'AWSCURRENT', RemoveFromVersionId: randomUUID() },
      'InvalidParameterException',
    ],
    [
      'RotateSecret',
      'rules that no schedule has',
      { ClientRequestToken: randomUUID(), RotationRules: { ScheduleExpression: 'rate(3 hours)' } },
      'InvalidParameterException',
    ],
    ['TagResource', 'a reserved key', { Tags: [{ Key: 'aws:mine', Value: 'v' }] }, 'InvalidParameterException'],
    ['DeleteSecret', 'a window of 5 days', { RecoveryWindowInDays: 5 }, 'InvalidParameterException'],
    [
      'ReplicateSecretToRegions',
      'its own Region',
      { AddReplicaRegions: [{ Region: 'us-east-1' }] },
      'InvalidParameterException',
    ],
    ['ReplicateSecretToRegions', 'no Region', { AddReplicaRegions: [{}] }, 'InvalidParameterException'],
    ['RemoveRegionsFromReplication', 'no Region', { RemoveReplicaRegions: [] }, 'ValidationException'],
  ] as const)('of a %s with %s are refused before its secret is looked for', (action, _, rest, code) => {
    const service = createSecretsManagerService();
    expect(() => service.call(action, { SecretId: 'unknown', ...rest } as never)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('a replica', () => {
  it('can be read, shows the Region of its primary, and refuses every write', () => {
    const { service, first, rotate } = startService();
    service.markAsReplica(SECRET, 'eu-west-1');
    expect(service.call('DescribeSecret', { SecretId: SECRET }).PrimaryRegion).toBe('eu-west-1');
    expect(service.call('GetSecretValue', { SecretId: SECRET }).SecretString).toBe('first');
    const byRegion = service.call('ListSecrets', { Filters: [{ Key: 'primary-region', Values: ['eu-west'] }] });
    expect(byRegion.SecretList).toHaveLength(1);
    const writes = [
      () => handPut(service),
      () => rotate(),
      () => service.call('UpdateSecret', { SecretId: SECRET, Description: 'd' }),
      () => service.call('CancelRotateSecret', { SecretId: SECRET }),
      () => service.call('DeleteSecret', { SecretId: SECRET }),
      () => service.call('RestoreSecret', { SecretId: SECRET }),
      () => service.call('TagResource', { SecretId: SECRET, Tags: [{ Key: 'k', Value: 'v' }] }),
      () => service.call('UntagResource', { SecretId: SECRET, TagKeys: ['k'] }),
      () =>
        service.call('UpdateSecretVersionStage', {
          SecretId: SECRET,
          VersionStage: 'mine',
          MoveToVersionId: first,
        }),
    ];
    for (const write of writes)
      expect(write).toThrow(
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
      );
  });
});

describe('tags', () => {
  it.each([
    ['more than 50', Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))],
    ['the same key twice', [{ Key: 'k' }, { Key: 'k' }]],
    ['a reserved key', [{ Key: 'aws:mine', Value: 'v' }]],
  ])('refuses %s', (_name, Tags) => {
    const { service } = startService();
    expect(() => service.call('TagResource', { SecretId: SECRET, Tags })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' }),
    );
    expect(service.call('DescribeSecret', { SecretId: SECRET }).Tags).toBeUndefined();
  });
});
