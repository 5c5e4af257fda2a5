import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type MomentoApiKeySettings, momentoApiKey } from '../src/momento/momento-api-key.ts';
import { type Clock, startBudget } from '../src/rotation/budget.ts';
import { checkSecrets, type SecretHealth } from '../src/rotation/check.ts';
import type { Credential, CredentialKind } from '../src/rotation/credential.ts';
import { createMemory } from '../src/rotation/memory.ts';
import type { RevocationSchedule } from '../src/rotation/revocation-schedule.ts';
import { revokeDue } from '../src/rotation/revoke-due.ts';
import type { Metric, Task } from '../src/rotation/rotation.ts';
import { secretsManagerStore } from '../src/rotation/secrets-manager.ts';
import { type StepName, steps } from '../src/rotation/steps.ts';

/** One sandbox of the function, in this process: it shares nothing with another but the services. */
export interface FunctionSandbox {
  run(
    step: StepName,
    event: { secretId: string; versionId: string; rotationToken?: string | undefined },
  ): Promise<string>;
  /** The event that has keys revoked. */
  revokeRetired(secretId: string): Promise<string>;
  /** The event that has a secret checked. */
  check(secretId: string): Promise<SecretHealth[]>;
  warnings: string[];
  metrics: [Metric, number][];
  /** Moves its clock on. */
  wait(ms: number): void;
}

export interface FunctionSandboxOptions {
  momento?: MomentoApiKeySettings;
  /** @default an hour */
  overlapMs?: number;
  /** @default false */
  revokesFirstKey?: boolean;
  /** @default none: the next rotation revokes */
  schedule?: RevocationSchedule;
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
  const {
    overlapMs = HOUR_MS,
    revokesFirstKey = false,
    now = Date.now,
    remainingMs = 30_000,
    onSleep,
    afterIssue,
    beforeMove,
  } = options;
  let offset = 0;
  const kindOf = momentoApiKey({ hosts: ['127.0.0.1'], ...options.momento });
  const store = secretsManagerStore(client);
  const clock: Clock = {
    now: () => now() + offset,
    random: () => 0.5,
    async sleep(ms) {
      offset += ms;
      await onSleep?.(ms);
    },
  };
  const memory = createMemory();
  const warnings: string[] = [];
  const metrics: [Metric, number][] = [];
  const task = (secretId: string): Task => {
    const kind: CredentialKind<Credential> = kindOf(secretId);
    return {
      secretId,
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
      budget: startBudget(clock, remainingMs),
      overlapMs,
      revokesFirstKey,
      schedule: options.schedule,
      report: {
        warn: (message) => warnings.push(message),
        measure: (metric, value) => metrics.push([metric, value]),
      },
    };
  };
  return {
    warnings,
    metrics,
    wait(ms) {
      offset += ms;
    },
    run: (step, { secretId, versionId, rotationToken }) =>
      steps[step]({ ...task(secretId), versionId, rotationToken, memory: memory.of(secretId, versionId) }),
    revokeRetired: (secretId) => revokeDue(task(secretId)),
    async check(secretId) {
      const found: SecretHealth[] = [];
      await checkSecrets(task, [secretId], { found: (health) => found.push(health), failed: () => {} });
      return found;
    },
  };
}
