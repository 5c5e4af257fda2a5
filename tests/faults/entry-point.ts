import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { confirming } from '../../src/aws/confirmed.ts';
import { eventReader } from '../../src/event.ts';
import { checkSecrets } from '../../src/health.ts';
import type { MetricName } from '../../src/metrics.ts';
import { looksLikeApiKey } from '../../src/momento/encoded-key.ts';
import type { MomentoKind } from '../../src/momento/kind.ts';
import type { RevocationPolicy } from '../../src/revocation/registry.ts';
import { runRevocations } from '../../src/revocation-run.ts';
import type { Budget } from '../../src/rotation/budget.ts';
import { rotateNow } from '../../src/rotation/rotate-now.ts';
import type { RotationTask } from '../../src/rotation/rotation.ts';
import { openSecret } from '../../src/rotation/secret.ts';
import { secretName } from '../../src/rotation/secret-id.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import { OVERLAP_MS } from './configuration.ts';
import type { Invocation } from './invocation.ts';
import type { Link } from './link.ts';
import { simulatedClient, simulatedKind, simulatedStore } from './ports.ts';

/** What a step is given, from which the rest is made when it is run. */
export interface StepTask extends Omit<RotationTask, 'retire'> {
  kind: MomentoKind;
  policy: RevocationPolicy;
}

/** A step as it is run: the function's own, or a broken one. */
export type RunStep = (step: StepName, rotation: StepTask, client: SecretsManagerClient, link: Link) => Promise<string>;

const readEvent = eventReader(looksLikeApiKey);

/** What the function does with an event, as src/handler.ts has it, over the simulation. */
export async function answer(link: Link, event: unknown, budget: Budget, runStep: RunStep): Promise<string> {
  const { invocation } = link;
  const request = readEvent(event);
  invocation.step = request.kind === 'step' ? request.step : request.kind;
  const store = simulatedStore(link);
  const measured = (figures: Partial<Record<MetricName, number>>) => ({
    warn: (message: string) => void invocation.warnings.push(message),
    measure(metric: MetricName, value: number) {
      invocation.measured.push([metric, value]);
      figures[metric] = value;
    },
  });
  const report = measured({});
  const policy = {
    overlapMs: OVERLAP_MS,
    revokesFirstKey: link.standIns.configuration.revokesFirstKeys,
    revokesOnSchedule: link.revokesHourly,
  };
  const batchOf = (field: string, secretIds: readonly string[]) => ({
    field,
    secretIds,
    budget,
    onProblem: (_: unknown, error: unknown) => void invocation.problems.push(error),
  });
  const taskOf = (secretId: string, share: Budget) => {
    const figures: Invocation['found'][number] = { name: undefined };
    const confirmed = confirming(store, { secretId }, ({ secret }) => {
      if (figures.name === undefined) invocation.found.push(figures);
      figures.name = secretName(secret);
    });
    return {
      secret: openSecret(confirmed, secretId, share),
      kind: simulatedKind(link, secretId),
      report: measured(figures),
      ...policy,
    };
  };
  switch (request.kind) {
    case 'step': {
      const { secretId, versionId, rotationToken } = request;
      invocation.versionId = versionId;
      const memory = invocation.sandbox.memory.of(secretId, versionId);
      const kind = simulatedKind(link, secretId);
      const rotation = { secretId, versionId, rotationToken, store, kind, budget, memory, report, policy };
      return runStep(request.step, rotation, simulatedClient(link, 3000), link);
    }
    case 'rotate': {
      const started = await rotateNow(store, request.secretId, budget);
      invocation.versionId = started.VersionId;
      return 'started';
    }
    case 'check':
      await checkSecrets(batchOf('CheckSecrets', request.secretIds), taskOf);
      return 'checked';
    case 'revoke': {
      const run = {
        ...batchOf('RevokeRetiredKeys', request.secretIds),
        report,
        notBegun: invocation.sandbox.notBegun,
        isByHand: request.isByHand,
      };
      return runRevocations(run, taskOf);
    }
  }
}
