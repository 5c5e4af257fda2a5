import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Mishap } from '../../src/local/faults.ts';
import { type LocalLambda, startLambda } from '../../src/local/lambda/lambda.ts';
import type { GrpcError, HttpError } from '../../src/local/momento/calls.ts';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import {
  type LocalSecretsManager,
  startSecretsManager,
} from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { findLeaks } from '../leaks.ts';
import { drawPlans, type WireMishap, type WirePlan } from './wire-plan.ts';

const BUILT_FUNCTION = fileURLToPath(new URL('../../dist/lambda', import.meta.url));

/** Long enough for one call that is never answered, and what follows it. */
const TIMEOUT_MS = 9000;

/** For which a superseded v2 key goes on working. */
const OVERLAP_SECONDS = 1;

/** Dates are of whole seconds. */
const OVERLAP_IS_OVER_MS = 1000 * (OVERLAP_SECONDS + 1.2);

/** How many rotations, and how many times a human, until one has succeeded. */
const ROUNDS = 4;

/** What one lane of the campaign plays on: the stand-ins, and the built function in processes of its own. */
interface Lane {
  momento: LocalMomento;
  secretsManager: LocalSecretsManager;
  lambda: LocalLambda;
  client: SecretsManagerClient;
  output: string[];
  close(): Promise<void>;
}

/**
 * Plays schedules on the built function over the real wire, with real kills and real silence, in four lanes: in two a
 * refresh token may be used twice, in the others it may not.
 *
 * @returns how many of them broke an invariant, and how many processes it took
 */
