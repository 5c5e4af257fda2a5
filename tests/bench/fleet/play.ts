import type { Call } from '../../../src/local/momento/calls.ts';
import { type LocalMomento, startMomento } from '../../../src/local/momento/momento.ts';
import { startSecretsManager } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { DOCUMENTED_QUOTAS } from '../../../src/local/secrets-manager/request-quotas.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { type Invocation, startLambda } from './lambda.ts';
import { randomOf } from './random.ts';
import { type Accept, startSandbox } from './sandbox.ts';
import { duesOf, retryAfter, type Switches } from './switches.ts';
import { startVirtualTime } from './virtual-time.ts';

export interface FleetOptions {
  /** How many secrets. */
  count: number;
  switches: Switches;
  seed: number;
  evaluate: CompiledFunction;
  /** Momento's quota of the account. @default 5 */
  authOperationsPerSecond?: number;
  /** When it is over, whatever is still pending, in hours after the beginning of the window. @default 48 */
  hours?: number;
}

/** What became of one secret. Times are in milliseconds from the beginning of the window. */
export interface RotatedSecret {
  dueAt: number;
  /** When its rotation was complete. Undefined: it never was. */
  rotatedAt: number | undefined;
  /** How often Secrets Manager began it. */
  runs: number;
  /** `AWSPENDING` is on another version than `AWSCURRENT`. */
  isStuck: boolean;
  /** The current key is another than before, and works. */
  isGood: boolean;
}

/** A refresh that arrived. */
export interface Refresh {
  at: number;
  isLetThrough: boolean;
  /** Of its invocation, counted from 0: the first is the service's doing, the others are the function's own retries. */
  nth: number;
  /** Since the one before in that invocation. Undefined: it is the first. */
  afterMs: number | undefined;
}

/** A key that Momento issued in a refresh. */
export interface IssuedKey {
  isStored: boolean;
  /** The function said that nobody holds it. */
  isReported: boolean;
}

export interface FleetRun {
  authOperationsPerSecond: number;
  secrets: RotatedSecret[];
  refreshes: Refresh[];
  issued: IssuedKey[];
  invocations: readonly Invocation[];
  mostSandboxes: number;
  /** Requests that Secrets Manager throttled. */
  throttledByAws: number;
}

const STARTS_AT = Date.UTC(2030, 0, 1);
const PING_CACHE = 'fleet';
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:fleet';
const HOUR_MS = 3_600_000;

/** What the function says of a key that it could not store. */
const NOBODY_HOLDS = 'nobody holds';

/**
 * Plays the rotations of a fleet that are due in one window: the built function, one sandbox for each invocation at a time, over HTTP
 * and gRPC to the local services, in virtual time. With the same options it always plays the same.
 */
