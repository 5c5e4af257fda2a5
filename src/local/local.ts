import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Command, InvalidArgumentError } from 'commander';
import { createScreen } from './rehearsal/screen.ts';
import { SECRET_NAME, startStandIns } from './stand-ins.ts';

/** `npm run local`: a Secrets Manager and a Momento for the AWS CLI, until stopped. */

const { port, retryAfter } = new Command('npm run local --')
  .description('Runs a local Secrets Manager and a local Momento, with a secret that rotates, until it is stopped.')
  .option('--port <number>', 'of Secrets Manager, on 127.0.0.1; 0 for any that is free', wholeNumber(65_535), 4599)
  .option('--retry-after <seconds>', 'until a rotation that failed is tried again', wholeNumber(86_400), 15)
  .parse()
  .opts<{ port: number; retryAfter: number }>();

const screen = createScreen(process.stdout);
const standIns = await startStandIns({
  secretsManager: { port, retryAfterMs: retryAfter * 1000 },
  lambda: { onLog: screen.log },
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
await client.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString: momento.issueKey().secretString }));
await client.send(
  new RotateSecretCommand({
    SecretId: SECRET_NAME,
    RotationLambdaARN: lambda.functionArn,
    RotationRules: { AutomaticallyAfterDays: 1 },
    RotateImmediately: false,
  }),
);
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
screen.heading('In another terminal, once:');
for (const [name, value] of Object.entries(environment)) screen.line(`export ${name}=${value}`);
screen.heading('and then, as often as you like:');
screen.line(`aws secretsmanager rotate-secret --secret-id ${SECRET_NAME}`);
screen.line(`aws secretsmanager describe-secret --secret-id ${SECRET_NAME}`);
screen.line(`aws secretsmanager get-secret-value --secret-id ${SECRET_NAME} | jq '.SecretString | fromjson'`);
screen.line(`aws secretsmanager put-secret-value --secret-id ${SECRET_NAME} --secret-string file://${spareKey}`);
screen.line(`curl --silent --header "Authorization: $(cat ${adminKey})" $MOMENTO_API_KEYS_ENDPOINT/api-keys`);
screen.line();

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await rm(folder, { recursive: true });
await standIns.close();

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Give a whole number up to ${most}.`);
  };
}
