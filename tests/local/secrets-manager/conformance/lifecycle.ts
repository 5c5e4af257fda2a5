import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, refused } from './case.ts';

const DAY_MS = 86_400_000;

export const lifecycleCases: ConformanceCase[] = [
  {
    name: 'a secret without a value has no version',
    source: "LocalStack's snapshots of AWS, test_create_secret_version_from_empty_secret",
    async run({ client, newName }) {
      const name = newName();
      const created = await client.createSecret({ Name: name });
      expect(created.VersionId).toBeUndefined();
      const described = await client.describeSecret({ SecretId: name });
      expect(described.VersionIdsToStages).toBeUndefined();
      expect(described.RotationEnabled).toBeUndefined();
      expect(described.LastAccessedDate).toBeUndefined();
    },
  },
  {
    name: 'the token of the creation is the id of the first version, and the same creation again is answered alike',
    source: `${api('CreateSecret')}, ClientRequestToken; moto pull request 9741`,
    async run({ client, newName }) {
      const request = { Name: newName(), SecretString: 'v', ClientRequestToken: randomUUID() };
      const first = await client.createSecret(request);
      expect(first.VersionId).toBe(request.ClientRequestToken);
      const second = await client.createSecret(request);
      expect(second).toMatchObject({ ARN: first.ARN, VersionId: first.VersionId });
      await refused(client.createSecret({ ...request, SecretString: 'other' }), 'ResourceExistsException');
    },
  },
  {
    name: 'a name that is taken is refused',
    source: "LocalStack's snapshots of AWS, test_secret_exists_snapshots",
    async run({ client, create }) {
      const { name } = await create('v');
      await refused(
        client.createSecret({ Name: name, SecretString: 'v' }),
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
      );
    },
  },
  {
    name: 'a name has letters, digits and /_+=.@- only',
    source: "LocalStack's snapshots of AWS, test_invalid_secret_name",
    async run({ client, newName }) {
      const name = `${newName()}/_+=.@-`;
      await client.createSecret({ Name: name });
      await client.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery: true });
      for (const Name of [`${newName()} x`, `${newName()}*?`])
        await refused(client.createSecret({ Name, SecretString: 'v' }), 'ValidationException', 'Invalid name.');
    },
  },
  {
    name: 'a deletion is planned for 30 days later, keeps the description, and refuses values',
    source: `${api('DeleteSecret')}; LocalStack's snapshots of AWS`,
    async run({ client, create }) {
      const { name } = await create('v');
      const { DeletionDate } = await client.deleteSecret({ SecretId: name });
      const days = (Number(DeletionDate) - Date.now()) / DAY_MS;
      expect(Math.round(days)).toBe(30);
      expect((await client.describeSecret({ SecretId: name })).DeletedDate).toBeInstanceOf(Date);
      await refused(
        client.getSecretValue({ SecretId: name }),
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
      await refused(client.putSecretValue({ SecretId: name, SecretString: '2' }), 'InvalidRequestException');
      await refused(client.updateSecret({ SecretId: name, SecretString: '2' }), 'InvalidRequestException');
    },
  },
  {
    name: 'tags of a secret that is to be deleted cannot be changed',
    source: "LocalStack's snapshots of AWS, test_tag_untag_resource_on_deleted_secret",
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name });
      const words = "You can't perform this operation on the secret because it was marked for deletion.";
      const tag = client.tagResource({ SecretId: name, Tags: [{ Key: 'k', Value: 'v' }] });
      await refused(tag, 'InvalidRequestException', words);
      await refused(client.untagResource({ SecretId: name, TagKeys: ['k'] }), 'InvalidRequestException', words);
    },
  },
  {
    name: 'a secret can be restored until its recovery window is over',
    source: api('RestoreSecret'),
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name, RecoveryWindowInDays: 7 });
      expect((await client.restoreSecret({ SecretId: name })).Name).toBe(name);
      expect((await client.getSecretValue({ SecretId: name })).SecretString).toBe('v');
      expect((await client.describeSecret({ SecretId: name })).DeletedDate).toBeUndefined();
    },
  },
  {
    name: 'a name whose secret is to be deleted cannot be used again',
    source: "LocalStack's snapshots of AWS, test_exp_raised_on_creation_of_secret_scheduled_for_deletion",
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name });
      await refused(
        client.createSecret({ Name: name, SecretString: 'v' }),
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    },
  },
  {
    name: 'a second deletion is refused, unless it is forced',
    source: `${api('DeleteSecret')}; LocalStack's snapshots of AWS, test_force_delete_deleted_secret`,
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name });
      await refused(client.deleteSecret({ SecretId: name }), 'InvalidRequestException');
      expect((await client.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery: true })).Name).toBe(name);
    },
  },
  {
    name: 'a forced deletion of a secret that does not exist is no error, a planned one is',
    source: `${api('DeleteSecret')}, ForceDeleteWithoutRecovery`,
    async run({ client, newName }) {
      const SecretId = newName();
      expect((await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })).Name).toBe(SecretId);
      await refused(client.deleteSecret({ SecretId }), 'ResourceNotFoundException');
    },
  },
  {
    name: 'a recovery window has 7 to 30 days and does not go with a forced deletion',
    source: `${api('DeleteSecret')}, RecoveryWindowInDays`,
    async run({ client, create }) {
      const { name } = await create('v');
      for (const RecoveryWindowInDays of [6, 31])
        await refused(client.deleteSecret({ SecretId: name, RecoveryWindowInDays }), 'InvalidParameterException');
      await refused(
        client.deleteSecret({ SecretId: name, RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }),
        'InvalidParameterException',
      );
    },
  },
  {
    name: 'tags are added, replaced and removed by key',
    source: `${api('TagResource')}, ${api('UntagResource')}`,
    async run({ client, create }) {
      const { name } = await create('v');
      await client.tagResource({
        SecretId: name,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '1' },
        ],
      });
      await client.tagResource({ SecretId: name, Tags: [{ Key: 'b', Value: '2' }] });
      await client.untagResource({ SecretId: name, TagKeys: ['a', 'never-there'] });
      expect((await client.describeSecret({ SecretId: name })).Tags).toEqual([{ Key: 'b', Value: '2' }]);
    },
  },
  {
    name: 'reading sets LastAccessedDate, to the day',
    source: "LocalStack's AWS-validated test_last_accessed_date; DescribeSecret",
    async run({ client, create }) {
      const { name } = await create('v');
      await client.getSecretValue({ SecretId: name });
      const { LastAccessedDate } = await client.describeSecret({ SecretId: name });
      expect(Number(LastAccessedDate) % DAY_MS).toBe(0);
    },
  },
  {
    name: 'every change moves LastChangedDate',
    source: "LocalStack's AWS-validated test_last_updated_date; DescribeSecret",
    async run({ client, create }) {
      const { name } = await create('v');
      const first = (await client.describeSecret({ SecretId: name })).LastChangedDate;
      await client.updateSecret({ SecretId: name, SecretString: '2' });
      const second = (await client.describeSecret({ SecretId: name })).LastChangedDate;
      expect(Number(second)).toBeGreaterThanOrEqual(Number(first));
    },
  },
];
