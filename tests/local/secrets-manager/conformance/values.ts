import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, refused, stages } from './case.ts';

export const valueCases: ConformanceCase[] = [
  {
    name: 'a string comes back as it was stored, from the version with AWSCURRENT',
    source: api('GetSecretValue'),
    async run({ client, create }) {
      const { name, arn, versionId } = await create('{"a":"ü"}');
      const got = await client.getSecretValue({ SecretId: name });
      expect(got).toMatchObject({ ARN: arn, Name: name, VersionId: versionId, SecretString: '{"a":"ü"}' });
      expect(got.VersionStages).toEqual(['AWSCURRENT']);
      expect(got.CreatedDate).toBeInstanceOf(Date);
      expect(got.SecretBinary).toBeUndefined();
    },
  },
  {
    name: 'binary values come back byte by byte',
    source: `${api('PutSecretValue')}, SecretBinary`,
    async run({ client, create }) {
      const { name } = await create();
      const bytes = new Uint8Array([0, 255, 10, 128]);
      await client.putSecretValue({ SecretId: name, SecretBinary: bytes });
      const got = await client.getSecretValue({ SecretId: name });
      expect(Buffer.from(got.SecretBinary ?? [])).toEqual(Buffer.from(bytes));
      expect(got.SecretString).toBeUndefined();
    },
  },
  {
    name: 'a name, a full ARN and an ARN without the random suffix find the secret',
    source: 'AWS user guide, Finding a secret from a partial ARN',
    async run({ client, create }) {
      const { name, arn } = await create('v');
      for (const SecretId of [name, arn, arn.slice(0, -7)])
        expect((await client.describeSecret({ SecretId })).ARN).toBe(arn);
    },
  },
  {
    name: 'the ARN is the name with a hyphen and six random characters',
    source: `${api('CreateSecret')}, Name`,
    async run({ create }) {
      const { name, arn } = await create();
      expect(arn).toMatch(new RegExp(`^arn:aws[\\w-]*:secretsmanager:[\\w-]+:\\d{12}:secret:${name}-[A-Za-z0-9]{6}$`));
    },
  },
  {
    name: 'a secret that does not exist is not found',
    source: "LocalStack's snapshots of AWS, test_secret_not_found",
    async run({ client, newName }) {
      const asked = client.getSecretValue({ SecretId: newName() });
      await refused(asked, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    },
  },
  {
    name: 'errors that the caller caused have HTTP status 400',
    source: `${api('GetSecretValue')}, Errors`,
    async run({ client, newName }) {
      const error = await client.getSecretValue({ SecretId: newName() }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ $metadata: { httpStatusCode: 400 } });
    },
  },
  {
    name: 'a secret without a value says which label was not found',
    source: "LocalStack's snapshots of AWS, test_secret_version_not_found",
    async run({ client, create }) {
      const { name } = await create();
      await refused(
        client.getSecretValue({ SecretId: name }),
        'ResourceNotFoundException',
        /can't find the specified secret value for staging label: AWSCURRENT$/,
      );
    },
  },
  {
    name: 'a label that is on no version is not found',
    source: "LocalStack's snapshots of AWS, test_get_secret_value_errors",
    async run({ client, create }) {
      const { name } = await create('v');
      await refused(
        client.getSecretValue({ SecretId: name, VersionStage: 'AWSPREVIOUS' }),
        'ResourceNotFoundException',
        /can't find the specified secret value for staging label: AWSPREVIOUS$/,
      );
    },
  },
  {
    name: 'a version that does not exist is not found',
    source: "LocalStack's snapshots of AWS, test_secret_version_not_found",
    async run({ client, create }) {
      const { name } = await create('v');
      const VersionId = randomUUID();
      await refused(
        client.getSecretValue({ SecretId: name, VersionId }),
        'ResourceNotFoundException',
        `can't find the specified secret value for VersionId: ${VersionId}`,
      );
    },
  },
  {
    name: 'VersionId and VersionStage must name the same version',
    source: "LocalStack's snapshots of AWS, test_get_secret_value_errors",
    async run({ client, create }) {
      const { name, versionId } = await create('v');
      const both = await client.getSecretValue({ SecretId: name, VersionId: versionId, VersionStage: 'AWSCURRENT' });
      expect(both.SecretString).toBe('v');
      await refused(
        client.getSecretValue({ SecretId: name, VersionId: versionId, VersionStage: 'AWSPREVIOUS' }),
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    },
  },
  {
    name: 'a put without labels moves AWSCURRENT at once, and AWSPREVIOUS follows',
    source: api('PutSecretValue'),
    async run({ client, create }) {
      const { name, versionId: first } = await create('1');
      const second = await client.putSecretValue({ SecretId: name, SecretString: '2' });
      expect(second.VersionStages).toEqual(['AWSCURRENT']);
      expect(await stages(client, name)).toEqual({ [first]: ['AWSPREVIOUS'], [`${second.VersionId}`]: ['AWSCURRENT'] });
      const third = await client.putSecretValue({ SecretId: name, SecretString: '3' });
      expect(await stages(client, name)).toEqual({
        [`${second.VersionId}`]: ['AWSPREVIOUS'],
        [`${third.VersionId}`]: ['AWSCURRENT'],
      });
    },
  },
  {
    name: 'a put with labels leaves AWSCURRENT alone and takes the labels from their holders',
    source: "LocalStack's snapshots of AWS, test_non_versioning_version_stages_no_replacement",
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      const second = await client.putSecretValue({
        SecretId: name,
        SecretString: '2',
        VersionStages: ['one', 'two', 'three'],
      });
      const third = await client.putSecretValue({
        SecretId: name,
        SecretString: '3',
        VersionStages: ['one', 'two', 'four'],
      });
      expect(await stages(client, name)).toEqual({
        [versionId]: ['AWSCURRENT'],
        [`${second.VersionId}`]: ['three'],
        [`${third.VersionId}`]: ['four', 'one', 'two'],
      });
    },
  },
  {
    name: 'the first version gets AWSCURRENT whatever labels the put names',
    source: `${api('PutSecretValue')}: "If this operation creates the first version for the secret"`,
    async run({ client, create }) {
      const { name } = await create();
      const put = await client.putSecretValue({ SecretId: name, SecretString: 'v', VersionStages: ['mine'] });
      expect([...(put.VersionStages ?? [])].sort()).toEqual(['AWSCURRENT', 'mine']);
    },
  },
  {
    name: 'the same put again does nothing',
    source: `${api('PutSecretValue')}, ClientRequestToken`,
    async run({ client, create }) {
      const { name } = await create('1');
      const put = { SecretId: name, SecretString: '2', ClientRequestToken: randomUUID() };
      await client.putSecretValue(put);
      await client.putSecretValue({ SecretId: name, SecretString: '3' });
      const before = await stages(client, name);
      expect((await client.putSecretValue(put)).VersionId).toBe(put.ClientRequestToken);
      expect(await stages(client, name)).toEqual(before);
    },
  },
  {
    name: 'a version is immutable: its token with another value is refused',
    source: `${api('PutSecretValue')}, ClientRequestToken; moto pull request 9741`,
    async run({ client, create }) {
      const { name, arn, versionId } = await create('1');
      await refused(
        client.putSecretValue({ SecretId: name, SecretString: '2', ClientRequestToken: versionId }),
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${arn}.`,
      );
      expect((await client.getSecretValue({ SecretId: name })).SecretString).toBe('1');
    },
  },
  {
    name: 'a put needs a value, and an empty string is none',
    source: 'reports of PutSecretValue with an empty string against AWS',
    async run({ client, create }) {
      const { name } = await create('1');
      for (const value of [{}, { SecretString: '' }])
        await refused(
          client.putSecretValue({ SecretId: name, ...value }),
          'InvalidRequestException',
          'You must provide either SecretString or SecretBinary.',
        );
    },
  },
  {
    name: 'a put takes a string or bytes, not both',
    source: `${api('PutSecretValue')}: "but not both"`,
    async run({ client, create }) {
      const { name } = await create('1');
      const both = { SecretId: name, SecretString: 's', SecretBinary: new Uint8Array([1]) };
      await refused(client.putSecretValue(both), 'InvalidParameterException');
    },
  },
  {
    name: 'a value may have 65,536 bytes and not one more',
    source: 'AWS user guide, Secrets Manager quotas: secret value size',
    async run({ client, create }) {
      const { name } = await create('x'.repeat(65_536));
      const tooLong = client.putSecretValue({ SecretId: name, SecretString: 'x'.repeat(65_537) });
      await expect(tooLong).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    },
  },
  {
    name: 'a new current value takes AWSPENDING off every other version',
    source: "LocalStack's snapshots of AWS, test_update_secret_version_stages_current_pending",
    async run({ client, create }) {
      const { name, versionId: first } = await create('1');
      const pending = await client.putSecretValue({
        SecretId: name,
        SecretString: '2',
        VersionStages: ['AWSPENDING'],
      });
      const third = await client.putSecretValue({ SecretId: name, SecretString: '3' });
      expect(await stages(client, name)).toEqual({ [first]: ['AWSPREVIOUS'], [`${third.VersionId}`]: ['AWSCURRENT'] });
      const deprecated = await client.getSecretValue({ SecretId: name, VersionId: `${pending.VersionId}` });
      expect(deprecated.SecretString).toBe('2');
    },
  },
  {
    name: 'UpdateSecret with a value makes a new current version, without one it has no VersionId',
    source: api('UpdateSecret'),
    async run({ client, create }) {
      const { name, versionId: first } = await create('1');
      const described = await client.updateSecret({ SecretId: name, Description: 'described' });
      expect(described.VersionId).toBeUndefined();
      expect((await client.describeSecret({ SecretId: name })).Description).toBe('described');
      const { VersionId } = await client.updateSecret({ SecretId: name, SecretString: '2' });
      expect(await stages(client, name)).toEqual({ [first]: ['AWSPREVIOUS'], [`${VersionId}`]: ['AWSCURRENT'] });
      expect((await client.describeSecret({ SecretId: name })).Description).toBe('described');
    },
  },
  {
    name: 'UpdateSecret refuses the token of a version with another value',
    source: `${api('UpdateSecret')}; moto pull request 9741`,
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      await refused(
        client.updateSecret({ SecretId: name, SecretString: '2', ClientRequestToken: versionId }),
        'ResourceExistsException',
      );
    },
  },
  {
    name: 'BatchGetSecretValue gives values, and an error for each secret that it could not read',
    source: api('BatchGetSecretValue'),
    async run({ client, create, newName }) {
      const { name } = await create('v');
      const missing = newName();
      const { SecretValues, Errors } = await client.batchGetSecretValue({ SecretIdList: [name, missing] });
      expect(SecretValues).toEqual([expect.objectContaining({ Name: name, SecretString: 'v' })]);
      expect(Errors).toEqual([expect.objectContaining({ SecretId: missing, ErrorCode: 'ResourceNotFoundException' })]);
    },
  },
  {
    name: 'BatchGetSecretValue takes ids or filters, and MaxResults with filters only',
    source: `${api('BatchGetSecretValue')}; moto, batch_get_secret_value`,
    async run({ client, create }) {
      const { name } = await create('v');
      const filters = [{ Key: 'name' as const, Values: [name] }];
      await refused(
        client.batchGetSecretValue({ SecretIdList: [name], Filters: filters }),
        'InvalidParameterException',
      );
      await refused(client.batchGetSecretValue({ SecretIdList: [name], MaxResults: 1 }), 'InvalidParameterException');
      const { SecretValues } = await client.batchGetSecretValue({ Filters: filters });
      expect(SecretValues?.map((entry) => entry.SecretString)).toEqual(['v']);
    },
  },
];
