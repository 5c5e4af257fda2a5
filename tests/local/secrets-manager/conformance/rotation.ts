import { randomUUID } from 'node:crypto';
import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import {
  api,
  type ConformanceCase,
  type Endpoint,
  expectDated,
  listed,
  localstack,
  moto,
  refused,
  stages,
} from './case.ts';

/** What the rotation function of these cases does with a value: see {@link ../conformance.test.ts}. */
const fails = JSON.stringify({ failAt: 'createSecret' });
const works = JSON.stringify({ user: 'me' });
const unstages = JSON.stringify({ user: 'me', unstages: true });

async function rotating({ client, create, rotationFunctionArn }: Endpoint, value: string, rules?: RotationRulesType) {
  const secret = await create(value);
  const { VersionId } = await client.rotateSecret({
    SecretId: secret.name,
    RotationLambdaARN: rotationFunctionArn,
    RotationRules: rules ?? { AutomaticallyAfterDays: 30 },
  });
  return { ...secret, token: `${VersionId}` };
}

/** What the function saw in a step. */
interface Sight {
  step: string;
  version: string;
  /** As {@link listed}. */
  versions: Awaited<ReturnType<typeof listed>>;
  /** The value of the version in rotation, or the error that reading it met. */
  pending: string;
  stages?: string[];
}

/** A rotation whose function writes down what it sees in each step, in another secret. */
async function watched({ client, create, newName, rotationFunctionArn }: Endpoint, rest = {}) {
  const report = newName();
  await client.createSecret({ Name: report, SecretString: '[]' });
  const value = JSON.stringify({ user: 'me', report, unstages: true });
  const secret = await create(value);
  const { VersionId } = await client.rotateSecret({
    SecretId: secret.name,
    RotationLambdaARN: rotationFunctionArn,
    RotationRules: { AutomaticallyAfterDays: 30 },
    ...rest,
  });
  const seen = async (): Promise<Sight[]> =>
    JSON.parse((await client.getSecretValue({ SecretId: report })).SecretString ?? '');
  return { ...secret, token: `${VersionId}`, value, seen };
}

