import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { interpretOnly, keepHeapSmall } from './frugal.ts';
import { momentoApiKey } from './momento/momento-api-key.ts';
import { type Clock, startBudget } from './rotation/budget.ts';
import { checkSecrets, type SecretHealth } from './rotation/check.ts';
import { readEvent } from './rotation/event.ts';
import { eventBridgeScheduler } from './rotation/event-bridge-scheduler.ts';
import { createMemory } from './rotation/memory.ts';
import { revokeDue } from './rotation/revoke-due.ts';
import { rotateNow } from './rotation/rotate-now.ts';
import type { Task } from './rotation/rotation.ts';
import { secretsManagerStore } from './rotation/secrets-manager.ts';
import { steps } from './rotation/steps.ts';
import { readSettings } from './settings.ts';
import { startTelemetry } from './telemetry.ts';

const clock: Clock = { now: Date.now, sleep, random: Math.random };
const store = secretsManagerStore(new SecretsManagerClient({ maxAttempts: 1 }));
const settings = readSettings(process.env);
const kind = momentoApiKey(settings.momento);
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
  const task = (secretId: string): Task => ({
    secretId,
    store,
    kind,
    budget,
    report: telemetry.report,
    overlapMs,
    schedule: scheduler && eventBridgeScheduler(scheduler, context.invokedFunctionArn),
  });
  try {
    const request = readEvent(event);
    switch (request.kind) {
      case 'step': {
        const { step, secretId, versionId, rotationToken } = request;
        telemetry.concerns({ secret: secretId, version: versionId, step });
        const outcome = await steps[step]({
          ...task(secretId),
          versionId,
          rotationToken,
          memory: memory.of(secretId, versionId),
        });
        telemetry.succeeded(outcome);
        if (step === 'finishSecret') keepHeapSmall();
        return undefined;
      }
      case 'rotate': {
        telemetry.concerns({ secret: request.secretId, step: 'rotate' });
        const started = await rotateNow(store, request.secretId, budget);
        telemetry.succeeded('started');
        return started;
      }
      case 'check': {
        const [secretId, ...others] = request.secretIds;
        telemetry.concerns({ ...(others.length === 0 && { secret: secretId }), step: 'check' });
        await checkSecrets(task, request.secretIds, { found: reportHealth, failed: reportProblem });
        telemetry.succeeded('checked');
        return undefined;
      }
      case 'revoke': {
        telemetry.concerns({ secret: request.secretId, step: 'revoke' });
        telemetry.succeeded(await revokeDue(task(request.secretId)));
        return undefined;
      }
    }
  } catch (error) {
    throw telemetry.failed(error);
  }
}

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
