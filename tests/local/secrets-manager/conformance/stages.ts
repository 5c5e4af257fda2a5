import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, type Endpoint, listed, localstack, moto, refused, stages } from './case.ts';

/** A secret with a current version and one that has `AWSPENDING`. */
async function withPending({ client, create }: Endpoint) {
  const { name, versionId: current } = await create('1');
  const { VersionId } = await client.putSecretValue({
    SecretId: name,
    SecretString: '2',
    VersionStages: ['AWSPENDING'],
  });
  return { name, current, pending: `${VersionId}` };
}

const promote = ({ client }: Endpoint, SecretId: string, RemoveFromVersionId: string, MoveToVersionId: string) =>
  client.updateSecretVersionStage({ SecretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId, MoveToVersionId });

export const stageCases: ConformanceCase[] = [
  {
    name: 'AWSCURRENT moves when its holder is named; AWSPREVIOUS follows, AWSPENDING stays',
    source: `${localstack('test_update_secret_version_stages_return_type')}; ${moto('test_update_secret_version_stage_manually')}`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      const { $metadata: _, ...answer } = await client.updateSecretVersionStage({
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: current,
      });
      expect(answer).toEqual({ ARN: expect.any(String), Name: name });
      expect(await stages(client, name)).toEqual({
        [current]: ['AWSPREVIOUS'],
        [pending]: ['AWSCURRENT', 'AWSPENDING'],
      });
      expect((await client.getSecretValue({ SecretId: name, VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('1');
      expect((await client.getSecretValue({ SecretId: name })).SecretString).toBe('2');
    },
  },
  {
    name: 'UpdateSecret with a value moves AWSCURRENT, and AWSPREVIOUS follows',
    source: localstack('test_update_secret_version_stages_current_previous'),
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      expect(await listed(client, name)).toEqual([[versionId, ['AWSCURRENT']]]);
      const { VersionId } = await client.updateSecret({ SecretId: name, SecretString: '2' });
      expect(await listed(client, name)).toEqual([
        [versionId, ['AWSPREVIOUS']],
        [VersionId, ['AWSCURRENT']],
      ]);
    },
  },
  {
    name: 'a put after a promotion takes AWSPENDING off the version that has become the previous one',
    source: localstack('test_update_secret_version_stages_current_pending'),
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      expect(await listed(client, name)).toEqual([
        [current, ['AWSCURRENT']],
        [pending, ['AWSPENDING']],
      ]);
      await promote(endpoint, name, current, pending);
      expect(await listed(client, name)).toEqual([
        [current, ['AWSPREVIOUS']],
        [pending, ['AWSCURRENT', 'AWSPENDING']],
      ]);
      const { VersionId } = await client.putSecretValue({ SecretId: name, SecretString: '3' });
      expect(await listed(client, name)).toEqual([
        [pending, ['AWSPREVIOUS']],
        [VersionId, ['AWSCURRENT']],
      ]);
    },
  },
  {
    name: 'two rotations by hand: labels, values and the dates of the versions that were read',
    source: localstack('test_update_secret_version_stages_current_pending_cycle'),
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current: first, pending: second } = await withPending(endpoint);
      const reads = async () => (await client.getSecretValue({ SecretId: name })).SecretString;
      expect(await reads()).toBe('1');
      await promote(endpoint, name, first, second);
      expect(await reads()).toBe('2');
      const { VersionId: third } = await client.putSecretValue({
        SecretId: name,
        SecretString: '3',
        VersionStages: ['AWSPENDING'],
      });
      expect(await listed(client, name)).toEqual([
        [first, ['AWSPREVIOUS']],
        [second, ['AWSCURRENT']],
        [third, ['AWSPENDING']],
      ]);
      expect(await reads()).toBe('2');
      await promote(endpoint, name, second, `${third}`);
      expect(await listed(client, name)).toEqual([
        [second, ['AWSPREVIOUS']],
        [third, ['AWSCURRENT', 'AWSPENDING']],
      ]);
      const { Versions = [] } = await client.listSecretVersionIds({ SecretId: name });
      const lastAccess = new Map(Versions.map((version) => [version.VersionId, version.LastAccessedDate]));
      expect([lastAccess.get(second), lastAccess.get(third)]).toEqual([expect.any(Date), undefined]);
      expect(await reads()).toBe('3');
    },
  },
  {
    name: "labels of one's own stay where they are while AWSCURRENT, AWSPREVIOUS and AWSPENDING move",
    source: localstack(
      'test_update_secret_version_stages_current_pending_cycle_custom_stages_1',
      'test_update_secret_version_stages_current_pending_cycle_custom_stages_2',
    ),
    async run(endpoint) {
      const { client, create } = endpoint;
      const { name } = await create('0');
      const put = async (SecretString: string, VersionStages: string[]) =>
        `${(await client.putSecretValue({ SecretId: name, SecretString, VersionStages })).VersionId}`;
      const zero = await put('1', ['AWSCURRENT', 'PUT0']);
      const one = await put('2', ['AWSSOMETHING', 'AWSPENDING', 'PUT1']);
      expect((await listed(client, name)).slice(1)).toEqual([
        [zero, ['AWSCURRENT', 'PUT0']],
        [one, ['AWSPENDING', 'AWSSOMETHING', 'PUT1']],
      ]);
      await promote(endpoint, name, zero, one);
      expect(await listed(client, name)).toEqual([
        [zero, ['AWSPREVIOUS', 'PUT0']],
        [one, ['AWSCURRENT', 'AWSPENDING', 'AWSSOMETHING', 'PUT1']],
      ]);
      const two = await put('3', ['AWSPENDING', 'PUT2']);
      expect(await listed(client, name)).toEqual([
        [zero, ['AWSPREVIOUS', 'PUT0']],
        [one, ['AWSCURRENT', 'AWSSOMETHING', 'PUT1']],
        [two, ['AWSPENDING', 'PUT2']],
      ]);
      await promote(endpoint, name, one, two);
      expect(await listed(client, name)).toEqual([
        [zero, ['PUT0']],
        [one, ['AWSPREVIOUS', 'AWSSOMETHING', 'PUT1']],
        [two, ['AWSCURRENT', 'AWSPENDING', 'PUT2']],
      ]);
    },
  },
  {
    name: "a label of one's own is no AWSPENDING: it stays after the promotion, until it is taken off",
    source: localstack('test_update_secret_version_stages_current_pending_cycle_custom_stages_3'),
    async run(endpoint) {
      const { client, create } = endpoint;
      const { name, versionId: first } = await create('1');
      const put = { SecretId: name, SecretString: '2', VersionStages: ['PENDING'] };
      const second = `${(await client.putSecretValue(put)).VersionId}`;
      const labels = async (VersionId: string) =>
        (await client.getSecretValue({ SecretId: name, VersionId })).VersionStages?.sort();
      expect([await labels(first), await labels(second)]).toEqual([['AWSCURRENT'], ['PENDING']]);
      await promote(endpoint, name, first, second);
      expect([await labels(first), await labels(second)]).toEqual([['AWSPREVIOUS'], ['AWSCURRENT', 'PENDING']]);
      await client.updateSecretVersionStage({ SecretId: name, VersionStage: 'PENDING', RemoveFromVersionId: second });
      expect([await labels(first), await labels(second)]).toEqual([['AWSPREVIOUS'], ['AWSCURRENT']]);
    },
  },
  {
    name: 'a version without labels is listed on request only, and without VersionStages',
    source: localstack('test_deprecated_secret_version_stage'),
    async run({ client, create }) {
      const { name, versionId: first } = await create('1');
      const put = async (SecretString: string) =>
        (await client.putSecretValue({ SecretId: name, SecretString })).VersionId;
      const [second, third, fourth] = [await put('2'), await put('3'), await put('4')];
      const labelled = [
        [third, ['AWSPREVIOUS']],
        [fourth, ['AWSCURRENT']],
      ];
      expect(await listed(client, name)).toEqual(labelled);
      expect(await listed(client, name, true)).toEqual([[first, undefined], [second, undefined], ...labelled]);
    },
  },
  {
    name: 'moving AWSCURRENT without naming its holder is refused',
    source: `${api('UpdateSecretVersionStage')}, RemoveFromVersionId; ${moto('test_update_secret_version_stage_dont_specify_current_stage')}`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      await refused(
        client.updateSecretVersionStage({ SecretId: name, VersionStage: 'AWSCURRENT', MoveToVersionId: pending }),
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ` +
          `${current}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    },
  },
  {
    name: 'moving any label without naming its holder is refused',
    source: `${api('UpdateSecretVersionStage')}, RemoveFromVersionId`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current } = await withPending(endpoint);
      await refused(
        client.updateSecretVersionStage({ SecretId: name, VersionStage: 'AWSPENDING', MoveToVersionId: current }),
        'InvalidParameterException',
      );
    },
  },
  {
    name: 'naming a version that does not hold the label is refused, and nothing moves',
    source: `${api('UpdateSecretVersionStage')}: "the version ID does not match, then the operation fails"`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      await refused(
        client.updateSecretVersionStage({
          SecretId: name,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: pending,
          RemoveFromVersionId: pending,
        }),
        'InvalidParameterException',
      );
      expect(await stages(client, name)).toEqual({ [current]: ['AWSCURRENT'], [pending]: ['AWSPENDING'] });
    },
  },
  {
    name: 'a move that was made already is refused when it is repeated, since its holder has changed',
    source: `${api('UpdateSecretVersionStage')}: "the version ID does not match, then the operation fails"`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      const move = {
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: current,
      };
      await client.updateSecretVersionStage(move);
      await refused(client.updateSecretVersionStage(move), 'InvalidParameterException');
      expect((await stages(client, name))[pending]).toContain('AWSCURRENT');
    },
  },
  {
    name: 'without MoveToVersionId the label comes off, and a version without labels is deprecated',
    source: `${api('UpdateSecretVersionStage')}, MoveToVersionId; ${api('ListSecretVersionIds')}, IncludeDeprecated`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      await client.updateSecretVersionStage({
        SecretId: name,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      });
      expect(await stages(client, name)).toEqual({ [current]: ['AWSCURRENT'] });
      const labelled = await client.listSecretVersionIds({ SecretId: name });
      expect(labelled.Versions?.map((version) => version.VersionId)).toEqual([current]);
      const all = await client.listSecretVersionIds({ SecretId: name, IncludeDeprecated: true });
      expect(all.Versions?.map((version) => version.VersionId).sort()).toEqual([current, pending].sort());
    },
  },
  {
    name: 'AWSCURRENT can only be moved, not taken off',
    source: 'terraform-provider-aws, aws_secretsmanager_secret_version: the error that it avoids',
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current } = await withPending(endpoint);
      await refused(
        client.updateSecretVersionStage({
          SecretId: name,
          VersionStage: 'AWSCURRENT',
          RemoveFromVersionId: current,
        }),
        'InvalidParameterException',
        'You can only move staging label AWSCURRENT to a different secret version.',
      );
    },
  },
  {
    name: 'a custom label can be attached without naming a holder while it has none',
    source: `${api('UpdateSecretVersionStage')}, MoveToVersionId`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current } = await withPending(endpoint);
      await client.updateSecretVersionStage({ SecretId: name, VersionStage: 'mine', MoveToVersionId: current });
      expect((await stages(client, name))[current]).toEqual(['AWSCURRENT', 'mine']);
    },
  },
  {
    name: 'a label does not move to a version that does not exist',
    source: `${api('UpdateSecretVersionStage')}, Errors`,
    async run(endpoint) {
      const { client } = endpoint;
      const { name } = await withPending(endpoint);
      const moved = client.updateSecretVersionStage({
        SecretId: name,
        VersionStage: 'mine',
        MoveToVersionId: randomUUID(),
      });
      await expect(moved).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    },
  },
  {
    name: 'all versions of a secret together take no more than 20 labels',
    source: 'AWS user guide, Secrets Manager quotas: staging labels attached across all versions of a secret',
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      const labels = Array.from({ length: 19 }, (_, index) => `label-${index}`);
      for (const VersionStage of labels)
        await client.updateSecretVersionStage({ SecretId: name, VersionStage, MoveToVersionId: versionId });
      await refused(
        client.updateSecretVersionStage({ SecretId: name, VersionStage: 'one-more', MoveToVersionId: versionId }),
        'LimitExceededException',
      );
    },
  },
];