export const rotationCases: ConformanceCase[] = [
  {
    name: 'the first rotation needs a function',
    source: localstack('test_first_rotate_secret_with_missing_lambda_arn'),
    async run({ client, create }) {
      const { name } = await create('v');
      await refused(
        client.rotateSecret({ SecretId: name, RotationRules: { AutomaticallyAfterDays: 1 } }),
        'InvalidRequestException',
        'No Lambda rotation function ARN is associated with this secret.',
      );
      expect((await client.describeSecret({ SecretId: name })).RotationEnabled).toBeUndefined();
    },
  },
  {
    name: 'a rotation function that does not exist is refused, and nothing is changed',
    source: localstack('test_rotate_secret_invalid_lambda_arn'),
    async run({ client, create }) {
      const { name, arn, versionId } = await create('v');
      const [, , , region, account] = arn.split(':');
      const before = await client.describeSecret({ SecretId: name });
      await refused(
        client.rotateSecret({
          SecretId: name,
          RotationLambdaARN: `arn:aws:lambda:${region}:${account}:function:conformance-no-such-function`,
          RotationRules: { AutomaticallyAfterDays: 1 },
        }),
        'AccessDeniedException',
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to ' +
          'the principal secretsmanager.amazonaws.com.',
      );
      const described = await client.describeSecret({ SecretId: name });
      expect(described).toEqual({ ...before, $metadata: expect.anything() });
      expect(described.RotationEnabled).toBeUndefined();
      expect(await stages(client, name)).toEqual({ [versionId]: ['AWSCURRENT'] });
    },
  },
  {
    name: 'a rotation cannot be cancelled where none was configured',
    source: `${api('CancelRotateSecret')}, Errors`,
    async run({ client, create }) {
      const { name } = await create('v');
      await refused(client.cancelRotateSecret({ SecretId: name }), 'InvalidRequestException');
    },
  },
  {
    name: 'days and a schedule expression do not go together',
    source: 'terraform-provider-aws issue 33329',
    rotates: true,
    async run({ client, create, rotationFunctionArn }) {
      const { name } = await create('v');
      await refused(
        client.rotateSecret({
          SecretId: name,
          RotationLambdaARN: rotationFunctionArn,
          RotationRules: { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' },
        }),
        'InvalidParameterException',
        'You cannot specify both rotation frequency and schedule expression together.',
      );
    },
  },
  {
    name: 'a schedule that the user guide does not allow is refused',
    source: 'AWS user guide, Rotation schedules',
    rotates: true,
    async run({ client, create, rotationFunctionArn }) {
      const { name } = await create('v');
      for (const ScheduleExpression of [
        'rate(3 hours)',
        'cron(30 8 * * ? *)',
        'cron(0 8 * * ? 2030)',
        'cron(0 8 * * ?)',
      ])
        await expect(
          client.rotateSecret({
            SecretId: name,
            RotationLambdaARN: rotationFunctionArn,
            RotationRules: { ScheduleExpression },
          }),
          ScheduleExpression,
        ).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    },
  },
  {
    name: 'a rotation answers with the version it began, and ends with AWSCURRENT there, alone if the function sees to it',
    source: `${api('RotateSecret')}; ${localstack('test_rotate_secret_with_lambda_success')}`,
    rotates: true,
    async run(endpoint) {
      const { client, create, rotationFunctionArn, promoted, eventually } = endpoint;
      const { name, arn, versionId } = await create(unstages);
      const token = randomUUID();
      const answer = await client.rotateSecret({
        SecretId: name,
        ClientRequestToken: token,
        RotationLambdaARN: rotationFunctionArn,
        RotationRules: { AutomaticallyAfterDays: 1 },
      });
      expect(answer).toMatchObject({ ARN: arn, Name: name, VersionId: token });
      await promoted(name, token);
      const described = await client.describeSecret({ SecretId: name });
      expect(described).toMatchObject({
        RotationEnabled: true,
        RotationLambdaARN: rotationFunctionArn,
        RotationRules: { AutomaticallyAfterDays: 1 },
        LastRotatedDate: expect.any(Date),
        NextRotationDate: expect.any(Date),
      });
      await eventually(async () =>
        expect(await stages(client, name)).toEqual({ [versionId]: ['AWSPREVIOUS'], [token]: ['AWSCURRENT'] }),
      );
      expect(await listed(client, name)).toEqual([
        [versionId, ['AWSPREVIOUS']],
        [token, ['AWSCURRENT']],
      ]);
    },
  },
  {
    name: 'AWSPENDING that the function leaves on the promoted version may stay there, or be gone',
    source: `${api('RotateSecret')}; aws-secrets-manager-rotation-lambdas issue 168 and pull request 145`,
    rotates: true,
    async run(endpoint) {
      const { client, promoted } = endpoint;
      const { name, versionId, token } = await rotating(endpoint, works);
      await promoted(name, token);
      const { [versionId]: before, [token]: labels = [], ...others } = await stages(client, name);
      expect([before, others]).toEqual([['AWSPREVIOUS'], {}]);
      expect([['AWSCURRENT'], ['AWSCURRENT', 'AWSPENDING']]).toContainEqual(labels);
    },
  },
  {
    name: 'createSecret meets a version without a value, finishSecret the pending one',
    source: moto('test_rotate_secret_using_lambda'),
    rotates: true,
    async run(endpoint) {
      const { client, promoted, eventually } = endpoint;
      const { name, versionId, token, seen } = await watched(endpoint);
      await promoted(name, token);
      expect(token).not.toBe(versionId);
      const events = await seen();
      expect(events[0]).toMatchObject({ step: 'createSecret', pending: 'ResourceNotFoundException' });
      expect(events[0]?.versions[0]).toEqual([versionId, ['AWSCURRENT']]);
      expect(events.at(-1)).toMatchObject({
        step: 'finishSecret',
        pending: expect.stringContaining('"user":"me"'),
        stages: ['AWSPENDING'],
      });
      expect((await client.getSecretValue({ SecretId: name })).VersionId).toBe(token);
      await eventually(async () =>
        expect(await stages(client, name)).toEqual({ [versionId]: ['AWSPREVIOUS'], [token]: ['AWSCURRENT'] }),
      );
    },
  },
  {
    name: 'without RotateImmediately a pending copy of the current value is tested, and the value stays',
    source: moto('test_rotate_secret_using_lambda_dont_rotate_immediately'),
    rotates: true,
    async run(endpoint) {
      const { client, eventually } = endpoint;
      const { name, versionId, token, value, seen } = await watched(endpoint, { RotateImmediately: false });
      await eventually(async () =>
        expect(await seen()).toMatchObject([
          { step: 'testSecret', version: token, pending: value, stages: ['AWSPENDING'] },
        ]),
      );
      expect(token).not.toBe(versionId);
      const current = await client.getSecretValue({ SecretId: name });
      expect(current).toMatchObject({ VersionId: versionId, SecretString: value });
    },
  },
  {
    name: 'a second rotation needs no configuration',
    source: localstack('test_rotate_secret_multiple_times_with_lambda_success'),
    rotates: true,
    async run(endpoint) {
      const { client, promoted, eventually } = endpoint;
      const { name, token: first } = await rotating(endpoint, unstages);
      await promoted(name, first);
      const { VersionId: second } = await client.rotateSecret({ SecretId: name });
      await promoted(name, `${second}`);
      await eventually(async () =>
        expect(await stages(client, name)).toEqual({ [first]: ['AWSPREVIOUS'], [`${second}`]: ['AWSCURRENT'] }),
      );
    },
  },
  {
    name: 'the next rotation is due at the end of its window',
    source: 'AWS API reference, RotationRulesType; observed: NextRotationDate at 23:59:59 UTC',
    rotates: true,
    async run(endpoint) {
      const { client, promoted } = endpoint;
      const { name, token } = await rotating(endpoint, works, { ScheduleExpression: 'cron(0 8 1 * ? *)' });
      await promoted(name, token);
      const { NextRotationDate } = await client.describeSecret({ SecretId: name });
      expect(NextRotationDate?.toISOString()).toMatch(/-01T23:59:59.000Z$/);
    },
  },
  {
    name: 'the version in rotation is registered without a value',
    source: 'moto pull request 8504 and issue 8403, checked there against AWS',
    rotates: true,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, token } = await rotating(endpoint, fails);
      expect((await stages(client, name))[token]).toEqual(['AWSPENDING']);
      for (const version of [{ VersionStage: 'AWSPENDING' }, { VersionId: token }])
        await refused(
          client.getSecretValue({ SecretId: name, ...version }),
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret value for ",
        );
      expect((await client.getSecretValue({ SecretId: name })).SecretString).toBe(fails);
    },
  },
  {
    name: 'a rotation can begin on a secret that has no value',
    source: 'aws-secrets-manager-rotation-lambdas issue 16',
    rotates: true,
    async run({ client, create, rotationFunctionArn }) {
      const { name } = await create();
      const { VersionId } = await client.rotateSecret({
        SecretId: name,
        RotationLambdaARN: rotationFunctionArn,
        RotationRules: { AutomaticallyAfterDays: 90 },
      });
      expect(await stages(client, name)).toEqual({ [`${VersionId}`]: ['AWSPENDING'] });
    },
  },
  {
    name: 'while a rotation is not complete another is refused',
    source: 'aws-cdk issue 28539; RotateSecret',
    rotates: true,
    async run(endpoint) {
      const { client } = endpoint;
      const { name } = await rotating(endpoint, fails);
      await refused(
        client.rotateSecret({ SecretId: name }),
        'InvalidRequestException',
        "A previous rotation isn't complete. That rotation will be reattempted.",
      );
    },
  },
  {
    name: 'a value put by hand ends a rotation that is not complete, and the next may begin',
    source: 'AWS user guide, CloudTrail entries: RotationAbandoned; terraform-provider-aws, its test of rotations',
    rotates: true,
    async run(endpoint) {
      const { client, promoted } = endpoint;
      const { name, token } = await rotating(endpoint, fails);
      await client.putSecretValue({ SecretId: name, SecretString: works });
      expect((await stages(client, name))[token]).toBeUndefined();
      const { VersionId } = await client.rotateSecret({ SecretId: name });
      await promoted(name, `${VersionId}`);
    },
  },
  {
    name: 'cancelling turns rotation off, names the version and leaves AWSPENDING on it',
    source: api('CancelRotateSecret'),
    rotates: true,
    async run(endpoint) {
      const { client } = endpoint;
      const { name, token } = await rotating(endpoint, fails);
      expect((await client.cancelRotateSecret({ SecretId: name })).VersionId).toBe(token);
      expect((await stages(client, name))[token]).toEqual(['AWSPENDING']);
      const described = await client.describeSecret({ SecretId: name });
      expect(described.RotationEnabled).toBe(false);
      expect(described.RotationRules?.AutomaticallyAfterDays).toBe(30);
      expect(described.NextRotationDate).toBeUndefined();
    },
  },
  {
    name: 'a rotation that begins, and the end of rotation, move LastChangedDate',
    source: `${api('DescribeSecret')}: "modified in any way"`,
    rotates: true,
    async run(endpoint) {
      const { client, create, rotationFunctionArn: RotationLambdaARN } = endpoint;
      const { name: SecretId } = await create(fails);
      const RotationRules = { AutomaticallyAfterDays: 30 };
      await expectDated(endpoint, SecretId, {
        RotateSecret: () => client.rotateSecret({ SecretId, RotationLambdaARN, RotationRules }),
        CancelRotateSecret: () => client.cancelRotateSecret({ SecretId }),
      });
    },
  },
  {
    name: 'a deleted secret is not rotated',
    source: 'AWS API reference, InvalidRequestException: "The secret is scheduled for deletion"',
    rotates: true,
    async run({ client, create, rotationFunctionArn }) {
      const { name } = await create(works);
      await client.deleteSecret({ SecretId: name });
      await refused(
        client.rotateSecret({ SecretId: name, RotationLambdaARN: rotationFunctionArn }),
        'InvalidRequestException',
      );
    },
  },
];
