import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import type { Fault } from '../../src/local/faults.ts';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from '../../src/local/momento/momento.ts';
import type { RotationEvent } from '../../src/local/secrets-manager/rotation-events.ts';
import type { Behaviour } from '../../src/local/secrets-manager/secrets-manager-behaviour.ts';
import type { AwsError } from '../../src/local/secrets-manager/secrets-manager-errors.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../src/local/secrets-manager/server.ts';
import type { MomentoApiKeySettings } from '../../src/momento/momento-api-key.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import { type Operator, operatorOf } from '../operator.ts';
import { createSandbox, type Figures, type FunctionSandbox, type FunctionSandboxOptions } from '../sandbox.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const ADMIN_SECRET = 'momento/admin';

/** A secret with a v2 key, and another with the key that manages it; rotations run as the service runs them, on one clock. */
export interface V2Stage extends Omit<Operator, 'valueText'> {
  momento: LocalMomento;
  secretsManager: LocalSecretsManager;
  secretId: string;
  /** The operator's own client. */
  operator: SecretsManagerClient;
  /** Moves every clock on. */
  pass(ms: number): void;
  now(): number;
  /** A whole rotation, to its end or its failure. */
  rotate(): Promise<Played>;
  /** The rotation that failed, once more. */
  retry(): Promise<Played>;
  /** What is done in the sandboxes from now on. */
  configure(options: StageSandboxOptions): void;
  /** A step of the last rotation, in a sandbox of its own. */
  repeat(step: StepName): Promise<string>;
  /** A sandbox of its own, for what is no step of a rotation. */
  sandbox(): FunctionSandbox;
  /** The event that has keys revoked, in a sandbox of its own. */
  revokeRetired(secret?: string): Promise<string>;
  /** Moves every clock on, with a run each full hour as a recurring schedule has it. @returns what the runs did */
  passWithRuns(ms: number): Promise<string[]>;
  /** The figures of the daily check, in a sandbox of its own. */
  check(): Promise<Figures>;
  /** A step that comes late, in the sandbox that there was before any `configure`. */
  late(step: StepName, versionId: string): Promise<string>;
  /** Of `AWSCURRENT`, unless a version is named. */
  value(versionId?: string): Promise<V2Value>;
  valueText(versionId?: string, secretId?: string): Promise<string>;
  /** The ids of this secret's keys that are live: all but the admin's. */
  liveKeys(): string[];
  descriptionOf(keyId: string): string | undefined;
  /** Revocations of keys that were in use, or within their overlap. */
  wrongRevocations(): string[];
  /** The function's calls since `forgetCalls`, by the services' names: first those to Secrets Manager, then to Momento. */
  callsMade(): string[];
  forgetCalls(): void;
  /** What the function said in all sandboxes. */
  warnings(): string[];
  metrics(): Record<string, number[]>;
}

export interface V2Value {
  apiKey: string;
  endpoint: string;
  keyId: string;
  roleId: string;
  validUntil?: string;
}

export interface Played {
  /** What the steps returned. */
  outcomes: string[];
  /** Of the step that failed. */
  error: (Error & { failure?: string }) | undefined;
  versionId: string;
}

export interface StageSandboxOptions
  extends Pick<FunctionSandboxOptions, 'remainingMs' | 'overlapMs' | 'revokesOnSchedule' | 'onSleep' | 'beforeMove'> {
  /** @default an admin secret, which gives role `operator`; with `adminSecrets: []` none */
  settings?: MomentoApiKeySettings;
  /** @default true */
  revokesFirstKey?: boolean;
  /** What the n-th call of the rotation to Secrets Manager suffers, counted from 0. */
  strike?: { call: number; fault: Omit<Fault<AwsError>, 'call'> } | undefined;
  /** The sandbox is killed when Momento has answered such a call. */
  killAfter?: string | undefined;
  /** `each`: a sandbox for each step. @default 'one' for all */
  sandboxes?: 'one' | 'each';
}

export interface V2StageOptions extends StageSandboxOptions {
  momento?: LocalMomentoOptions['behaviour'];
  secretsManager?: Partial<Behaviour>;
  /** @default a key of role `operator` that lives 30 days, described as `payments` */
  secretString?: (momento: LocalMomento) => string;
  /** Of the admin's key. @default 'owner' */
  adminRole?: string;
  adminLifetime?: number | 'never';
}

