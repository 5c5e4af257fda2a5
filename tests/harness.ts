import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from '../src/local/momento/momento.ts';
import type { Behaviour } from '../src/local/secrets-manager/behaviour.ts';
import type { RotationEvent } from '../src/local/secrets-manager/events.ts';
import { type LocalSecretsManager, startSecretsManager } from '../src/local/secrets-manager/server.ts';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { type Clock, startBudget } from '../src/rotation/budget.ts';
import type { Credential, CredentialKind } from '../src/rotation/credential.ts';
import { createMemory } from '../src/rotation/memory.ts';
import type { Metric } from '../src/rotation/rotation.ts';
import { secretsManagerStore } from '../src/rotation/secrets-manager.ts';
import { type StepName, steps } from '../src/rotation/steps.ts';

/** A secret with a Momento key at the local Secrets Manager, a rotation of it under way, and sandboxes to run its steps. */
export interface Harness {
  secretsManager: LocalSecretsManager;
  momento: LocalMomento;
  /** The operator's own client. */
  client: SecretsManagerClient;
  secretId: string;
  /** The version in rotation. */
  versionId: string;
  /** The version that held `AWSCURRENT` when the rotation began. */
  firstVersionId: string;
  sandbox(options?: SandboxOptions): Sandbox;
  /** The labels of each version that has any. */
  labels(): Promise<Record<string, string[]>>;
  /** The parsed value of a version; undefined if it has none. */
  value(versionId?: string): Promise<Record<string, unknown> | undefined>;
  /** An operator stores a value. */
  put(secretString: string, options?: { versionId?: string; stages?: string[] }): Promise<string>;
  moveLabel(label: string, move: { from?: string; to?: string }): Promise<void>;
  /** An operator moves `AWSCURRENT` by its label, to a version that was not current. */
  rollBack(): Promise<void>;
  /** The `RotationToken` of the last event of the service. */
  rotationToken(): string;
  /** Calls to the stand-ins since the last time they were asked for, without the operator's own. */
  callsSince(): { secretsManager: string[]; momento: string[] };
}

/** One sandbox of the function, in this process: it shares nothing with another but the services. */
export interface Sandbox {
  run(step: StepName): Promise<string>;
  warnings: string[];
  metrics: [Metric, number][];
  /** Moves its clock on. */
  wait(ms: number): void;
}

export interface SandboxOptions {
  /** Time left at the beginning of each invocation, in milliseconds. @default 30000 */
  remainingMs?: number;
  pingCache?: string;
  rotationToken?: string;
  /** Runs whenever the function pauses. */
  onSleep?: (ms: number) => unknown;
  /** Runs when a successor has been issued, and before it is stored. */
  afterIssue?: () => unknown;
  /** Runs before `AWSCURRENT` is moved. */
  beforeMove?: () => unknown;
}

