import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';
import { BUILT_FUNCTION } from './stage.ts';

let taskRoot: string;
let standIns: StandIns;

beforeEach(async () => {
  taskRoot = await mkdtemp(join(tmpdir(), 'function-alone-'));
  await cp(join(BUILT_FUNCTION, 'index.mjs'), join(taskRoot, 'index.mjs'));
  standIns = await startStandIns({ lambda: { taskRoot } });
});
afterEach(async () => {
  await standIns.close();
  await rm(taskRoot, { recursive: true });
});

async function createSecret(): Promise<string> {
  const { client, momento } = standIns;
  const created = await client.send(
    new CreateSecretCommand({
      Name: 'momento/authentication-token',
      SecretString: momento.issueKey().secretString,
    }),
  );
  return created.ARN as string;
}

const rotate = (secretId: string) =>
  standIns.client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: standIns.lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 1 },
    }),
  );

const currentKey = async (secretId: string) => {
  const { SecretString = '{}' } = await standIns.client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return JSON.parse(SecretString).apiKey as string;
};

describe('the bundle, alone in a folder', () => {
  test('rotates a key, in one warm sandbox, with the calls of the design and no others', async () => {
    const { secretsManager, momento, lambda } = standIns;
    expect(await readdir(taskRoot)).toEqual(['index.mjs']);
    const secretId = await createSecret();
    const before = await currentKey(secretId);
    const callsBefore = secretsManager.calls.length;

    const { VersionId } = await rotate(secretId);
    await secretsManager.rotationSettled();

    const calls = secretsManager.calls.slice(callsBefore).map(({ action }) => action);
    const [rotateSecret, ...made] = calls;
    expect(rotateSecret).toBe('RotateSecret');
    expect(made.slice(0, 3).sort()).toEqual(['DescribeSecret', 'GetSecretValue', 'GetSecretValue']);
    expect(made.slice(3)).toEqual(['PutSecretValue', 'GetSecretValue', 'DescribeSecret', 'UpdateSecretVersionStage']);
    expect(momento.calls.map(({ rpc }) => rpc)).toEqual(['RefreshApiToken', 'Get']);
    expect(lambda.coldStarts).toBe(1);

    const after = await currentKey(secretId);
    expect(after).not.toBe(before);
    expect(momento.isValid(after)).toBe(true);
    expect(momento.isValid(before)).toBe(true);
    const { VersionIdsToStages } = await standIns.client.send(new DescribeSecretCommand({ SecretId: secretId }));
    expect(VersionIdsToStages?.[VersionId as string]).toContain('AWSCURRENT');
  });

  test('rotates again and again', async () => {
    const secretId = await createSecret();
    const keys = new Set([await currentKey(secretId)]);
    for (let rotation = 0; rotation < 5; rotation += 1) {
      await rotate(secretId);
      await standIns.secretsManager.rotationSettled();
      keys.add(await currentKey(secretId));
    }
    expect(keys.size).toBe(6);
    expect(standIns.lambda.coldStarts).toBe(1);
  });

  test('while a rotation is pending, another is refused with the words of the service', async () => {
    const secretId = await createSecret();
    await rotate(secretId);
    await expect(rotate(secretId)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
    await standIns.secretsManager.rotationSettled();
    await rotate(secretId);
  });
});

describe('started by hand', () => {
  test.each([
    ['with the event of the predecessor', (name: string) => ({ momento_auth_token_secret_name: name })],
    ['with a name alone', (name: string) => ({ SecretId: name })],
  ])('%s, it has Secrets Manager rotate, and answers with the version', async (_, event) => {
    const secretId = await createSecret();
    await rotate(secretId);
    await standIns.secretsManager.rotationSettled();
    const before = await currentKey(secretId);

    const answer = await standIns.lambda.invoke(event('momento/authentication-token'));
    await standIns.secretsManager.rotationSettled();

    const { VersionId } = await standIns.client.send(new GetSecretValueCommand({ SecretId: secretId }));
    expect(answer).toEqual({ SecretId: 'momento/authentication-token', VersionId });
    expect(await currentKey(secretId)).not.toBe(before);
  });

  test('on a secret without rotation, it passes on what Secrets Manager says', async () => {
    await createSecret();
    await expect(standIns.lambda.invoke({ SecretId: 'momento/authentication-token' })).rejects.toMatchObject({
      errorType: 'SecretStoreError',
      errorMessage: expect.stringContaining('Secrets Manager refused RotateSecret: InvalidRequestException'),
    });
  });
});

test('any other event fails, and shows the events that it takes', async () => {
  for (const event of [{}, { hello: 'world' }, { Step: 'unknown', SecretId: 'a', ClientRequestToken: 'b' }]) {
    await expect(standIns.lambda.invoke(event)).rejects.toMatchObject({
      errorType: 'InvalidEventError',
      errorMessage: expect.stringContaining('momento_auth_token_secret_name'),
    });
  }
});
