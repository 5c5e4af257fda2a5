import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { interpretOnly, keepHeapSmall } from './frugal.ts';
import { looksLikeApiKey } from './momento/api-key.ts';
import { momentoApiKey } from './momento/momento-api-key.ts';
import { type Clock, startBudget } from './rotation/budget.ts';
import { checkSecrets, type SecretHealth } from './rotation/check.ts';
import { type Confirmed, confirming } from './rotation/confirmed.ts';
import { readEvent } from './rotation/event.ts';
import { eventBridgeScheduler } from './rotation/event-bridge-scheduler.ts';
import { createMemory } from './rotation/memory.ts';
import { revokeDue } from './rotation/revoke-due.ts';
import { rotateNow } from './rotation/rotate-now.ts';
import type { Task } from './rotation/rotation.ts';
import { secretsManagerStore } from './rotation/secrets-manager.ts';
import { steps } from './rotation/steps.ts';
import { readSettings, revokesFirstKey } from './settings.ts';
import { startTelemetry } from './telemetry.ts';

const clock: Clock = { now: Date.now, sleep, random: Math.random };
const store = secretsManagerStore(new SecretsManagerClient({ maxAttempts: 1 }));
const settings = readSettings(process.env);
const kindOf = momentoApiKey(settings.momento);
const memory = createMemory();
interpretOnly();

/**
 * Lambda's door. Takes an event of Secrets Manager's rotation protocol, one that starts a rotation by hand, one that has
 * secrets checked, or one that has keys revoked that nobody uses any more; throws if its work was not done.
 *
 * @returns for a rotation that was started by hand, the secret and the version in rotation; else nothing
 * @throws RotationError
 */
export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number; invokedFunctionArn: string },
): Promise<{ SecretId: string; VersionId: string } | undefined> {
  const budget = startBudget(clock, context.getRemainingTimeInMillis());
  const telemetry = startTelemetry(clock.now);
  const { overlapMs, scheduler } = settings;
  const task = (secretId: string, confirm: Confirm = telemetry.concerns, versionId?: string): Task => ({
    secretId,
    store: confirming(store, { secretId, versionId }, confirm),
    kind: kindOf(secretId),
    budget,
    report: telemetry.report,
    overlapMs,
    revokesFirstKey: revokesFirstKey(settings, secretId),
    schedule: scheduler && eventBridgeScheduler(scheduler, context.invokedFunctionArn),
  });
  try {
    const request = readEvent(event, looksLikeApiKey);
    telemetry.concerns({ step: request.kind === 'step' ? request.step : request.kind });
    switch (request.kind) {
      case 'step': {
        const { step, secretId, versionId, rotationToken } = request;
        const known = memory.of(secretId, versionId);
        const confirm: Confirm = (confirmed) => {
          known.confirmed = { ...known.confirmed, ...confirmed };
          telemetry.concerns(known.confirmed);
        };
        if (known.confirmed !== undefined) telemetry.concerns(known.confirmed);
        const outcome = await steps[step]({
          ...task(secretId, confirm, versionId),
          versionId,
          rotationToken,
          memory: known,
        });
        telemetry.succeeded(outcome);
        if (step === 'finishSecret') keepHeapSmall();
        return undefined;
      }
      case 'rotate': {
        const started = await rotateNow(task(request.secretId).store, request.secretId, budget);
        telemetry.succeeded('started');
        return started;
      }
      case 'check': {
        // Of several, each has lines of its own.
        const confirm: Confirm = request.secretIds.length === 1 ? telemetry.concerns : () => {};
        await checkSecrets((secretId) => task(secretId, confirm), request.secretIds, {
          found: reportHealth,
          failed: reportProblem,
        });
        telemetry.succeeded('checked');
        return undefined;
      }
      case 'revoke': {
        telemetry.succeeded(await revokeDue(task(request.secretId)));
        return undefined;
      }
    }
  } catch (error) {
    throw telemetry.failed(error);
  }
}

type Confirm = (confirmed: Confirmed) => void;

function reportHealth({ name, daysSinceLastRotation, daysUntilExpiry, keysAwaitingRevocation }: SecretHealth): void {
  const { concerns, report } = startTelemetry(clock.now);
  concerns({ secret: name, step: 'check' });
  if (daysSinceLastRotation !== undefined) report.measure('DaysSinceLastRotation', daysSinceLastRotation);
  if (daysUntilExpiry !== undefined) report.measure('DaysUntilKeyExpires', daysUntilExpiry);
  if (keysAwaitingRevocation !== undefined) report.measure('KeysAwaitingRevocation', keysAwaitingRevocation);
}

function reportProblem(secret: string | undefined, problem: unknown): void {
  const telemetry = startTelemetry(clock.now);
  telemetry.concerns({ ...(secret !== undefined && { secret }), step: 'check' });
  telemetry.problem(problem);
}
