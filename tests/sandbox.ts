import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretsManagerStore } from '../src/aws/secrets-manager.ts';
import { checkSecrets } from '../src/health.ts';
import type { MetricName } from '../src/metrics.ts';
import { type MomentoApiKeySettings, momentoApiKey } from '../src/momento/momento-api-key.ts';
import { retireSuperseded } from '../src/revocation/retire.ts';
import { runRevocations } from '../src/revocation-run.ts';
import { type Budget, type Clock, startBudget } from '../src/rotation/budget.ts';
import type { CredentialKind, Issuer } from '../src/rotation/credential.ts';
import { createMemory } from '../src/rotation/memory.ts';
import { openSecret } from '../src/rotation/secret.ts';
import { type StepName, steps } from '../src/rotation/steps.ts';

/** One sandbox of the function, in this process: it shares nothing with another but the services. */
export interface FunctionSandbox {
  run(
    step: StepName,
    event: { secretId: string; versionId: string; rotationToken?: string | undefined },
  ): Promise<string>;
  /** The event that has keys revoked. */
  revokeRetired(...secretIds: string[]): Promise<string>;
  /** The event that has a secret checked. */
  check(secretId: string): Promise<Figures>;
  warnings: string[];
  metrics: [MetricName, number][];
  /** Moves its clock on. */
  wait(ms: number): void;
}

/** What a check measured. */
export type Figures = Partial<Record<MetricName, number>>;

export interface FunctionSandboxOptions {
  momento?: MomentoApiKeySettings;
  /** @default an hour */
  overlapMs?: number;
  /** @default false */
  revokesFirstKey?: boolean;
  /** @default false: rotations revoke */
  revokesOnSchedule?: boolean;
  /** @default the system's clock */
  now?: () => number;
  /** Time left at the beginning of each invocation, in milliseconds. @default 30000 */
  remainingMs?: number;
  /** Runs whenever the function pauses. */
  onSleep?: (ms: number) => unknown;
  /** Runs when a successor has been issued, and before it is stored. */
  afterIssue?: () => unknown;
  /** Runs before `AWSCURRENT` is moved. */
  beforeMove?: () => unknown;
}

const HOUR_MS = 3_600_000;

/** @param client makes one attempt a call */
export function createSandbox(client: SecretsManagerClient, options: FunctionSandboxOptions = {}): FunctionSandbox {
  const { now = Date.now, remainingMs = 30_000, onSleep, afterIssue, beforeMove } = options;
  const { overlapMs = HOUR_MS, revokesFirstKey = false, revokesOnSchedule = false } = options;
  const policy = { overlapMs, revokesFirstKey, revokesOnSchedule };
  let offset = 0;
  const kindOf = momentoApiKey({ hosts: ['127.0.0.1'], ...options.momento });
  const sdkStore = secretsManagerStore(client);
  const store: typeof sdkStore = {
    ...sdkStore,
    async moveCurrent(...move) {
      await beforeMove?.();
      return sdkStore.moveCurrent(...move);
    },
  };
  const clock: Clock = {
    now: () => now() + offset,
    random: () => 0.5,
    async sleep(ms) {
      offset += ms;
      await onSleep?.(ms);
    },
  };
  const memory = createMemory();
  const notBegun = new Set<string>();
  const warnings: string[] = [];
  const metrics: [MetricName, number][] = [];
  const report = {
    warn: (message: string) => void warnings.push(message),
    measure: (metric: MetricName, value: number) => void metrics.push([metric, value]),
  };
  const taskOf = (secretId: string, budget: Budget) => ({
    secret: openSecret(store, secretId, budget),
    kind: kindOf(secretId),
    report,
    ...policy,
  });
  const batchOf = (field: string, secretIds: string[]) => ({
    field,
    secretIds,
    budget: startBudget(clock, remainingMs),
    onProblem: () => {},
  });

  return {
    warnings,
    metrics,
    wait(ms) {
      offset += ms;
    },
    run(step, { secretId, versionId, rotationToken }) {
      const kind = kindOf(secretId);
      return steps[step]({
        secretId,
        versionId,
        rotationToken,
        store,
        kind: withIssuer(kind, (issuer) => ({
          async issue(timeoutMs) {
            const issue = await issuer.issue(timeoutMs);
            await afterIssue?.();
            return issue;
          },
        })),
        budget: startBudget(clock, remainingMs),
        memory: memory.of(secretId, versionId),
        report,
        retire: (rotation, before) => retireSuperseded(rotation, before, kind, policy),
      });
    },
    async revokeRetired(...secretIds) {
      const run = { ...batchOf('RevokeRetiredKeys', secretIds), report, notBegun };
      return runRevocations(run, taskOf);
    },
    async check(secretId) {
      const before = metrics.length;
      await checkSecrets(batchOf('CheckSecrets', [secretId]), taskOf);
      return Object.fromEntries(metrics.slice(before));
    },
  };
}

/** The kind, with something else about its issuers. */
export function withIssuer(kind: CredentialKind, change: (issuer: Issuer) => Partial<Issuer>): CredentialKind {
  return {
    ...kind,
    read(secretString) {
      const credential = kind.read(secretString);
      return {
        ...credential,
        async issuerFor(succession) {
          const issuer = await credential.issuerFor(succession);
          return { ...issuer, ...change(issuer) };
        },
      };
    },
  };
}
