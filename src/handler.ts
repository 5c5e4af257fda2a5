import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { momentoApiKey } from './momento/momento-api-key.ts';
import { type Clock, startBudget } from './rotation/budget.ts';
import { readEvent } from './rotation/event.ts';
import { createMemory } from './rotation/memory.ts';
import { rotateNow } from './rotation/rotate-now.ts';
import { secretsManagerStore } from './rotation/secrets-manager.ts';
import { steps } from './rotation/steps.ts';
import { startTelemetry } from './telemetry.ts';

const clock: Clock = { now: Date.now, sleep, random: Math.random };
const store = secretsManagerStore(new SecretsManagerClient({ maxAttempts: 1 }));
const kind = momentoApiKey(process.env['MOMENTO_PING_CACHE'] || undefined);
const memory = createMemory();

/**
 * Lambda's door. Takes an event of Secrets Manager's rotation protocol, or one that starts a rotation by hand; throws if
 * its work was not done.
 *
 * @returns nothing for a step; for a rotation that was started by hand, the secret and the version in rotation
 * @throws RotationError
 */
export async function handler(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<{ SecretId: string; VersionId: string } | undefined> {
  const budget = startBudget(clock, context.getRemainingTimeInMillis());
  const telemetry = startTelemetry(clock.now);
  try {
    const request = readEvent(event);
    const { secretId } = request;

    if (request.kind === 'rotate') {
      telemetry.concerns({ secret: secretId, step: 'rotate' });
      const started = await rotateNow(store, secretId, budget);
      telemetry.succeeded('started');
      return started;
    }

    const { step, versionId, rotationToken } = request;
    telemetry.concerns({ secret: secretId, version: versionId, step });
    const outcome = await steps[step]({
      secretId,
      versionId,
      rotationToken,
      store,
      kind,
      memory: memory.of(secretId, versionId),
      budget,
      report: telemetry.report,
    });
    telemetry.succeeded(outcome);
    return undefined;
  } catch (error) {
    throw telemetry.failed(error);
  }
}
