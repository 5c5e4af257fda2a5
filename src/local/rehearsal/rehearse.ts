import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DEFAULT_PING_CACHE } from '../../momento/momento-api-key.ts';
import type { RotationStep, ServiceEvent } from '../secrets-manager/index.ts';
import { SECRET_NAME, type StandIns, startStandIns } from '../stand-ins.ts';
import { showProof } from './proof.ts';
import type { Continuation, Scenario, World } from './scenarios.ts';
import type { Screen } from './screen.ts';
import { describeLabels, describeVersion, readValue, readVersions, shortId, type VersionView } from './versions.ts';

export interface RehearsalOptions {
  /** What goes wrong. @default nothing */
  scenario?: Scenario | undefined;
  /** The value of a real key, to rotate it at the real Momento. @default a key of the local Momento */
  realKey?: string | undefined;
  /** Where pings read. */
  pingCache?: string | undefined;
  /** Show the function's log lines. @default false */
  verbose?: boolean | undefined;
  /** Called with each successor as soon as it is stored, whatever becomes of it. */
  onSuccessor?: ((secretString: string) => void) | undefined;
}

const DONE: Record<RotationStep, string> = {
  createSecret: 'a refreshed key is staged as AWSPENDING',
  setSecret: 'nothing to set: a key is live when it is issued',
  testSecret: 'Momento lets the pending key in',
  finishSecret: 'AWSCURRENT moves to it',
};

/**
 * Rotates a key on this machine as it is rotated on AWS, and shows it.
 *
 * @returns whether the key changed, the new one works, and so does the one before
 */
export async function rehearse(options: RehearsalOptions, screen: Screen): Promise<boolean> {
  const { scenario, realKey, pingCache = DEFAULT_PING_CACHE, verbose, onSuccessor } = options;
  const standIns = await startStandIns({
    ...scenario?.options,
    lambda: {
      ...scenario?.options?.lambda,
      environment: { MOMENTO_PING_CACHE: pingCache },
      ...(verbose && { onLog: screen.log }),
    },
  });
  const { client, momento } = standIns;
  const reports: Promise<void>[] = [];
  try {
    showSetting(screen, standIns, options);
    const created = await client.send(
      new CreateSecretCommand({ Name: SECRET_NAME, SecretString: realKey ?? momento.issueKey().secretString }),
    );
    const world = { standIns, secretId: created.ARN as string };
    if (onSuccessor) reportSuccessors(world, onSuccessor, reports);
    await scenario?.arrange(world);

    const previous = await rotateUntilDone(world, scenario?.afterFailure ?? [], screen);
    return (
      previous !== undefined && (await showProof({ client, secretId: world.secretId, previous, pingCache }, screen))
    );
  } finally {
    await Promise.all(reports);
    await standIns.close();
  }
}

function showSetting(screen: Screen, { secretsManager, momento }: StandIns, { scenario, realKey }: RehearsalOptions) {
  screen.heading(scenario ? `Rehearsal of a failure: ${scenario.title}` : 'Rehearsal: one rotation, as on AWS');
  screen.line(`Secrets Manager  on this machine, ${secretsManager.endpoint}`);
  screen.line(`Momento          ${realKey ? 'the real one' : `on this machine, ${momento.endpoint}`}`);
  screen.line('the function     dist/lambda/index.mjs, as it is deployed, in a process of its own');
}

/**
 * Rotates, and after each failure does what follows.
 *
 * @returns the value that was current before the rotation that succeeded; undefined if none did
 */
async function rotateUntilDone(
  world: World,
  afterFailure: readonly Continuation[],
  screen: Screen,
): Promise<string | undefined> {
  const { client } = world.standIns;
  for (const { says, first, by } of [ROTATE, ...afterFailure]) {
    await first?.(world);
    screen.heading(says);
    const before = await readVersions(client, world.secretId);
    showVersions(screen, 'before', world, before);
    const succeeded = await rotate(world, by, screen);
    showVersions(screen, 'after', world, await readVersions(client, world.secretId));
    if (succeeded) return before[0]?.secretString;
  }
  return undefined;
}

const ROTATE: Continuation = { says: 'What "aws secretsmanager rotate-secret" sets off', by: 'rotate' };

/** One run of a rotation, shown as it happens. */
async function rotate({ standIns, secretId }: World, how: Continuation['by'], screen: Screen): Promise<boolean> {
  const { secretsManager, momento, lambda, client } = standIns;
  const callsBefore = { secretsManager: secretsManager.calls.length, momento: momento.calls.length };
  let succeeded = false;
  const show = eventsOn(screen);
  const unsubscribe = secretsManager.subscribe((event) => {
    if (event.type === 'rotationSucceeded') succeeded = true;
    show(event);
  });
  try {
    if (how === 'retry') await secretsManager.retryRotation(secretId);
    else {
      await client.send(
        new RotateSecretCommand({
          SecretId: secretId,
          RotationLambdaARN: lambda.functionArn,
          RotationRules: { AutomaticallyAfterDays: 1 },
        }),
      );
      await secretsManager.rotationSettled();
    }
  } finally {
    unsubscribe();
  }
  const made = secretsManager.calls.slice(callsBefore.secretsManager).filter(({ action }) => action !== 'RotateSecret');
  const toMomento = momento.calls.length - callsBefore.momento;
  screen.line(`${made.length} calls to Secrets Manager${toMomento > 0 ? `, ${toMomento} to Momento` : ''}`);
  return succeeded;
}

/** Shows what happens to a rotation, and the labels whenever they have changed. */
function eventsOn(screen: Screen): (event: ServiceEvent) => void {
  let shown = '';
  const showLabels = (stages: Record<string, string[]>) => {
    const labels = describeLabels(stages);
    if (labels !== shown) screen.detail(labels);
    shown = labels;
  };
  return (event) => {
    switch (event.type) {
      case 'rotationStarted':
        if (event.attempt === 1) screen.line(`version ${shortId(event.versionId)} is registered as AWSPENDING`);
        showLabels(event.versionIdsToStages);
        break;
      case 'stepStarted':
        screen.underWay(event.step);
        break;
      case 'stepSucceeded':
        screen.good(`${describeStep(event)}   ${DONE[event.step]}`);
        showLabels(event.versionIdsToStages);
        break;
      case 'stepFailed':
        screen.bad(`${describeStep(event)}   ${event.error.message}`);
        showLabels(event.versionIdsToStages);
        break;
      case 'rotationAbandoned':
        if (event.reason === 'valueReplaced') screen.note('somebody stored a value of their own: the rotation ends');
    }
  };
}

function describeStep({ step, durationMs }: { step: RotationStep; durationMs: number }): string {
  return `${step.padEnd(12)} ${`${durationMs} ms`.padStart(8)}`;
}

function showVersions(screen: Screen, caption: string, { standIns }: World, versions: readonly VersionView[]): void {
  for (const version of versions) {
    screen.line(`${caption.padEnd(8)}${describeVersion(version, (apiKey) => standIns.momento.idOf(apiKey))}`);
  }
}

/** At the end of the step that stores it, also of one that failed. */
function reportSuccessors(
  { standIns }: World,
  onSuccessor: (secretString: string) => void,
  reports: Promise<void>[],
): void {
  const { client, secretsManager } = standIns;
  secretsManager.subscribe((event) => {
    if ((event.type !== 'stepSucceeded' && event.type !== 'stepFailed') || event.step !== 'createSecret') return;
    const report = async () => {
      const secretString = await readValue(client, event.secretArn, event.versionId);
      if (secretString !== undefined) onSuccessor(secretString);
    };
    reports.push(report());
  });
}