export interface HarnessOptions {
  momento?: LocalMomentoOptions;
  behaviour?: Partial<Behaviour>;
  /** The first value. @default a fresh key of the local Momento. `null`: none at all */
  secretString?: ((momento: LocalMomento) => string) | null;
  binary?: boolean;
  rules?: { ScheduleExpression?: string; AutomaticallyAfterDays?: number; Duration?: string };
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const momento = await startMomento(options.momento);
  let lastEvent: RotationEvent | undefined;
  const secretsManager = await startSecretsManager({
    // The steps are run by the test, not by the service: its own first step never ends.
    invoke: (_, event) => {
      lastEvent = event;
      return new Promise(() => {});
    },
    ...(options.behaviour && { behaviour: options.behaviour }),
  });
  const client = new SecretsManagerClient(secretsManager.connection);
  const functionClient = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    functionClient.destroy();
    await secretsManager.close();
    await momento.close();
  });

  const firstValue = options.secretString ?? ((local: LocalMomento) => local.issueKey().secretString);
  const content = options.binary
    ? { SecretBinary: Buffer.from(firstValue(momento)) }
    : { SecretString: firstValue(momento) };
  const created = await client.send(
    new CreateSecretCommand({
      Name: 'momento/authentication-token',
      ...(options.secretString === null ? {} : content),
    }),
  );
  const secretId = created.ARN as string;
  const rotation = await client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: options.rules ?? { AutomaticallyAfterDays: 1 },
    }),
  );
  const versionId = rotation.VersionId as string;

  const own = { secretsManager: 0, momento: 0 };
  const skipOwn = async <T>(work: Promise<T>): Promise<T> => {
    const before = secretsManager.calls.length;
    const result = await work;
    operatorCalls.push(...secretsManager.calls.slice(before));
    return result;
  };
  const operatorCalls: unknown[] = [...secretsManager.calls];

  const put: Harness['put'] = async (secretString, { versionId: token = randomUUID(), stages } = {}) => {
    await skipOwn(
      client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          SecretString: secretString,
          ClientRequestToken: token,
          ...(stages && { VersionStages: stages }),
        }),
      ),
    );
    return token;
  };
  const moveLabel: Harness['moveLabel'] = async (label, { from, to }) => {
    await skipOwn(
      client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: label,
          RemoveFromVersionId: from,
          MoveToVersionId: to,
        }),
      ),
    );
  };

  return {
    secretsManager,
    momento,
    client,
    put,
    moveLabel,
    async rollBack() {
      const other = await put(momento.issueKey().secretString, { stages: ['AWSOTHER'] });
      await moveLabel('AWSCURRENT', { from: created.VersionId ?? '', to: other });
    },
    secretId,
    versionId,
    firstVersionId: created.VersionId ?? '',

    sandbox({ remainingMs = 30_000, pingCache, rotationToken, onSleep, afterIssue, beforeMove } = {}) {
      let offset = 0;
      const kind: CredentialKind<Credential> = momentoApiKey(pingCache);
      const store = secretsManagerStore(functionClient);
      const clock: Clock = {
        now: () => Date.now() + offset,
        random: () => 0.5,
        async sleep(ms) {
          offset += ms;
          await onSleep?.(ms);
        },
      };
      const memory = createMemory();
      const warnings: string[] = [];
      const metrics: [Metric, number][] = [];
      return {
        warnings,
        metrics,
        wait(ms) {
          offset += ms;
        },
        run: (step) =>
          steps[step]({
            secretId,
            versionId,
            rotationToken,
            store: {
              ...store,
              async moveCurrent(...move) {
                await beforeMove?.();
                return store.moveCurrent(...move);
              },
            },
            kind: {
              ...kind,
              async issueSuccessor(...request) {
                const issue = await kind.issueSuccessor(...request);
                await afterIssue?.();
                return issue;
              },
            },
            memory: memory.of(secretId, versionId),
            budget: startBudget(clock, remainingMs),
            report: {
              warn: (message) => warnings.push(message),
              measure: (metric, value) => metrics.push([metric, value]),
            },
          }),
      };
    },

    async labels() {
      const description = await skipOwn(client.send(new DescribeSecretCommand({ SecretId: secretId })));
      return description.VersionIdsToStages ?? {};
    },

    async value(id = versionId) {
      const answer = client
        .send(new GetSecretValueCommand({ SecretId: secretId, VersionId: id }))
        .catch(() => undefined);
      const { SecretString } = (await skipOwn(answer)) ?? {};
      return SecretString === undefined ? undefined : JSON.parse(SecretString);
    },

    rotationToken: () => lastEvent?.RotationToken ?? '',

    callsSince() {
      const made = {
        secretsManager: secretsManager.calls
          .slice(own.secretsManager)
          .filter((call) => !operatorCalls.includes(call))
          .map(({ action }) => action),
        momento: momento.calls.slice(own.momento).map(({ rpc }) => rpc),
      };
      own.secretsManager = secretsManager.calls.length;
      own.momento = momento.calls.length;
      return made;
    },
  };
}
