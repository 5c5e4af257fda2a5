import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { startMomento } from '../../src/local/momento/momento.ts';
import { startSecretsManager } from '../../src/local/secrets-manager/server.ts';
import { isSameSecret } from '../../src/rotation/secret-id.ts';
import { createSandbox } from '../sandbox.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';

test.each([
  ['momento/payments', 'momento/payments', true],
  [ARN, ARN, true],
  [ARN, 'momento/payments', true],
  ['momento/payments', ARN, true],
  ['momento/payments-AbCdEf', ARN, false],
  [ARN.slice(0, -7), ARN, false],
  [ARN.slice(0, -7), 'momento/payments', false],
  ['payments', ARN, false],
  ['momento/orders', ARN, false],
  [ARN.replace('AbCdEf', 'GhIjKl'), ARN, false],
  [ARN.replace('123456789012', '999999999999'), ARN, false],
  [ARN.replace(':secretsmanager:', ':iam:'), 'momento/payments', false],
])('%s and %s name one secret: %s', (one, other, same) => {
  expect([isSameSecret(one, other), isSameSecret(other, one)]).toEqual([same, same]);
});

test('a secret that is named by a part of its ARN is not taken for one of the others', async () => {
  const momento = await startMomento();
  const secretsManager = await startSecretsManager({ invoke: () => new Promise(() => {}) });
  const client = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await secretsManager.close();
    await momento.close();
  });
  const create = async (Name: string, roleId: string) => {
    const { secretString: SecretString } = momento.issueV2Key({ roleId });
    return (await client.send(new CreateSecretCommand({ Name, SecretString }))).ARN as string;
  };
  await create('momento/admin', 'owner');
  const arn = await create('momento/payments', 'operator');
  const rotation = {
    RotationLambdaARN: 'arn:aws:lambda:us-east-1:123456789012:function:f',
    RotationRules: { AutomaticallyAfterDays: 1 },
  };
  const { VersionId: versionId = '' } = await client.send(new RotateSecretCommand({ SecretId: arn, ...rotation }));

  const roles = { 'momento/payments': 'viewer', '*': 'operator' };
  const settings = { apiKeysEndpoint: momento.apiKeysEndpoint, adminSecrets: ['momento/admin'], roles };
  const sandbox = createSandbox(client, { momento: settings });
  await expect(sandbox.run('createSecret', { secretId: arn.slice(0, -7), versionId })).rejects.toMatchObject({
    failure: 'operator',
    message: 'The secret is named by a part of its ARN. Give its name, or its whole ARN.',
  });
  expect(momento.calls).toEqual([]);
});
