import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, expectDated, localstack, moto, refused } from './case.ts';

const DAY_MS = 86_400_000;

export const lifecycleCases: ConformanceCase[] = [
  {
    name: 'a secret without a value has no version',
    source: localstack('test_create_secret_version_from_empty_secret'),
    async run({ client, newName }) {
      const name = newName();
      const created = await client.createSecret({ Name: name, Description: '' });
      expect(created.VersionId).toBeUndefined();
      const described = await client.describeSecret({ SecretId: name });
      expect(described.Description).toBeUndefined();
      expect(described.VersionIdsToStages).toBeUndefined();
      expect(described.RotationEnabled).toBeUndefined();
      expect(described.LastAccessedDate).toBeUndefined();
      const put = await client.putSecretValue({ SecretId: name, SecretString: 'v' });
      expect(put.VersionStages).toEqual(['AWSCURRENT']);
    },
  },
  {
    name: 'a secret of any allowed name is created, read by name, ARN and partial ARN, updated and deleted',
    source: localstack('test_create_and_update_secret'),
    async run({ client, newName }) {
      for (const ending of ['', '/_+=.@-Name', '/_+=.@-Name-a1b2', '/_+=.@-Name-a1b2c3-']) {
        const Name = `${newName()}${ending}`;
        const { ARN = '', VersionId } = await client.createSecret({ Name, SecretString: '1', Description: 'about' });
        const first = { ARN, Name, VersionId, SecretString: '1', VersionStages: ['AWSCURRENT'] };
        for (const SecretId of [Name, ARN, ARN.slice(0, -7)])
          expect(await client.getSecretValue({ SecretId })).toMatchObject(first);
        expect(await client.describeSecret({ SecretId: Name })).toMatchObject({
          ARN,
          Name,
          Description: 'about',
          LastAccessedDate: expect.any(Date),
          VersionIdsToStages: { [`${VersionId}`]: ['AWSCURRENT'] },
        });
        const put = await client.putSecretValue({ SecretId: Name, SecretString: '2' });
        expect(put).toMatchObject({ ARN, Name, VersionStages: ['AWSCURRENT'] });
        expect((await client.getSecretValue({ SecretId: Name })).SecretString).toBe('2');
        const updated = await client.updateSecret({ SecretId: ARN, SecretString: '3', Description: 'anew' });
        expect(updated).toMatchObject({ ARN, Name, VersionId: expect.any(String) });
        const deleted = await client.deleteSecret({ SecretId: Name, ForceDeleteWithoutRecovery: true });
        expect(deleted).toMatchObject({ ARN, Name, DeletionDate: expect.any(Date) });
      }
    },
  },
  {
    name: 'a name that ends like the random characters of an ARN is not found by its partial ARN',
    source: localstack('test_create_and_update_secret'),
    async run({ client, newName }) {
      const Name = `${newName()}-a1b2c3`;
      const { ARN = '' } = await client.createSecret({ Name, SecretString: '1' });
      for (const SecretId of [Name, ARN]) expect((await client.getSecretValue({ SecretId })).Name).toBe(Name);
      await refused(client.getSecretValue({ SecretId: ARN.slice(0, -7) }), 'ResourceNotFoundException');
      await client.deleteSecret({ SecretId: Name, ForceDeleteWithoutRecovery: true });
    },
  },
  {
    name: 'the token of the creation is the id of the first version, and the same creation again is answered alike',
    source: `${api('CreateSecret')}, ClientRequestToken; ${moto('test_create_duplicate_secret_with_same_token', 'test_create_different_secret_with_same_token')}`,
    async run({ client, newName }) {
      const request = { Name: newName(), SecretString: 'v', ClientRequestToken: randomUUID() };
      const first = await client.createSecret(request);
      expect(first.VersionId).toBe(request.ClientRequestToken);
      const second = await client.createSecret(request);
      expect(second).toMatchObject({ ARN: first.ARN, VersionId: first.VersionId });
      await refused(
        client.createSecret({ ...request, SecretString: 'other' }),
        'ResourceExistsException',
        `You can't use ClientRequestToken ${first.VersionId} because that value is already in use for a version of secret ${first.ARN}.`,
      );
    },
  },
  {
    name: 'a name that is taken is refused',
    source: `${localstack('test_secret_exists', 'test_secret_exists_snapshots')}; ${moto('test_create_duplicate_secret_without_specifying_token')}`,
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
    source: localstack('test_invalid_secret_name'),
    async run({ client }) {
      const words =
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
      for (const SecretId of ['Inv Name', ' Inv Name', ' Inv*Name? ', ' Inv *?!]Name\\-']) {
        const requests = [
          client.createSecret({ Name: SecretId, SecretString: 'v' }),
          client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true }),
          client.describeSecret({ SecretId }),
          client.getSecretValue({ SecretId }),
          client.listSecretVersionIds({ SecretId, IncludeDeprecated: true }),
          client.putSecretValue({ SecretId, SecretString: 'v' }),
          client.tagResource({ SecretId, Tags: [{ Key: 'k', Value: 'v' }] }),
          client.untagResource({ SecretId, TagKeys: ['k'] }),
          client.updateSecret({ SecretId, Description: 'd' }),
        ];
        for (const request of requests) await refused(request, 'ValidationException', words);
      }
    },
  },
  {
    name: 'a deletion is planned for 30 days later, keeps the description, and refuses values',
    source: `${api('DeleteSecret')}; ${localstack('test_force_delete_deleted_secret')}`,
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
    source: localstack('test_tag_untag_resource_on_deleted_secret'),
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
    source: `${api('RestoreSecret')}; ${localstack('test_secret_restore')}`,
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
    source: localstack('test_exp_raised_on_creation_of_secret_scheduled_for_deletion'),
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name, RecoveryWindowInDays: 7 });
      await refused(
        client.createSecret({ Name: name, SecretString: 'v' }),
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    },
  },
  {
    name: 'a second deletion is refused, unless it is forced',
    source: `${api('DeleteSecret')}; ${localstack('test_force_delete_deleted_secret')}`,
    async run({ client, create }) {
      const { name } = await create('v');
      await client.deleteSecret({ SecretId: name });
      await refused(client.deleteSecret({ SecretId: name }), 'InvalidRequestException');
      expect((await client.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery: true })).Name).toBe(name);
    },
  },
  {
    name: 'a forced deletion of a secret that does not exist is no error, a planned one is',
    source: `${api('DeleteSecret')}, ForceDeleteWithoutRecovery; ${localstack('test_delete_non_existent_secret_returns_as_if_secret_exists')}`,
    async run({ client, newName }) {
      const SecretId = newName();
      expect(await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })).toMatchObject({
        ARN: expect.any(String),
        Name: SecretId,
        DeletionDate: expect.any(Date),
      });
      await refused(client.deleteSecret({ SecretId }), 'ResourceNotFoundException');
    },
  },
  {
    name: 'the name of a secret that was deleted by force can be used again, for a secret with another ARN',
    source: localstack('test_can_recreate_delete_secret'),
    async run({ client, create, eventually }) {
      const { name, arn } = await create('v');
      await client.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery: true });
      await eventually(() => refused(client.describeSecret({ SecretId: name }), 'ResourceNotFoundException'));
      await eventually(async () => {
        const again = await client.createSecret({ Name: name, SecretString: 'v' });
        expect(again.ARN).not.toBe(arn);
      });
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
    name: 'a secret that never had tags has no Tags; one whose last tag is gone has an empty list',
    source: localstack('test_secret_tags'),
    async run({ client, create }) {
      const { name } = await create();
      const tags = async () => (await client.describeSecret({ SecretId: name })).Tags;
      const [one, two] = [
        { Key: 'tag1', Value: 'value1' },
        { Key: 'tag2', Value: 'value2' },
      ];
      expect(await tags()).toBeUndefined();
      await client.tagResource({ SecretId: name, Tags: [one] });
      expect(await tags()).toEqual([one]);
      await client.tagResource({ SecretId: name, Tags: [two] });
      expect(await tags()).toEqual([one, two]);
      await client.untagResource({ SecretId: name, TagKeys: ['tag1'] });
      expect(await tags()).toEqual([two]);
      await client.untagResource({ SecretId: name, TagKeys: ['tag2'] });
      expect(await tags()).toEqual([]);
      await client.tagResource({ SecretId: name, Tags: [one, two] });
      expect(await tags()).toEqual([one, two]);
      await client.untagResource({ SecretId: name, TagKeys: ['tag1', 'tag2'] });
      expect(await tags()).toEqual([]);
    },
  },
  {
    name: 'reading sets LastAccessedDate, to the day',
    source: `${localstack('test_last_accessed_date')}; ${api('DescribeSecret')}`,
    async run({ client, create }) {
      async function readTwice() {
        const { name } = await create('v');
        const accessed = async () => (await client.describeSecret({ SecretId: name })).LastAccessedDate;
        expect(await accessed()).toBeUndefined();
        await client.getSecretValue({ SecretId: name });
        const first = Number(await accessed());
        expect(first % DAY_MS).toBe(0);
        await client.getSecretValue({ SecretId: name });
        return [first, Number(await accessed())] as const;
      }
      let [first, second] = await readTwice();
      // Midnight may have been between the two, but not twice.
      if (second !== first) [first, second] = await readTwice();
      expect(second).toBe(first);
    },
  },
  {
    name: 'every change moves LastChangedDate, and so does an update to the same value',
    source: `${localstack('test_last_updated_date')}; ${api('DescribeSecret')}: "modified in any way"`,
    async run(endpoint) {
      const { client, create } = endpoint;
      const { name: SecretId } = await create('v');
      let put = '';
      await expectDated(endpoint, SecretId, {
        'UpdateSecret, another value': () => client.updateSecret({ SecretId, SecretString: '2' }),
        'UpdateSecret, the same value': () => client.updateSecret({ SecretId, SecretString: '2' }),
        'UpdateSecret, a description': () => client.updateSecret({ SecretId, Description: 'd' }),
        PutSecretValue: async () => {
          const { VersionId } = await client.putSecretValue({ SecretId, SecretString: '3', VersionStages: ['mine'] });
          put = `${VersionId}`;
        },
        UpdateSecretVersionStage: () =>
          client.updateSecretVersionStage({ SecretId, VersionStage: 'mine', RemoveFromVersionId: put }),
        TagResource: () => client.tagResource({ SecretId, Tags: [{ Key: 'k', Value: 'v' }] }),
        UntagResource: () => client.untagResource({ SecretId, TagKeys: ['k'] }),
      });
    },
  },
];
