import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from '../src/local/momento/momento.ts';
import type { RotationEvent } from '../src/local/secrets-manager/rotation-events.ts';
import type { Behaviour } from '../src/local/secrets-manager/secrets-manager-behaviour.ts';
import { type LocalSecretsManager, startSecretsManager } from '../src/local/secrets-manager/server.ts';
import type { StepName } from '../src/rotation/steps.ts';
import { type Operator, operatorOf } from './operator.ts';
import { createSandbox, type FunctionSandbox, type FunctionSandboxOptions } from './sandbox.ts';

/** A secret with a Momento key at the local Secrets Manager, a rotation of it under way, and sandboxes to run its steps. */
export interface Harness extends Omit<Operator, 'valueText'> {
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
  /** The parsed value of a version; undefined if it has none. */
  value(versionId?: string): Promise<Record<string, unknown> | undefined>;
  /** An operator moves `AWSCURRENT` by its label, to a version that was not current. */
  rollBack(): Promise<void>;
  /** The `RotationToken` of the last event of the service. */
  rotationToken(): string;
  /** Calls to the stand-ins since the last time they were asked for, without the operator's own. */
  callsSince(): { secretsManager: string[]; momento: string[] };
}

/** A sandbox in which the steps of the rotation under way are run. */
export interface Sandbox extends Omit<FunctionSandbox, 'run'> {
  run(step: StepName): Promise<string>;
}

export interface SandboxOptions extends Omit<FunctionSandboxOptions, 'momento'> {
  pingCache?: string;
  rotationToken?: string;
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

  const operator = operatorOf(secretsManager, secretId);
  const seen = { secretsManager: secretsManager.calls.length, momento: 0 };

  return {
    secretsManager,
    momento,
    client,
    ...operator,
    async rollBack() {
      const other = await operator.put(momento.issueKey().secretString, { stages: ['AWSOTHER'] });
      await operator.moveLabel('AWSCURRENT', { from: created.VersionId ?? '', to: other });
    },
    secretId,
    versionId,
    firstVersionId: created.VersionId ?? '',

    sandbox({ pingCache, rotationToken, ...sandboxOptions } = {}) {
      const sandbox = createSandbox(functionClient, { momento: { pingCache }, ...sandboxOptions });
      return { ...sandbox, run: (step) => sandbox.run(step, { secretId, versionId, rotationToken }) };
    },

    async value(id = versionId) {
      const text = operator.valueText(id);
      return text === undefined ? undefined : JSON.parse(text);
    },

    rotationToken: () => lastEvent?.RotationToken ?? '',

    callsSince() {
      const made = {
        secretsManager: secretsManager.calls.slice(seen.secretsManager).map(({ action }) => action),
        momento: momento.calls.slice(seen.momento).map(({ rpc }) => rpc),
      };
      seen.secretsManager = secretsManager.calls.length;
      seen.momento = momento.calls.length;
      return made;
    },
  };
}
