import { readFile } from 'node:fs/promises';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { run } from './run.ts';

test('npm run local runs until it is stopped, and its lines point a client at it', async () => {
  const local = run('src/local/local.ts', ['--port', '0']);
  await local.until(/get-secret-value/);
  const environment = Object.fromEntries(
    [...local.output().matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const client = new SecretsManagerClient({
    endpoint: environment['AWS_ENDPOINT_URL_SECRETS_MANAGER'] as string,
    region: environment['AWS_REGION'] as string,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] as string,
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] as string,
    },
  });
  const [, secretId] = await local.until(/rotate-secret --secret-id (\S+)/);
  const read = async () => (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;

  const before = await read();
  await client.send(new RotateSecretCommand({ SecretId: secretId }));
  await local.until(/✔ \S+ finishSecret/);
  expect(await read()).not.toBe(before);

  const [, adminKey = ''] = await local.until(/curl .*\$\(cat (\S+)\)/);
  const list = await fetch(`${environment['MOMENTO_API_KEYS_ENDPOINT']}/api-keys`, {
    headers: { authorization: await readFile(adminKey, 'utf8') },
  });
  expect(await list.json()).toMatchObject({ key_info: [{ role_id: 'owner' }] });

  client.destroy();
  local.signal('SIGINT');
  expect(await local.ended).toBe(0);
});

test('with an overlap, a secret with a v2 key rotates as well, and the key before is revoked on schedule', async () => {
  const local = run('src/local/local.ts', ['--port', '0', '--overlap', '1']);
  const [, endpoint = ''] = await local.until(/AWS_ENDPOINT_URL_SECRETS_MANAGER=(\S+)/);
  const [, secretId] = await local.until(/rotate-secret --secret-id (momento\/payments)/);
  const client = new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await client.send(new RotateSecretCommand({ SecretId: secretId }));
  await local.until(/✔ \S+ finishSecret/);
  await local.until(/"message":"revoke: revoked"/);
  await local.until(/✔ revocation \d+ ms/);

  client.destroy();
  local.signal('SIGINT');
  expect(await local.ended).toBe(0);
});

test('a port that is taken is said to be', async () => {
  const first = run('src/local/local.ts', ['--port', '0']);
  const [, port = ''] = await first.until(/http:\/\/127\.0\.0\.1:(\d+)/);

  const second = run('src/local/local.ts', ['--port', port]);
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`port ${port} is taken; choose another with --port`);
});

test.each(['none', '70000', '-1'])('port %s is refused', async (port) => {
  const refused = run('src/local/local.ts', ['--port', port]);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('Give a whole number up to 65535.');
});

test.each(['0', 'a while', '100000'])('an overlap of %s is refused', async (overlap) => {
  const refused = run('src/local/local.ts', ['--overlap', overlap]);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('Give a whole number from 1 up to 86400.');
});

test('a rotation function that does not exist is refused', async () => {
  const local = run('src/local/local.ts', ['--port', '0']);
  const [, endpoint = ''] = await local.until(/Secrets Manager {2}(http\S+)/);
  await local.until(/get-secret-value/);
  const client = new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:typo';
  const SecretId = 'momento/authentication-token';
  const before = await client.send(new DescribeSecretCommand({ SecretId }));
  await expect(client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  const { $metadata: _, ...after } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(before).toMatchObject(after);
  client.destroy();
});
