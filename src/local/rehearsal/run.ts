import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { RotationStep, ServiceEvent } from '../secrets-manager/local-secrets-manager.ts';
import type { Continuation, World } from './scenario.ts';
import type { Screen } from './screen.ts';
import { describeLabels, shortId } from './versions.ts';

interface Run {
  by: Continuation['by'];
  /** Those that were shown before it. */
  labels: Record<string, string[]>;
}

/**
 * One run of a rotation, shown as it happens, but for the labels at its end.
 *
 * @returns whether it succeeded
 */
export async function runRotation(world: World, { by, labels }: Run, screen: Screen): Promise<boolean> {
  const { secretsManager, momento } = world.standIns;
  const countCalls = () => [
    secretsManager.calls.filter(({ action }) => action !== 'RotateSecret').length,
    momento.calls.length,
  ];
  const before = countCalls();
  let succeeded = false;
  const show = eventsOn(screen, world.key.succession, labels);
  const unsubscribe = secretsManager.subscribe((event) => {
    if (event.type === 'rotationSucceeded') succeeded = true;
    show(event);
  });
  try {
    await rotate(world, by);
  } finally {
    unsubscribe();
  }
  const [toSecretsManager, toMomento] = countCalls().map((count, index) => count - (before[index] ?? 0));
  screen.line(`${toSecretsManager} calls to Secrets Manager, ${toMomento} to Momento`);
  return succeeded;
}

async function rotate({ standIns, secretId }: World, how: Continuation['by']): Promise<void> {
  const { secretsManager, lambda, client } = standIns;
  if (how === 'retry') {
    await secretsManager.retryRotation(secretId);
    return;
  }
  await client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 1 },
    }),
  );
  await secretsManager.rotationSettled();
}

/** Shows what happens to a rotation, and before each step the labels, if they are not as they were shown or told last. */
function eventsOn(
  screen: Screen,
  succession: string,
  labelsBefore: Record<string, string[]>,
): (event: ServiceEvent) => void {
  const done: Record<RotationStep, string> = {
    createSecret: succession,
    setSecret: 'nothing to set: a key is live when it is issued',
    testSecret: 'Momento lets the pending key in',
    finishSecret: 'AWSCURRENT moves to it',
  };
  let known = describeLabels(labelsBefore);
  return (event) => {
    switch (event.type) {
      case 'rotationStarted':
        if (event.attempt > 1) break;
        screen.line(`version ${shortId(event.versionId)} is registered as AWSPENDING`);
        known = describeLabels(event.versionIdsToStages);
        break;
      case 'stepStarted': {
        const labels = describeLabels(event.versionIdsToStages);
        if (labels !== known) screen.detail(labels);
        known = labels;
        screen.underWay(event.step);
        break;
      }
      case 'stepSucceeded':
        screen.good(`${describeStep(event)}   ${done[event.step]}`);
        break;
      case 'stepFailed':
        screen.bad(`${describeStep(event)}   ${event.error.message}`);
        break;
      case 'rotationAbandoned':
        if (event.reason === 'valueReplaced') screen.note('somebody stored a value of their own: the rotation ends');
    }
  };
}

function describeStep({ step, durationMs }: { step: RotationStep; durationMs: number }): string {
  return `${step.padEnd(12)} ${`${durationMs} ms`.padStart(8)}`;
}
