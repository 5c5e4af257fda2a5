import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { type Run, run, runScript } from './run.ts';

const ANY_PORTS = ['--port', '0', '--momento-port', '0', '--api-keys-port', '0'];

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

/** For whatever a process puts into the temporary folder. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'npm-run-local-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
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

// Killed, npm passes nothing on, as with any signal that it does not know, such as SIGHUP.
test('npm that is ended by SIGTERM, by SIGINT or by SIGKILL leaves nothing running', async () => {
  const started = (['SIGTERM', 'SIGINT', 'SIGKILL'] as const).map(async (signal) => {
    const TMPDIR = await temporaryFolder();
    const npm = runScript('local', ANY_PORTS, { TMPDIR });
    await npm.until(/curl .*\n/);
    const ours = async () => (await readdir(TMPDIR)).filter((name) => /^(momento|local)-/.test(name));
    expect(await ours()).toHaveLength(2);
    npm.signal(signal);
    // When the last process that can write to its output has ended.
    await npm.ended;
    await expect.poll(ours, { timeout: 60_000 }).toEqual([]);
    await expect.poll(() => commandsThatName(TMPDIR), { timeout: 60_000 }).toEqual([]);
  });
  await Promise.all(started);
});

/** Of all processes, where that can be told. A sandbox's has the path of its bootstrap. */
async function commandsThatName(folder: string): Promise<string[]> {
  if (!existsSync('/proc')) return [];
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(commands)).filter((command) => command.includes(folder));
}

test('a rotation function that does not exist is not run', async () => {
  const local = start([]);
  const { client } = await clientOf(local);
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:typo';
  await client.send(new RotateSecretCommand({ SecretId: 'momento/authentication-token', RotationLambdaARN }));
  await local.until(/✖ \S+ createSecret: There is no function \S+:typo/);
});