/**
 * Another secret beside it, with a value that can be rotated.
 *
 * @returns a whole rotation of it, to its end or its failure
 */
export async function attach(
  { operator, secretsManager }: V2Stage,
  name: string,
  value: string,
): Promise<() => Promise<void>> {
  const created = await operator.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  const SecretId = created.ARN as string;
  const rules = { RotationRules: { AutomaticallyAfterDays: 1 }, RotateImmediately: false };
  await operator.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN, ...rules }));
  await secretsManager.rotationSettled();
  return async () => {
    await operator.send(new RotateSecretCommand({ SecretId, ClientRequestToken: randomUUID() }));
    await secretsManager.rotationSettled();
  };
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';
const STARTS_AT = Date.UTC(2030, 0, 1);

export async function startV2(options: V2StageOptions = {}): Promise<V2Stage> {
  let time = STARTS_AT;
  const now = () => new Date(time);
  const momento = await startMomento({ now, ...(options.momento && { behaviour: options.momento }) });
  const played: Played = { outcomes: [], error: undefined, versionId: '' };
  let configured: StageSandboxOptions = options;
  const sandboxes: FunctionSandbox[] = [];

  const secretsManager = await startSecretsManager({
    now,
    ...(options.secretsManager && { behaviour: options.secretsManager }),
    invoke: async (_, event) => {
      await observe();
      try {
        played.outcomes.push(await run(event));
      } catch (error) {
        played.error = error as Error;
        throw error;
      } finally {
        await observe();
      }
    },
  });
  const client = new SecretsManagerClient(secretsManager.connection);
  const closers: (() => void)[] = [() => client.destroy()];
  onTestFinished(async () => {
    for (const close of closers) close();
    await secretsManager.close();
    await momento.close();
  });

  /** Of this rotation, to Secrets Manager. */
  let calls = 0;
  /** Rejects when the sandbox is killed: none of its calls to Secrets Manager leaves any more. */
  let killed = new Promise<never>(() => {});
  const newSandbox = () => {
    const { settings, sandboxes: _, killAfter, strike, ...hooks } = configured;
    const own = {
      apiKeysEndpoint: momento.apiKeysEndpoint,
      hosts: ['127.0.0.1'],
      ...(settings?.adminSecrets?.length === 0 ? {} : { adminSecrets: [ADMIN_SECRET], roleId: 'operator' }),
      ...settings,
    };
    const client = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
    closers.push(() => client.destroy());
    let isDead = false;
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (request) => {
          if (strike !== undefined && calls === strike.call) {
            secretsManager.faults.add({ ...strike.fault, call: commandName.replace('Command', '') });
          }
          calls += 1;
          return isDead ? new Promise(() => {}) : next(request);
        },
      { step: 'initialize' },
    );
    killed = new Promise((_, reject) => {
      momento.subscribe(({ rpc }) => {
        if (rpc !== killAfter || isDead) return;
        isDead = true;
        reject(new Error('Runtime.ExitError'));
      });
    });
    killed.catch(() => {});
    const sandbox = createSandbox(client, { revokesFirstKey: true, ...hooks, momento: own, now: () => time });
    sandboxes.push(sandbox);
    return sandbox;
  };
  const run = ({ Step, SecretId, ClientRequestToken, RotationToken }: RotationEvent) => {
    const last = configured.sandboxes === 'each' ? undefined : sandboxes.at(-1);
    const sandbox = last ?? newSandbox();
    const step = sandbox.run(Step, { secretId: SecretId, versionId: ClientRequestToken, rotationToken: RotationToken });
    return Promise.race([step, killed]);
  };

  const admin = momento.issueV2Key({
    roleId: options.adminRole ?? 'owner',
    description: 'admin',
    validForSeconds: options.adminLifetime ?? 'never',
  });
  const firstValue =
    options.secretString ?? ((local) => local.issueV2Key({ roleId: 'operator', description: 'payments' }).secretString);
  await client.send(new CreateSecretCommand({ Name: ADMIN_SECRET, SecretString: admin.secretString }));
  const created = await client.send(
    new CreateSecretCommand({ Name: 'momento/payments', SecretString: firstValue(momento) }),
  );
  const secretId = created.ARN as string;
  await client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 1 },
      RotateImmediately: false,
    }),
  );
  await secretsManager.rotationSettled();

  const hands = operatorOf(secretsManager, secretId);
  const valueText: V2Stage['valueText'] = async (...of) => hands.valueText(...of) ?? '';

  /** When each key was last seen in a version that applications, or the next step, may take it from. */
  const lastInUse = new Map<string, number>();
  const revocations: { keyId: string; at: number }[] = [];
  momento.subscribe(({ rpc, revokes, outcome, fault }) => {
    const isEffective = outcome === 200 || fault?.at === 'after';
    if (rpc === 'RevokeApiKey' && revokes !== undefined && isEffective) revocations.push({ keyId: revokes, at: time });
  });
  async function observe(): Promise<void> {
    if (secretId === undefined) return;
    for (const [versionId, stages] of Object.entries(await hands.labels())) {
      if (!stages.includes('AWSCURRENT') && !stages.includes('AWSPENDING')) continue;
      const text = hands.valueText(versionId) ?? '{}';
      const { keyId } = JSON.parse(text) as { keyId?: string };
      if (keyId === undefined) continue;
      if (stages.includes('AWSCURRENT')) lastInUse.set(keyId, time);
      else if (!lastInUse.has(keyId)) lastInUse.set(keyId, Number.NEGATIVE_INFINITY);
    }
  }

  const settle = async (begin: () => Promise<unknown>): Promise<Played> => {
    played.outcomes = [];
    played.error = undefined;
    calls = 0;
    await begin();
    await secretsManager.rotationSettled();
    return { ...played };
  };
  const revokeRetired = async (secret = secretId) => {
    await observe();
    return newSandbox().revokeRetired(secret);
  };
  time += MINUTE;
  const callsBefore = { secretsManager: secretsManager.calls.length, momento: momento.calls.length };

  return {
    momento,
    secretsManager,
    secretId,
    operator: client,
    pass(ms) {
      time += ms;
    },
    now: () => time,
    rotate: () =>
      settle(async () => {
        played.versionId = randomUUID();
        const request = { SecretId: secretId, ClientRequestToken: played.versionId };
        secretsManager.look('RotateSecret', request);
      }),
    retry: () => settle(() => secretsManager.retryRotation(secretId)),
    configure(next) {
      configured = { ...configured, ...next };
      newSandbox();
    },
    async repeat(step) {
      await observe();
      try {
        return await newSandbox().run(step, { secretId, versionId: played.versionId });
      } finally {
        await observe();
      }
    },
    sandbox: newSandbox,
    revokeRetired,
    async passWithRuns(ms) {
      const outcomes: string[] = [];
      const end = time + ms;
      for (let next = HOUR * Math.ceil((time + 1) / HOUR); next <= end; next += HOUR) {
        time = next;
        outcomes.push(await revokeRetired());
      }
      time = end;
      return outcomes;
    },
    check: () => newSandbox().check('momento/payments'),
    async late(step, versionId) {
      await observe();
      return (sandboxes[0] as FunctionSandbox).run(step, { secretId, versionId });
    },
    async put(...value) {
      await observe();
      const versionId = await hands.put(...value);
      await observe();
      return versionId;
    },
    async moveLabel(...move) {
      await observe();
      await hands.moveLabel(...move);
      await observe();
    },
    labels: hands.labels,
    value: async (versionId) => JSON.parse(await valueText(versionId)),
    valueText,
    liveKeys: () => momento.liveV2Keys().flatMap(({ keyId }) => (keyId === admin.keyId ? [] : [keyId])),
    descriptionOf: (keyId) => momento.liveV2Keys().find((key) => key.keyId === keyId)?.description,
    wrongRevocations() {
      const overlap = options.overlapMs ?? HOUR;
      return revocations
        .filter(({ keyId, at }) => (lastInUse.get(keyId) ?? Number.NEGATIVE_INFINITY) > at - overlap)
        .map(({ keyId }) => keyId);
    },
    callsMade: () => [
      ...secretsManager.calls.slice(callsBefore.secretsManager).map(({ action }) => action),
      ...momento.calls.slice(callsBefore.momento).map(({ rpc }) => rpc),
    ],
    forgetCalls() {
      callsBefore.secretsManager = secretsManager.calls.length;
      callsBefore.momento = momento.calls.length;
    },
    warnings: () => sandboxes.flatMap(({ warnings }) => warnings),
    metrics() {
      const all: Record<string, number[]> = {};
      for (const [metric, value] of sandboxes.flatMap(({ metrics }) => metrics)) {
        all[metric] = [...(all[metric] ?? []), value];
      }
      return all;
    },
  };
}
