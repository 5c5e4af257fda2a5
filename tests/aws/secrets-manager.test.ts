import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InternalServiceError,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { secretsManagerStore } from '../../src/aws/secrets-manager.ts';

const client = mockClient(SecretsManagerClient);
const store = secretsManagerStore(new SecretsManagerClient({ region: 'us-east-1' }));

beforeEach(() => {
  client.reset();
});

const refusal = (name: string, message: string) =>
  new SecretsManagerServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } });

describe('an answer that says less than it might', () => {
  test('a description with hardly anything in it', async () => {
    client.on(DescribeSecretCommand).resolves({});
    expect(await store.describe('secret', 1000)).toEqual({
      arn: 'secret',
      name: 'secret',
      lastRotatedAt: undefined,
      rotationEnabled: false,
      isDeleted: false,
      rotationRules: undefined,
      replicaOf: undefined,
      stages: {},
    });
  });

  test('a value without labels', async () => {
    client.on(GetSecretValueCommand).resolves({ VersionId: 'version', SecretString: 'value' });
    expect(await store.getCurrent('secret', 1000)).toMatchObject({ versionId: 'version', stages: [] });
  });

  test('a value of no version is no answer', async () => {
    client.on(GetSecretValueCommand).resolves({ SecretString: 'value' });
    await expect(store.getCurrent('secret', 1000)).rejects.toMatchObject({
      failure: 'transient',
      action: 'GetSecretValue',
      code: 'IncompleteAnswer',
      mayHaveWorked: false,
    });
  });
});

describe('a replica', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf';
  test.each([
    ['is one when its primary is elsewhere', 'us-east-1', 'us-east-1'],
    ['is none when the primary is here', 'eu-west-1', undefined],
    ['is none when there is no replication', undefined, undefined],
  ])('%s', async (_, PrimaryRegion, replicaOf) => {
    client.on(DescribeSecretCommand).resolves({ ARN: arn, PrimaryRegion });
    expect((await store.describe(arn, 1000)).replicaOf).toBe(replicaOf);
  });
});

describe('an error', () => {
  test.each(['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'])(
    '%s is transient',
    async (name) => {
      client.on(DescribeSecretCommand).rejects(refusal(name, 'Slow down'));
      await expect(store.describe('secret', 1000)).rejects.toMatchObject({ failure: 'transient', code: name });
    },
  );

  test('of the service itself is transient, whether or not it says so by its status', async () => {
    const error = new InternalServiceError({ message: 'Broken', $metadata: {} });
    client.on(DescribeSecretCommand).rejects(error);
    await expect(store.describe('secret', 1000)).rejects.toMatchObject({ failure: 'transient' });
  });

  test('of the network is transient, and named by its code', async () => {
    client.on(DescribeSecretCommand).rejects(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    await expect(store.describe('secret', 1000)).rejects.toMatchObject({ failure: 'transient', code: 'ECONNREFUSED' });
  });

  test.each([
    ['ECONNREFUSED', false],
    ['ENOTFOUND', false],
    ['EAI_AGAIN', false],
    ['ECONNRESET', true],
  ])('of the network, %s, may hide an effect: %s', async (code, mayHaveWorked) => {
    client.on(DescribeSecretCommand).rejects(Object.assign(new Error('connect'), { code }));
    await expect(store.describe('secret', 1000)).rejects.toMatchObject({ mayHaveWorked });
  });

  test('whose message quotes the request of a put is passed on without it', async () => {
    client.on(PutSecretValueCommand).rejects(refusal('ValidationException', "Value 'hunter2' is not valid"));
    const put = store.putPending('secret', { versionId: 'v', secretString: 'hunter2', rotationToken: undefined }, 1000);
    await expect(put).rejects.toMatchObject({
      failure: 'operator',
      message: 'Secrets Manager refused PutSecretValue: ValidationException.',
    });
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['DescribeSecret', 'AccessDeniedException', () => store.describe('hunter2', 1000)],
    ['DescribeSecret', 'ResourceNotFoundException', () => store.describe('hunter2', 1000)],
    ['GetSecretValue', 'InvalidRequestException', () => store.getCurrent('hunter2', 1000)],
    ['GetSecretValue', 'ValidationException', () => store.getVersion('secret', 'hunter2', 1000)],
  ])('of %s, %s, whose message quotes what was asked for, is told in other words', async (action, name, ask) => {
    client.rejects(refusal(name, "User may not see resource 'hunter2'"));
    await expect(ask()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(new RegExp(`^Secrets Manager refused ${action}: ${name}((?!hunter2).)*\\.$`)),
    });
  });

  test('whose message quotes an answer is passed on without it', async () => {
    client.on(GetSecretValueCommand).rejects(new SyntaxError('Unexpected token h, "hunter2" is not valid JSON'));
    await expect(store.getCurrent('secret', 1000)).rejects.toMatchObject({
      message: 'Secrets Manager did not answer GetSecretValue (SyntaxError).',
    });
  });
});

test('a rotation is asked for with the version to rotate to', async () => {
  client.on(RotateSecretCommand).resolves({});
  await store.rotate('secret', 'version', 1000);
  expect(client.commandCalls(RotateSecretCommand)[0]?.args[0].input).toEqual({
    SecretId: 'secret',
    ClientRequestToken: 'version',
  });
});
