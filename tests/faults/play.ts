import { OVERLAP_MS, type RunStep } from './door.ts';
import { type HumanState, humanStates } from './human-states.ts';
import { failureOf } from './invocation.ts';
import { doWhatWasSaid } from './remedy.ts';
import { lingering } from './revocations.ts';
import type { Schedule } from './schedule.ts';
import { checkFirstAttempt } from './wholes.ts';
import { realSteps, type Violation, World } from './world.ts';

/** How a schedule went. */
export interface Played {
  schedule: Schedule;
  world: World;
  violations: Violation[];
  /** Calls that arrived before the faults stopped: where a mishap could be planned. */
  calls: number;
  /** The states in which a human was needed, and did what was said. */
  mended: HumanState[];
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';

const A_DAY_AND_A_HALF_MS = 129_600_000;

/** How many rotations the service may start until one has succeeded: a retry, then one that starts clean. */
const ROUNDS = 2;

/** Plays a schedule, and then, without faults, what the service does next, until a rotation succeeds. */
export async function play(schedule: Schedule, run: RunStep = realSteps): Promise<Played> {
  const world = new World(schedule, run);
  for (const pauseMs of schedule.earlier) {
    await startFirst(world, 'service');
    await world.pass(pauseMs);
  }
  world.faultsBegin();
  const first = await startFirst(world);
  checkFirstAttempt(world, world.facts.wereCurrent.has(first) && world.rotation === undefined);

  for (let retry = 0; retry < schedule.retries && world.rotation?.hasFailed; retry += 1) {
    await world.pass(schedule.pauseMs);
    await retryRotation(world);
  }
  for (const pauseMs of schedule.further) {
    await world.pass(pauseMs);
    await nextRotation(world, false);
  }
  const { calls } = world;
  world.faultsStop();
  await world.play();
  world.story.push('   the faults stop');
  await world.pass(schedule.pauseMs);
  const mended = await requireRecovery(world);
  return { schedule, world, violations: world.violations, calls, mended };
}

/** @returns the version that is rotated to; '' if no rotation came about */
async function startFirst(world: World, startedBy = world.schedule.startedBy): Promise<string> {
  const { rules } = world.schedule;
  const { service, secretId, newVersionId } = world.standIns;
  const isByService = startedBy === 'service';
  const versionId = newVersionId();
  service.call('RotateSecret', {
    SecretId: secretId,
    ClientRequestToken: versionId,
    RotationLambdaARN: FUNCTION_ARN,
    RotationRules: rules,
    RotateImmediately: isByService,
  });
  await world.play();
  if (isByService) return versionId;
  world.send(startedBy === 'event' ? { SecretId: secretId } : { momento_auth_token_secret_name: secretId });
  await world.play();
  return world.invocations.findLast(({ started }) => started.length > 0)?.started[0] ?? '';
}

/** A human may have more than one thing to mend, and be told of one after the other. */
const REMEDIES = 3;

/** @returns the states that a human mended, by what was said */
async function requireRecovery(world: World): Promise<HumanState[]> {
  const mended: HumanState[] = [];
  for (let remedies = 0; ; remedies += 1) {
    if (await recovers(world)) {
      if (world.standIns.management !== undefined && humanStates(world).length === 0) await rotateOn(world);
      await checkLater(world);
      return mended;
    }
    const states = humanStates(world);
    if (states.length === 0) {
      world.violate('recovers', 'no fault is left, no human is needed, and rotation does not succeed');
      return mended;
    }
    const { replicaOf } = world.standIns.snapshot();
    if (replicaOf !== undefined) {
      const said = world
        .sinceChange()
        .filter(({ step }) => step === 'createSecret' || step === 'finishSecret')
        .flatMap((invocation) => failureOf(invocation)?.message ?? []);
      // What else is wrong may be said first; the service then says the rest, where the command is refused.
      const isSaid = said.length === 0 || states.length > 1 || said.some((message) => message.includes(replicaOf));
      if (!isSaid) world.violate('remedy-mends', 'nobody says where the primary is');
      return ['replica'];
    }
    if (remedies === REMEDIES) {
      world.violate('remedy-mends', `${states.join(', ')}: doing what was said does not mend it`);
      return mended;
    }
    mended.push(...states);
    doWhatWasSaid(world);
    await world.play();
    const left = humanStates(world);
    if (states.every((state) => left.includes(state))) {
      world.violate('remedy-mends', `${states.join(', ')}: doing what was said mends nothing of it`);
      return mended;
    }
  }
}

/** Rotations by which every key is gone that nobody holds. */
const QUIET_ROTATIONS = 2;

/** An overlap, and the dates that the function has to tell it from. */
const QUIET_MS = 2 * OVERLAP_MS;

async function rotateOn(world: World): Promise<void> {
  for (let rotation = 0; rotation < QUIET_ROTATIONS; rotation += 1) {
    await world.pass(QUIET_MS);
    if (await nextRotation(world, false)) continue;
    world.violate('recovers', 'a rotation that nothing disturbs does not succeed');
    return;
  }
  // The last one is superseded, too, where an event comes when its overlap is over.
  if (world.schedule.hasAlarms) await world.pass(QUIET_MS);
  world.checks += 1;
  // An operator's label is on a version that holds no key.
  const last = world.invocations.at(-1);
  const said = [...(last?.warnings ?? []), (last && failureOf(last)?.message) ?? ''];
  if (said.some((text) => text.includes('cannot be told'))) return;
  const left = lingering(world.facts);
  if (left.length > 0) world.violate('no-key-lingers', `${left.join(', ')}: live, and of no use to anybody`);
}

/** As the function's own schedule has it checked daily. */
async function checkLater(world: World): Promise<void> {
  await world.pass(A_DAY_AND_A_HALF_MS);
  world.send({ CheckSecrets: [world.standIns.secretId] });
  await world.play();
}

async function recovers(world: World): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await nextRotation(world, round > 0)) return true;
  }
  return false;
}

/** @returns whether it succeeded */
async function nextRotation(world: World, isSecond: boolean): Promise<boolean> {
  const { pending, current } = world.standIns.snapshot();
  const isBlocked = pending !== undefined && pending !== current;
  let versionId = world.rotation?.versionId;
  if (versionId !== undefined && (isBlocked || !isSecond)) {
    await retryRotation(world);
  } else {
    versionId = world.standIns.newVersionId();
    if (!startRotation(world, versionId)) return false;
    await world.play();
  }
  return world.rotation === undefined && world.standIns.snapshot().current === versionId;
}

async function retryRotation(world: World): Promise<void> {
  world.story.push('   the service tries the rotation again');
  const { service, secretId } = world.standIns;
  const retried = service.retryRotation(secretId).catch(() => undefined);
  await world.play();
  await retried;
}

function startRotation(world: World, versionId: string): boolean {
  const { service, secretId } = world.standIns;
  try {
    service.call('RotateSecret', { SecretId: secretId, ClientRequestToken: versionId });
    world.story.push('   the service starts another rotation');
    return true;
  } catch {
    world.story.push('   the service refuses to start another rotation');
    return false;
  }
}
