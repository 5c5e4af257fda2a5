import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { looksLikeApiKey } from '../../src/momento/api-key.ts';
import type { Budget } from '../../src/rotation/budget.ts';
import { checkSecrets } from '../../src/rotation/check.ts';
import { readEvent } from '../../src/rotation/event.ts';
import { revokeDue } from '../../src/rotation/revoke-due.ts';
import { rotateNow } from '../../src/rotation/rotate-now.ts';
import type { Report, Rotation, Task } from '../../src/rotation/rotation.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import { OVERLAP_MS } from './configuration.ts';
import { type Link, simulatedClient, simulatedKind, simulatedStore } from './ports.ts';
import { simulatedScheduler } from './scheduler.ts';

/** A step as it is run: the function's own, or a broken one. */
export type RunStep = (step: StepName, rotation: Rotation, client: SecretsManagerClient, link: Link) => Promise<string>;

/** What the function does with an event, as src/handler.ts has it, over the simulation. */
export async function answer(link: Link, event: unknown, budget: Budget, runStep: RunStep): Promise<string> {
  const { invocation } = link;
  const request = readEvent(event, looksLikeApiKey);
  invocation.step = request.kind === 'step' ? request.step : request.kind;
  const store = simulatedStore(link);
  const report: Report = {
    warn: (message) => invocation.warnings.push(message),
    measure: (metric, value) => invocation.measured.push([metric, value]),
  };
  const task = (secretId: string): Task => ({
    secretId,
    store,
    kind: simulatedKind(link, secretId),
    budget,
    report,
    overlapMs: OVERLAP_MS,
    revokesFirstKey: link.standIns.configuration.revokesFirstKeys,
    schedule: simulatedScheduler(link),
  });
  switch (request.kind) {
    case 'step': {
      const { secretId, versionId, rotationToken } = request;
      invocation.versionId = versionId;
      const memory = invocation.sandbox.memory.of(secretId, versionId);
      const rotation = { ...task(secretId), versionId, rotationToken, memory };
      return runStep(request.step, rotation, simulatedClient(link, 3000), link);
    }
    case 'rotate': {
      const started = await rotateNow(store, request.secretId, budget);
      invocation.versionId = started.VersionId;
      return 'started';
    }
    case 'check':
      await checkSecrets(task, request.secretIds, {
        found: (health) => invocation.found.push(health),
        failed: () => {},
      });
      return 'checked';
    case 'revoke':
      return revokeDue(task(request.secretId));
  }
}
