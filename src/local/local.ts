import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CommandError, runCommand } from '../command/command.ts';
import { describeEnvironmentError } from '../command/environment-error.ts';
import { npmGone } from '../command/npm.ts';
import { type LocalOptions, portOptions, readLocalOptions } from './local-options.ts';
import { keyKinds } from './rehearsal/key-kinds.ts';
import { createScreen, type Screen } from './rehearsal/screen.ts';
import { type Invocation, type Schedule, startSchedule } from './scheduler.ts';
import { ADMIN_SECRET_NAME, managed, SECRET_NAME, type StandIns, startStandIns } from './stand-ins.ts';

/** `npm run local`: a Secrets Manager and a Momento for the AWS CLI, until stopped. */

/** The secret with a v2 key. */
const V2_SECRET_NAME = 'momento/payments';

const options = readLocalOptions(process.argv.slice(2));
const screen = createScreen(process.stdout);
await runCommand(async () => {
  const stopped = Promise.race([
    ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => once(process, signal)),
    npmGone(),
  ]);
  const standIns = await start(options);
  let schedule: Schedule | undefined;
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'momento-local-'));
    const shown = show(standIns, folder).then(() => {
      schedule = startRevocations(standIns);
    });
    // Nobody waits for it when it is broken off.
    shown.catch(() => {});
    await Promise.race([stopped, shown]);
    await stopped;
  } finally {
    schedule?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
    await standIns.close();
  }
});

async function start({
  port,
  momentoPort,
  apiKeysPort,
  retryAfter,
  overlap,
  verbose,
}: LocalOptions): Promise<StandIns> {
  const standIns = await startStandIns({
    secretsManager: { port, retryAfterMs: retryAfter * 1000 },
    momento: { port: momentoPort, apiKeysPort },
    lambda: {
      environment: overlap === undefined ? {} : v2Environment(overlap),
      ...(verbose && { onLog: screen.log }),
    },
  }).catch((error) => {
    const message = describeEnvironmentError(error, portOptions(options));
    throw message === undefined ? error : new CommandError(message);
  });
  if (verbose) showCalls(standIns, screen);
  standIns.secretsManager.subscribe((event) => {
    if (event.type === 'stepFailed') screen.bad(`${event.secretName} ${event.step}: ${event.error.message}`);
    if (event.type === 'stepSucceeded' && verbose)
      screen.good(`${event.secretName} ${event.step} ${event.durationMs} ms`);
  });
  return standIns;
}

/** Everything that one needs to use it. */
async function show({ client, momento, secretsManager, lambda, environment }: StandIns, folder: string): Promise<void> {
  const { overlap } = options;
  screen.heading('A local Secrets Manager and a local Momento. Stop them with Ctrl-C.');
  screen.underWay('setting up rotation, and testing it');
  momento.createCache('a-cache');
  await createRotatedSecret(SECRET_NAME, keyKinds.v1.issue(momento));
  if (overlap !== undefined) {
    const SecretString = keyKinds.v2.issueAdminKey(momento);
    await client.send(new CreateSecretCommand({ Name: ADMIN_SECRET_NAME, SecretString }));
    await createRotatedSecret(V2_SECRET_NAME, keyKinds.v2.issue(momento));
  }
  await secretsManager.rotationSettled();
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
  for (const [name, value] of Object.entries(environment)) screen.command(`export ${name}=${value}`);
  screen.heading('and then, as often as you like:');
  screen.command(`aws secretsmanager rotate-secret --secret-id ${SECRET_NAME}`);
  screen.command(`aws secretsmanager describe-secret --secret-id ${SECRET_NAME}`);
  screen.command(`aws secretsmanager get-secret-value --secret-id ${SECRET_NAME} | jq '.SecretString | fromjson'`);
  screen.command(`aws secretsmanager put-secret-value --secret-id ${SECRET_NAME} --secret-string file://${spareKey}`);
  screen.command(`curl --silent --header "Authorization: $(cat ${adminKey})" $MOMENTO_API_KEYS_ENDPOINT/api-keys`);
  if (overlap !== undefined) screen.command(`aws secretsmanager rotate-secret --secret-id ${V2_SECRET_NAME}`);
  screen.line();

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
}

function startRevocations({ lambda }: StandIns): Schedule | undefined {
  const { overlap, verbose } = options;
  if (overlap === undefined) return undefined;
  const onInvoked = ({ durationMs, error }: Invocation) => {
    if (error) screen.bad(`revocation: ${error.message}`);
    else if (verbose) screen.good(`revocation ${durationMs} ms`);
  };
  const event = { RevokeRetiredKeys: [V2_SECRET_NAME] };
  return startSchedule({ invoke: lambda.invoke, event, intervalMs: overlap * 1000, onInvoked });
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

function showCalls({ secretsManager, momento }: StandIns, screen: Screen): void {
  secretsManager.subscribe((event) => {
    if (event.type === 'call') screen.log(`Secrets Manager  ${event.call.action} ${event.call.outcome}`);
  });
  momento.subscribe(({ rpc, outcome }) => screen.log(`Momento          ${rpc} ${outcome}`));
}
