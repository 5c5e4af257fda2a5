import { readdir, readFile } from 'node:fs/promises';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { ANY_PORTS, type Run, run, temporaryFolder } from './run.ts';

const start = (args: string[], env: Record<string, string> = {}) =>
  run('src/local/local.ts', [...ANY_PORTS, ...args], env);

/** A client that is pointed at it by its own lines. */
async function clientOf(local: Run): Promise<{ client: SecretsManagerClient; environment: Record<string, string> }> {
  await local.until(/curl .*\n/);
  const environment = Object.fromEntries(
    [...local.output().matchAll(/export (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const client = new SecretsManagerClient({
    endpoint: environment['AWS_ENDPOINT_URL_SECRETS_MANAGER'] as string,
    region: environment['AWS_REGION'] as string,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] as string,
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] as string,
    },
  });
  onTestFinished(() => client.destroy());
  return { client, environment };
}

test('npm run local runs until it is stopped, its lines point a client at it, and it says nothing more', async () => {
  const TMPDIR = await temporaryFolder();
  const local = start([], { TMPDIR });
  const { client, environment } = await clientOf(local);
  const [, secretId] = await local.until(/rotate-secret --secret-id (\S+)/);
  const read = async () => (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  const said = local.output();

  const before = await read();
  await client.send(new RotateSecretCommand({ SecretId: secretId }));
  await expect.poll(read, { timeout: 60_000 }).not.toBe(before);

  const [, adminKey = ''] = await local.until(/curl .*\$\(cat (\S+)\)/);
  const list = await fetch(`${environment['MOMENTO_API_KEYS_ENDPOINT']}/api-keys`, {
    headers: { authorization: await readFile(adminKey, 'utf8') },
  });
  expect(await list.json()).toMatchObject({ key_info: [{ role_id: 'owner' }] });

  local.signal('SIGHUP');
  expect(await local.ended).toBe(0);
  expect(local.output().trim()).toBe(said.trim());
  expect(await readdir(TMPDIR)).toEqual([]);
});

test('with an overlap, a secret with a v2 key rotates as well, and the key before is revoked on schedule', async () => {
  const local = start(['--overlap', '1', '--verbose']);
  const { client } = await clientOf(local);
  const [, secretId] = await local.until(/rotate-secret --secret-id (momento\/payments)/);
  await client.send(new RotateSecretCommand({ SecretId: secretId }));
  await local.until(/✔ \S+ finishSecret/);
  await local.until(/│ Secrets Manager {2}UpdateSecretVersionStage ok/);
  await local.until(/│ Momento {10}GenerateApiKey 200/);
  await local.until(/"message":"revoke: revoked"/);
  await local.until(/✔ revocation \d+ ms/);

  local.signal('SIGINT');
  expect(await local.ended).toBe(0);
});

test('a port that is taken is said to be, in one line that names the option', async () => {
  const first = start([]);
  const [, port = ''] = await first.until(/http:\/\/127\.0\.0\.1:(\d+)/);

  const second = run('src/local/local.ts', [...ANY_PORTS, '--port', port]);
  expect(await second.ended).toBe(1);
  expect(second.output()).toBe(`error: port ${port} is taken; choose another with --port, or 0 for any that is free\n`);
});

test('stopped before it has begun, it leaves nothing', async () => {
  const TMPDIR = await temporaryFolder();
  const local = start([], { TMPDIR });
  await local.until(/A local Secrets Manager/);
  local.signal('SIGTERM');
  expect(await local.ended).toBe(0);
  expect(await readdir(TMPDIR)).toEqual([]);
});

test('a rotation function that does not exist is refused, and nothing is changed', async () => {
  const { client } = await clientOf(start([]));
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:typo';
  const SecretId = 'momento/authentication-token';
  const before = await client.send(new DescribeSecretCommand({ SecretId }));
  await expect(client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  const { $metadata: _, ...after } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(before).toMatchObject(after);
});