export async function playFleet(options: FleetOptions): Promise<FleetRun> {
  const { count, switches, seed, evaluate, authOperationsPerSecond = 5, hours = 48 } = options;
  const time = startVirtualTime(STARTS_AT);
  const now = () => new Date(time.now());
  const momento = await startMomento({ now, behaviour: { authOperationsPerSecond } });
  momento.createCache(PING_CACHE);
  const secretsManager = await startSecretsManager({
    now,
    requestQuotas: DOCUMENTED_QUOTAS,
    invoke: (_, event) => lambda.invoke(event),
  });
  const listeners = new Map<number, Accept>([
    [portOf(secretsManager.endpoint), secretsManager.accept],
    [portOf(momento.endpoint), momento.accept],
  ]);
  let reported = 0;
  const lambda = startLambda(time, (nth) =>
    startSandbox({
      evaluate,
      time,
      random: randomOf(seed, `sandbox ${nth}`),
      environment: {
        AWS_REGION: secretsManager.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
        AWS_LAMBDA_FUNCTION_NAME: 'fleet',
        MOMENTO_HOSTS: '127.0.0.1',
        MOMENTO_PING_CACHE: PING_CACHE,
      },
      listeners,
      onLog(line) {
        if (line.includes(NOBODY_HOLDS)) reported += 1;
      },
    }),
  );

  try {
    const { look } = secretsManager;
    const dues = duesOf(switches, count, randomOf(seed, 'dues'));
    const retries = randomOf(seed, 'retries');
    const fleet = dues.map((dueAt, index) => {
      const { id, secretString } = momento.issueKey();
      const { ARN = '' } = look('CreateSecret', {
        Name: `fleet/${index}`,
        SecretString: secretString,
        ClientRequestToken: versionId(index, 'first'),
      });
      return { secretId: ARN, keyId: id, dueAt, rotatedAt: undefined as number | undefined, runs: 0 };
    });
    const byArn = new Map(fleet.map((secret) => [secret.secretId, secret]));

    secretsManager.subscribe((event) => {
      if (event.type === 'call') return;
      const secret = byArn.get(event.secretArn);
      if (secret === undefined) return;
      if (event.type === 'rotationStarted') secret.runs += 1;
      if (event.type === 'rotationSucceeded') secret.rotatedAt = time.now() - STARTS_AT;
      if (event.type === 'rotationFailed') {
        const ms = retryAfter(switches, event.attempt, retries);
        time.clock.setTimeout(() => {
          time.stir();
          void secretsManager.retryRotation(event.secretArn);
        }, ms);
      }
    });
    for (const [index, { secretId, dueAt }] of fleet.entries()) {
      time.clock.setTimeout(() => {
        time.stir();
        look('RotateSecret', {
          SecretId: secretId,
          ClientRequestToken: versionId(index, 'next'),
          RotationLambdaARN: FUNCTION_ARN,
          RotationRules: { AutomaticallyAfterDays: 30 },
        });
      }, dueAt);
    }

    const endsAt = STARTS_AT + hours * HOUR_MS;
    await time.pass(() => time.now() > endsAt || fleet.every(({ rotatedAt }) => rotatedAt !== undefined));

    const stored = new Set<string | undefined>();
    const secrets = fleet.map(({ secretId, keyId, dueAt, rotatedAt, runs }) => {
      const { VersionIdsToStages: stages = {} } = look('DescribeSecret', { SecretId: secretId });
      for (const id of Object.keys(stages)) stored.add(keyIn(momento, valueIn(id)));
      const labels = Object.values(stages);
      const isStuck = labels.some((on) => on.includes('AWSPENDING') && !on.includes('AWSCURRENT'));
      const current = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT'));
      const value = current === undefined ? undefined : valueIn(current);
      const isGood = keyIn(momento, value) !== keyId && isWorking(momento, value);
      return { dueAt, rotatedAt, runs, isStuck, isGood };

      function valueIn(id: string): string | undefined {
        try {
          return look('GetSecretValue', { SecretId: secretId, VersionId: id }).SecretString;
        } catch {
          // It was never filled.
          return undefined;
        }
      }
    });
    const issued = momento
      .issuedKeys()
      .filter(({ origin }) => origin === 'RefreshApiToken')
      .map(({ id }) => ({ isStored: stored.has(id), isReported: false }));
    for (const key of issued.filter(({ isStored }) => !isStored).slice(0, reported)) key.isReported = true;
    const secretOf = new Map(fleet.map(({ keyId, secretId }) => [keyId, secretId]));

    return {
      authOperationsPerSecond,
      secrets,
      issued,
      refreshes: refreshesIn(momento.calls, lambda.invocations, (keyId) => secretOf.get(keyId)),
      invocations: lambda.invocations,
      mostSandboxes: lambda.mostSandboxes,
      throttledByAws: secretsManager.calls.filter(({ outcome }) => outcome === 'ThrottlingException').length,
    };
  } finally {
    await Promise.all([secretsManager.close(), momento.close()]);
  }
}

const portOf = (endpoint: string) => Number(/:(\d+)$/.exec(endpoint)?.[1]);

const versionId = (index: number, which: string) => `${which}-${String(index).padStart(32, '0')}`;

function keyIn(momento: LocalMomento, value: string | undefined): string | undefined {
  return value === undefined ? undefined : momento.idOf((JSON.parse(value) as { apiKey: string }).apiKey);
}

function isWorking(momento: LocalMomento, value: string | undefined): boolean {
  return value !== undefined && momento.isValid((JSON.parse(value) as { apiKey: string }).apiKey);
}

function refreshesIn(
  calls: readonly Call[],
  invocations: readonly Invocation[],
  secretOf: (keyId: string) => string | undefined,
): Refresh[] {
  const starts = new Map<string, number[]>();
  for (const { event, startedAt } of invocations) {
    if (event.Step !== 'createSecret') continue;
    starts.set(event.SecretId, [...(starts.get(event.SecretId) ?? []), startedAt]);
  }
  const latest = new Map<string, { begun: number | undefined; nth: number; at: number }>();
  return calls
    .filter(({ rpc }) => rpc === 'RefreshApiToken')
    .map(({ at, outcome, keyId = '' }) => {
      const secretId = secretOf(keyId) ?? '';
      const begun = starts.get(secretId)?.findLast((startedAt) => startedAt <= at.getTime());
      const before = latest.get(secretId);
      const isFirst = before === undefined || before.begun !== begun;
      const nth = isFirst ? 0 : before.nth + 1;
      const afterMs = isFirst ? undefined : at.getTime() - before.at;
      latest.set(secretId, { begun, nth, at: at.getTime() });
      return { at: at.getTime() - STARTS_AT, isLetThrough: outcome === 'OK', nth, afterMs };
    });
}