export async function runOverTheWire(
  numRuns: number,
  seed: number,
  say: (line: string) => void,
): Promise<{ problems: number; processes: number }> {
  const reuse = ['allowed', 'refused', 'allowed', 'refused'] as const;
  const lanes = await Promise.all(reuse.map(startLane));
  const waiting = drawPlans(numRuns, seed).entries();
  let problems = 0;
  const work = async (lane: Lane) => {
    for (const [index, plan] of waiting) {
      const wrong = await playPlan(lane, plan, `secret-${index}`);
      problems += wrong.length === 0 ? 0 : 1;
      for (const problem of wrong) say(`over the wire, ${index}: ${problem}\n  ${JSON.stringify(plan)}`);
    }
  };
  try {
    await Promise.all(lanes.map(work));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  const processes = lanes.reduce((sum, { lambda }) => sum + lambda.coldStarts, 0);
  say(`over the wire: ${numRuns} schedules in ${processes} processes, ${problems} broke an invariant`);
  return { problems, processes };
}

async function startLane(refreshTokenReuse: 'allowed' | 'refused'): Promise<Lane> {
  const output: string[] = [];
  const momento = await startMomento({ behaviour: { refreshTokenReuse } });
  const lambdas: LocalLambda[] = [];
  const secretsManager = await startSecretsManager({
    invoke: (_, event) => (lambdas[0] ? lambdas[0].invoke(event) : Promise.reject(new Error('not started'))),
  });
  const lambda = await startLambda({
    taskRoot: BUILT_FUNCTION,
    functionName: 'momento-key-rotation',
    timeoutMs: TIMEOUT_MS,
    environment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
      MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
      MOMENTO_HOSTS: '127.0.0.1',
      MOMENTO_OVERLAP_SECONDS: String(OVERLAP_SECONDS),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    onLog: (line) => output.push(line),
  });
  lambdas.push(lambda);
  const client = new SecretsManagerClient({
    endpoint: secretsManager.endpoint,
    region: secretsManager.region,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  const close = async () => {
    client.destroy();
    await secretsManager.close();
    await Promise.all([momento.close(), lambda.close()]);
  };
  return { momento, secretsManager, lambda, client, output, close };
}

/** @returns what was wrong */
async function playPlan(lane: Lane, plan: WirePlan, name: string): Promise<string[]> {
  const { secretsManager, momento, lambda, client, output } = lane;
  output.length = 0;
  const secretsBefore = momento.secretsInPlay().length;
  const freshValue = () =>
    plan.keys === 'v1'
      ? momento.issueKey().secretString
      : momento.issueV2Key({ roleId: 'owner', description: name }).secretString;
  const { ARN: SecretId = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: freshValue() }));
  const problems: string[] = [];
  if (plan.keys === 'v2') {
    await rotate(lane, SecretId, lambda.functionArn);
    await sleep(OVERLAP_IS_OVER_MS);
  }
  const disarm = plan.mishaps.map((mishap) => arm(lane, mishap));

  await rotate(lane, SecretId, lambda.functionArn);
  for (let retry = 0; retry < plan.retries; retry += 1) await tryAgain(lane, SecretId);
  problems.push(...(await requireGoodCurrent(lane, SecretId)));

  for (const end of disarm) end();
  secretsManager.faults.clear();
  momento.faults.clear();
  momento.apiKeysFaults.clear();
  if (!(await recovers(lane, SecretId, freshValue))) problems.push('recovers: it does not');
  problems.push(...(await requireGoodCurrent(lane, SecretId)));
  if (plan.keys === 'v2') problems.push(...(await requireNoKeyLeft(lane, SecretId, name)));
  problems.push(...findLeaks(output.join('\n'), momento.secretsInPlay().slice(secretsBefore)));
  return problems;
}

/** @returns the way to disarm it */
function arm({ secretsManager, momento, lambda }: Lane, { service, call, at, kind, skip }: WireMishap): () => void {
  const mishap = kind === 'kill' ? ({ kind: 'silence' } as const) : kind;
  if (service === 'secretsManager') {
    secretsManager.faults.add({ call, at, skip, mishap: asMishap(mishap, SECRETS_MANAGER_ERRORS) });
  } else if (service === 'apiKeys') {
    momento.apiKeysFaults.add({ call, at, skip, mishap: asMishap<HttpError>(mishap, API_KEYS_ERRORS) });
  } else {
    momento.faults.add({ call, at, skip, mishap: asMishap<GrpcError>(mishap, MOMENTO_ERRORS) });
  }
  if (kind !== 'kill') return () => {};
  if (service !== 'secretsManager') {
    return momento.subscribe((made) => {
      if (made.rpc === call && made.fault) lambda.kill();
    });
  }
  return secretsManager.subscribe((event) => {
    if (event.type === 'call' && event.call.action === call && event.call.fault) lambda.kill();
  });
}

const SECRETS_MANAGER_ERRORS = {
  throttled: { code: 'ThrottlingException', message: 'Rate exceeded' },
  serverError: { code: 'InternalServiceError', message: 'An error occurred on the server side.', status: 500 },
};

const MOMENTO_ERRORS = {
  throttled: { code: 'RESOURCE_EXHAUSTED' },
  serverError: { code: 'INTERNAL' },
} as const;

const API_KEYS_ERRORS = { throttled: { status: 429 }, serverError: { status: 500 } };

type Kind = Exclude<WireMishap['kind'], 'kill'>;

function asMishap<E>(kind: Kind | { kind: 'silence' }, errors: Record<'throttled' | 'serverError', E>): Mishap<E> {
  if (typeof kind !== 'string') return kind;
  return kind === 'throttled' || kind === 'serverError' ? { kind: 'error', error: errors[kind] } : { kind };
}

async function rotate({ client, secretsManager }: Lane, SecretId: string, functionArn?: string): Promise<void> {
  const request = {
    SecretId,
    ...(functionArn && { RotationLambdaARN: functionArn, RotationRules: { AutomaticallyAfterDays: 1 } }),
  };
  await client.send(new RotateSecretCommand(request)).catch(() => undefined);
  await secretsManager.rotationSettled();
}

async function tryAgain({ secretsManager }: Lane, secretId: string): Promise<void> {
  // Throws where there is nothing to try again.
  await secretsManager.retryRotation(secretId).catch(() => undefined);
}

/** Retries, new rotations, and a fresh key where the function asked for one. */
async function recovers(lane: Lane, SecretId: string, freshValue: () => string): Promise<boolean> {
  const { client, output } = lane;
  const current = async () => (await describe(lane, SecretId)).current;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await current();
    const saidBefore = output.length;
    await tryAgain(lane, SecretId);
    if ((await current()) === before) await rotate(lane, SecretId);
    const after = await describe(lane, SecretId);
    if (after.current !== before && !after.isPending) return true;
    if (output.slice(saidBefore).some((line) => line.includes('put-secret-value'))) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: freshValue() }));
    }
  }
  return false;
}

async function describe({ client }: Lane, SecretId: string): Promise<{ current: string; isPending: boolean }> {
  const { VersionIdsToStages: stages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  const holder = (label: string) => Object.keys(stages).find((id) => stages[id]?.includes(label)) ?? '';
  const [current, pending] = [holder('AWSCURRENT'), holder('AWSPENDING')];
  return { current, isPending: pending !== '' && pending !== current };
}

async function requireGoodCurrent({ client, momento }: Lane, SecretId: string): Promise<string[]> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId }));
  const { apiKey = '' } = JSON.parse(SecretString) as { apiKey?: string };
  return momento.isValid(apiKey) ? [] : ['current-answers: the current key is not good'];
}

/** After two more rotations, with overlaps between, only the current key and the one before are live. */
async function requireNoKeyLeft(lane: Lane, SecretId: string, name: string): Promise<string[]> {
  for (let rotation = 0; rotation < 2; rotation += 1) {
    await sleep(OVERLAP_IS_OVER_MS);
    await rotate(lane, SecretId);
  }
  // A key's description names the secret that it was generated for.
  const live = lane.momento
    .liveV2Keys()
    .filter(({ description }) => description === name || description.includes(` ${name}-`));
  return live.length > 2 ? [`no-key-lingers: ${live.length} keys are live`] : [];
}
