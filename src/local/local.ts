import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Command, InvalidArgumentError } from 'commander';
import { keyKinds } from './rehearsal/key-kinds.ts';
import { createScreen } from './rehearsal/screen.ts';
import { type Invocation, startSchedule } from './scheduler.ts';
import { ADMIN_SECRET_NAME, managed, SECRET_NAME, startStandIns } from './stand-ins.ts';

/** `npm run local`: a Secrets Manager and a Momento for the AWS CLI, until stopped. */

/** The secret with a v2 key. */
const V2_SECRET_NAME = 'momento/payments';

const { port, retryAfter, overlap } = new Command('npm run local --')
  .description('Runs a local Secrets Manager and a local Momento, with a secret that rotates, until it is stopped.')
  .option('--port <number>', 'of Secrets Manager, on 127.0.0.1; 0 for any that is free', wholeNumber(65_535), 4599)
  .option('--retry-after <seconds>', 'until a rotation that failed is tried again', wholeNumber(86_400), 15)
  .option(
    '--overlap <seconds>',
    'have a secret with a v2 key as well: its superseded keys are revoked on schedule, once to twice that long after a rotation',
    wholeNumber(86_400, 1),
  )
  .parse()
  .opts<{ port: number; retryAfter: number; overlap?: number }>();

const screen = createScreen(process.stdout);
const standIns = await startStandIns({
  secretsManager: { port, retryAfterMs: retryAfter * 1000 },
  lambda: { onLog: screen.log, environment: overlap === undefined ? {} : v2Environment(overlap) },
}).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error;
  process.stderr.write(`error: port ${port} is taken; choose another with --port\n`);
  process.exit(1);
});

const { client, momento, secretsManager, lambda, environment } = standIns;
secretsManager.subscribe((event) => {
  if (event.type === 'stepSucceeded') screen.good(`${event.secretName} ${event.step} ${event.durationMs} ms`);
  if (event.type === 'stepFailed') screen.bad(`${event.secretName} ${event.step}: ${event.error.message}`);
});

screen.heading('A local Secrets Manager and a local Momento. Stop them with Ctrl-C.');
momento.createCache('a-cache');
await createRotatedSecret(SECRET_NAME, keyKinds.v1.issue(momento));
if (overlap !== undefined) {
  const SecretString = keyKinds.v2.issueAdminKey(momento);
  await client.send(new CreateSecretCommand({ Name: ADMIN_SECRET_NAME, SecretString }));
  await createRotatedSecret(V2_SECRET_NAME, keyKinds.v2.issue(momento));
}
await secretsManager.rotationSettled();
const folder = await mkdtemp(join(tmpdir(), 'momento-local-'));
const spareKey = join(folder, 'momento_token.info.json');
await writeFile(spareKey, momento.issueKey().secretString);
const adminKey = join(folder, 'momento_admin_key');
await writeFile(adminKey, momento.issueV2Key({ roleId: 'owner', description: 'npm run local' }).apiKey);

screen.line(`Secrets Manager  ${secretsManager.endpoint}`);
screen.line(`Momento          ${momento.endpoint}, with a cache named a-cache`);
screen.line(`Momento's keys   ${momento.apiKeysEndpoint}, the HTTP API of v2 keys`);
screen.line(`secret           ${SECRET_NAME}, with rotation set up and tested`);
if (overlap !== undefined) {
  screen.line(
    `secret           ${V2_SECRET_NAME}, the same with a v2 key; ${ADMIN_SECRET_NAME} holds the key that manages it`,
  );
  screen.line(`schedule         every ${overlap} s, to revoke the keys of ${V2_SECRET_NAME} that are superseded`);
}
screen.heading('In another terminal, once:');
for (const [name, value] of Object.entries(environment)) screen.line(`export ${name}=${value}`);
screen.heading('and then, as often as you like:');
screen.line(`aws secretsmanager rotate-secret --secret-id ${SECRET_NAME}`);
screen.line(`aws secretsmanager describe-secret --secret-id ${SECRET_NAME}`);
screen.line(`aws secretsmanager get-secret-value --secret-id ${SECRET_NAME} | jq '.SecretString | fromjson'`);
screen.line(`aws secretsmanager put-secret-value --secret-id ${SECRET_NAME} --secret-string file://${spareKey}`);
screen.line(`curl --silent --header "Authorization: $(cat ${adminKey})" $MOMENTO_API_KEYS_ENDPOINT/api-keys`);
if (overlap !== undefined) screen.line(`aws secretsmanager rotate-secret --secret-id ${V2_SECRET_NAME}`);
screen.line();

const schedule =
  overlap === undefined
    ? undefined
    : startSchedule({
        invoke: lambda.invoke,
        event: { RevokeRetiredKeys: [V2_SECRET_NAME] },
        intervalMs: overlap * 1000,
        onInvoked: showRevocation,
      });
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
schedule?.close();
await rm(folder, { recursive: true });
await standIns.close();

/** As a deployment does: rotation is set up and tested, and nothing is rotated yet. */
async function createRotatedSecret(name: string, secretString: string): Promise<void> {
  await client.send(new CreateSecretCommand({ Name: name, SecretString: secretString }));
  await client.send(
    new RotateSecretCommand({
      SecretId: name,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 1 },
      RotateImmediately: false,
    }),
  );
}

function wholeNumber(most: number, least = 0): (text: string) => number {
  return (text) => {
    if (/^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Give a whole number ${least === 0 ? '' : `from ${least} `}up to ${most}.`);
  };
}

/** Its first key is stored by hand, and revoked all the same, so that the first rotation shows a revocation. */
function v2Environment(overlapSeconds: number): Record<string, string> {
  return {
    ...managed(V2_SECRET_NAME, keyKinds.v2.roleId),
    MOMENTO_REVOKE_FIRST_KEY: V2_SECRET_NAME,
    MOMENTO_OVERLAP_SECONDS: String(overlapSeconds),
    MOMENTO_REVOKE_ON_SCHEDULE: 'true',
  };
}

function showRevocation({ durationMs, error }: Invocation): void {
  if (error) screen.bad(`revocation: ${error.message}`);
  else screen.good(`revocation ${durationMs} ms`);
}
