import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, type Endpoint, refused, stages } from './case.ts';

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

export const stageCases: ConformanceCase[] = [
  {
    name: 'AWSCURRENT moves when its holder is named; AWSPREVIOUS follows, AWSPENDING stays',
    source: "LocalStack's snapshots of AWS, test_update_secret_version_stages_current_pending_cycle",
    async run(endpoint) {
      const { client } = endpoint;
      const { name, current, pending } = await withPending(endpoint);
      const answer = await client.updateSecretVersionStage({
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: current,
      });
      expect(answer.Name).toBe(name);
      expect(await stages(client, name)).toEqual({
        [current]: ['AWSPREVIOUS'],
        [pending]: ['AWSCURRENT', 'AWSPENDING'],
      });
    },
  },
  {
    name: 'moving AWSCURRENT without naming its holder is refused',
    source: `${api('UpdateSecretVersionStage')}, RemoveFromVersionId; terraform-provider-aws issue 19943`,
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
