import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { api, type ConformanceCase, localstack, moto, refused, stages, withoutTokens } from './case.ts';

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
    source: localstack('test_get_secret_value', 'test_change_secret_value_after_creation'),
    async run({ client, newName }) {
      const name = newName();
      const holds = async (bytes: Buffer) => {
        const got = await client.getSecretValue({ SecretId: name });
        expect(Buffer.from(got.SecretBinary ?? [])).toEqual(bytes);
        expect(got.SecretString).toBeUndefined();
        expect(got.VersionStages).toEqual(['AWSCURRENT']);
      };
      const [first, second, third] = [Buffer.from('initial'), Buffer.from([0, 1, 2, 255]), Buffer.from([254, 253])];
      await client.createSecret({ Name: name, SecretBinary: first });
      await holds(first);
      await client.putSecretValue({ SecretId: name, SecretBinary: second });
      await holds(second);
      await client.updateSecret({ SecretId: name, SecretBinary: third });
      await holds(third);
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
    source: localstack('test_secret_not_found'),
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
    source: localstack('test_secret_version_not_found'),
    async run({ client, create }) {
      const { name } = await create();
      for (const VersionStage of [undefined, 'AWSPENDING'])
        await refused(
          client.getSecretValue({ SecretId: name, VersionStage }),
          'ResourceNotFoundException',
          `can't find the specified secret value for staging label: ${VersionStage ?? 'AWSCURRENT'}`,
        );
    },
  },
  {
    name: 'a label that is on no version is not found',
    source: localstack('test_get_secret_value_errors'),
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
    source: localstack('test_secret_version_not_found'),
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
    source: localstack('test_get_secret_value_errors'),
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
    source: localstack('test_non_versioning_version_stages_no_replacement'),
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
    name: 'a version that loses all its labels to another is listed no more',
    source: localstack('test_non_versioning_version_stages_replacement'),
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      const put = (SecretString: string, VersionStages: string[]) =>
        client.putSecretValue({ SecretId: name, SecretString, VersionStages });
      expect((await put('2', ['one', 'two', 'three'])).VersionStages?.sort()).toEqual(['one', 'three', 'two']);
      const third = await put('3', ['one', 'two', 'three', 'four']);
      expect(await stages(client, name)).toEqual({
        [versionId]: ['AWSCURRENT'],
        [`${third.VersionId}`]: ['four', 'one', 'three', 'two'],
      });
    },
  },
  {
    name: 'while versions are put under labels of their own, the current value stays',
    source: localstack('test_put_secret_value_with_version_stages'),
    async run({ client, create }) {
      const { name, versionId } = await create('0');
      for (const VersionStages of [['SAMPLE0', 'SAMPLE1'], ['SAMPLE0', 'SAMPLE1'], ['AWSPENDING']]) {
        const token = randomUUID();
        const put = { SecretId: name, SecretString: token, VersionStages, ClientRequestToken: token };
        const answer = await client.putSecretValue(put);
        expect([answer.VersionId, answer.VersionStages?.sort()]).toEqual([token, VersionStages]);
        expect(await client.getSecretValue({ SecretId: name })).toMatchObject({
          VersionId: versionId,
          SecretString: '0',
          VersionStages: ['AWSCURRENT'],
        });
      }
      const last = await client.putSecretValue({ SecretId: name, SecretString: '4' });
      expect(await client.getSecretValue({ SecretId: name })).toMatchObject({
        VersionId: last.VersionId,
        SecretString: '4',
        VersionStages: ['AWSCURRENT'],
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
    source: `${api('PutSecretValue')}, ClientRequestToken; ${moto('test_put_same_secret_value_with_same_token')}`,
    async run({ client, create }) {
      const { name } = await create('1');
      const put = { SecretId: name, SecretString: '2', ClientRequestToken: randomUUID() };
      const first = await client.putSecretValue(put);
      const { $metadata: _, ...again } = await client.putSecretValue(put);
      expect(first).toMatchObject({ ...again, VersionStages: ['AWSCURRENT'] });
      await client.putSecretValue({ SecretId: name, SecretString: '3' });
      const before = await stages(client, name);
      expect((await client.putSecretValue(put)).VersionId).toBe(put.ClientRequestToken);
      expect(await stages(client, name)).toEqual(before);
    },
  },
  {
    name: 'a version is immutable: its token with another value is refused',
    source: `${api('PutSecretValue')}, ClientRequestToken; ${moto('test_put_different_secret_value_with_same_token')}`,
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
    source: localstack('test_put_secret_value_with_version_stages'),
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
    source: `${api('UpdateSecret')}; ${moto('test_update_different_secret_value_with_same_token')}`,
    async run({ client, create }) {
      const { name, arn, versionId } = await create('1');
      await refused(
        client.updateSecret({ SecretId: name, SecretString: '2', ClientRequestToken: versionId }),
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${arn}.`,
      );
    },
  },
  {
    name: 'UpdateSecret with the token and the value of a version answers with that version',
    source: moto('test_update_same_secret_value_with_same_token'),
    async run({ client, create }) {
      const { name, versionId } = await create('1');
      const updated = await client.updateSecret({ SecretId: name, SecretString: '1', ClientRequestToken: versionId });
      expect(updated.VersionId).toBe(versionId);
    },
  },
  {
    name: 'UpdateSecret changes what it names and leaves the rest',
    source: localstack('test_update_secret_description'),
    async run({ client, create }) {
      const { name, arn, versionId: first } = await create('1');
      const described = async () => {
        const { Description, VersionIdsToStages } = await client.describeSecret({ SecretId: name });
        return { Description, VersionIdsToStages };
      };
      expect((await described()).Description).toBeUndefined();
      await client.updateSecret({ SecretId: name, Description: 'one' });
      expect(await described()).toEqual({ Description: 'one', VersionIdsToStages: { [first]: ['AWSCURRENT'] } });
      const second = await client.updateSecret({ SecretId: name, SecretString: '2', Description: 'two' });
      const third = await client.updateSecret({ SecretId: name, SecretString: '3' });
      const after = {
        Description: 'two',
        VersionIdsToStages: { [`${second.VersionId}`]: ['AWSPREVIOUS'], [`${third.VersionId}`]: ['AWSCURRENT'] },
      };
      expect(await described()).toEqual(after);
      const { $metadata: _, ...nothing } = await client.updateSecret({ SecretId: name });
      expect(nothing).toEqual({ ARN: arn, Name: name });
      expect(await described()).toEqual(after);
    },
  },
  {
    name: 'a request without a ClientRequestToken is refused before its secret is looked for',
    source: localstack('test_no_client_request_token'),
    async run({ client, newName }) {
      const bare = withoutTokens(client);
      const SecretId = newName();
      const words = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.';
      const value = { SecretString: 'v' };
      await refused(bare.createSecret({ Name: SecretId, ...value }), 'InvalidRequestException', words);
      await refused(bare.updateSecret({ SecretId, ...value }), 'InvalidRequestException', words);
      await refused(bare.putSecretValue({ SecretId, ...value }), 'InvalidRequestException', words);
      await refused(bare.rotateSecret({ SecretId }), 'InvalidParameterException', words);
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
