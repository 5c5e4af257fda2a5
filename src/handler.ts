import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Confirmed, confirming } from './aws/confirmed.ts';
import { secretsManagerStore } from './aws/secrets-manager.ts';
import { eventReader } from './event.ts';
import { checkSecrets, type HealthTask } from './health.ts';
import { looksLikeApiKey } from './momento/encoded-key.ts';
import { momentoApiKey } from './momento/momento-api-key.ts';
import { prime } from './priming/prime.ts';
import { retireSuperseded } from './revocation/retire.ts';
import { runRevocations } from './revocation-run.ts';
import { type Budget, type Clock, startBudget } from './rotation/budget.ts';
import { createMemory, type VersionMemory } from './rotation/memory.ts';
import { rotateNow } from './rotation/rotate-now.ts';
import { openSecret } from './rotation/secret.ts';
import { secretName } from './rotation/secret-id.ts';
import { steps } from './rotation/steps.ts';
import { readSettings, revokesFirstKey } from './settings.ts';
import { startTelemetry } from './telemetry.ts';

const clock: Clock = { now: Date.now, sleep, random: Math.random };
const store = secretsManagerStore(new SecretsManagerClient({ maxAttempts: 1 }));
const settings = readSettings(process.env);
const kindOf = momentoApiKey(settings.momento);
const readEvent = eventReader(looksLikeApiKey);
const memory = createMemory();
/** What Secrets Manager has answered for, of the versions that this sandbox has worked on. */
const confirmedOf = new WeakMap<VersionMemory, Confirmed>();
/** The secrets for which a run of the revocation had no time left. */
const notBegun = new Set<string>();
if (process.env['AWS_LAMBDA_RUNTIME_API'] !== undefined) await prime();

/**
 * Lambda entry point: rotation steps, manual rotation, health checks, revocation.
 *
 * @param event one of those that {@link eventReader} knows
 * @returns for a rotation that was started by hand, the secret and the version in rotation; else nothing
 * @throws RotationError when its work was not done
 */
export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<{ SecretId: string; VersionId: string } | undefined> {
  const budget = startBudget(clock, context.getRemainingTimeInMillis());
  const telemetry = startTelemetry(clock.now);
  try {
    const request = readEvent(event);
    telemetry.concerns({ step: request.kind === 'step' ? request.step : request.kind });
    switch (request.kind) {
      case 'step': {
        const { step, secretId, versionId, rotationToken } = request;
        const known = memory.of(secretId, versionId);
        const confirm = (confirmed: Confirmed) => {
          const all = { ...confirmedOf.get(known), ...confirmed };
          confirmedOf.set(known, all);
          telemetry.concerns(all);
        };
        telemetry.concerns(confirmedOf.get(known) ?? {});
        const kind = kindOf(secretId);
        const outcome = await steps[step]({
          secretId,
          versionId,
          rotationToken,
          store: confirming(store, { secretId, versionId }, confirm),
          kind,
          budget,
          memory: known,
          report: telemetry.report,
          retire: (rotation, before) => retireSuperseded(rotation, before, kind, policyFor(secretId)),
        });
        telemetry.succeeded(outcome);
        return undefined;
      }
      case 'rotate': {
        const { secretId } = request;
        const started = await rotateNow(confirming(store, { secretId }, telemetry.concerns), secretId, budget);
        telemetry.succeeded('started');
        return started;
      }
      case 'check': {
        const { batch, taskOf } = batchOf('check', 'CheckSecrets', request.secretIds);
        await checkSecrets(batch, taskOf);
        telemetry.succeeded('checked');
        return undefined;
      }
      case 'revoke': {
        const { secretIds, isByHand } = request;
        const { batch, taskOf } = batchOf('revoke', 'RevokeRetiredKeys', secretIds);
        const { report } = telemetry;
        telemetry.succeeded(await runRevocations({ ...batch, report, notBegun, isByHand }, taskOf));
        return undefined;
      }
    }
  } catch (error) {
    throw telemetry.failed(error);
  }

  /** Of several secrets, each has lines and figures of its own. */
  function batchOf(step: string, field: string, secretIds: readonly string[]) {
    return {
      batch: {
        field,
        secretIds,
        budget,
        onProblem(name: string | undefined, error: unknown) {
          const own = startTelemetry(clock.now);
          own.concerns({ ...(name !== undefined && { secret: name }), step });
          own.problem(error);
        },
      },
      taskOf(secretId: string, share: Budget): HealthTask {
        const own = startTelemetry(clock.now);
        own.concerns({ step });
        const confirm = (confirmed: Confirmed) => {
          own.concerns({ secret: secretName(confirmed.secret) });
          if (secretIds.length === 1) telemetry.concerns(confirmed);
        };
        return {
          secret: openSecret(confirming(store, { secretId }, confirm), secretId, share),
          kind: kindOf(secretId),
          report: own.report,
          ...policyFor(secretId),
        };
      },
    };
  }
}

function policyFor(secretId: string) {
  const { overlapMs, revokesOnSchedule } = settings;
  return { overlapMs, revokesOnSchedule, revokesFirstKey: revokesFirstKey(settings, secretId) };
}
