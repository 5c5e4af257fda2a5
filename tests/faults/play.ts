import { OVERLAP_MS } from './configuration.ts';
import type { RunStep } from './entry-point.ts';
import type { Facts } from './facts.ts';
import { type HumanState, humanStates } from './human-states.ts';
import { failureOf } from './invocation.ts';
import { doWhatWasSaid } from './remedy.ts';
import { countNamed, isNamed, lingering } from './revocations.ts';
import type { Moment, Schedule } from './schedule.ts';
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

/**
 * How many rotations the service may start until one has succeeded: a retry, then one that it takes up by its label, then one
 * that starts clean.
 */
const ROUNDS = 3;

/** Plays a schedule, and then, without faults, what the service does next, until a rotation succeeds. */
export async function play(schedule: Schedule, run: RunStep = realSteps): Promise<Played> {
  const world = new World(schedule, run);
  for (const pauseMs of schedule.earlier) {
    await startFirst(world, 'service');
    await world.pass(pauseMs);
  }
  world.faultsBegin();
  const { facts } = world;
  if (schedule.life.length > 0) await live(world, schedule.life);
  else {
    const first = await startFirst(world);
    checkFirstAttempt(world, facts.wereCurrent.has(first) && facts.rotation === undefined);
  }

  for (let retry = 0; retry < schedule.retries && facts.rotation?.hasFailed; retry += 1) {
    await world.pass(schedule.pauseMs);
    await retryRotation(world, facts);
  }
  for (const pauseMs of schedule.further) {
    await world.pass(pauseMs);
    await nextRotation(world, facts, false);
  }
  const { calls } = world;
  world.faultsStop();
  await world.play();
  world.story.push('   the faults stop');
  await world.pass(schedule.pauseMs);
  const mended = await requireRecovery(world);
  return { schedule, world, violations: world.violations, calls, mended };
}

async function live(world: World, life: readonly Moment[]): Promise<void> {
  for (const { afterMs, secret, what } of life) {
    const facts = world.all[secret] ?? world.facts;
    await world.pass(afterMs);
    if (what === 'rotation') await nextRotation(world, facts, false);
    else await world.act(facts, what);
  }
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
  const { facts } = world;
  const mended: HumanState[] = [];
  for (let remedies = 0; ; remedies += 1) {
    if (await recovers(world)) {
      if (world.standIns.hasV2Keys && humanStates(facts).length === 0) await rotateOn(world);
      await checkLater(world);
      return mended;
    }
    const states = humanStates(facts);
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
    const left = humanStates(facts);
    if (states.every((state) => left.includes(state))) {
      world.violate('remedy-mends', `${states.join(', ')}: doing what was said mends nothing of it`);
      return mended;
    }
  }
}

/** Rotations by which every key is gone that nobody holds. */
const QUIET_ROTATIONS = 3;

/** The first key is revoked before what names it, which the register then still shows it beside. */
const WITH_FIRST_KEY = 5;

/** An overlap, and more. */
const QUIET_MS = 2 * OVERLAP_MS;

/** Of a secret, besides those that a version with a label holds: that of the version that was the previous one until the last rotation. */
const MOST_WITHOUT_LABEL = 1;

async function rotateOn(world: World): Promise<void> {
  const { facts } = world;
  const rotations = world.schedule.hasOptedIn ? WITH_FIRST_KEY : QUIET_ROTATIONS;
  for (let rotation = 0; rotation < rotations; rotation += 1) {
    await world.pass(QUIET_MS);
    if (await nextRotation(world, facts, false)) continue;
    world.violate('recovers', 'a rotation that nothing disturbs does not succeed');
    return;
  }
  // What was superseded by the last one is revoked, too, where a schedule has that done when its overlap is over.
  if (world.schedule.revokesHourly) await world.pass(QUIET_MS);
  world.checks += 1;
  const said = world
    .sinceChange()
    .flatMap((invocation) => [...invocation.warnings, failureOf(invocation)?.message ?? '']);
  // An operator's label is on a version that holds no key.
  if (said.some((text) => text.includes('Cannot determine which key'))) return;
  const left = lingering(facts);
  // Where nobody did anything by hand all is provably the function's own, and it is known which one is kept: to be named is not enough.
  const isUndisputed = world.all.every(({ acts }) => acts === 0);
  const kept = world.schedule.revokesHourly ? undefined : facts.reigns.at(-3)?.keyId;
  const unexplained = left.filter((id) => (isUndisputed ? id !== kept : !isNamed(id, said)));
  const most = isUndisputed ? 0 : countNamed(said) + (kept === undefined ? 0 : MOST_WITHOUT_LABEL);
  if (unexplained.length > most)
    world.violate('no-key-lingers', `${unexplained.join(', ')}: live, and of no use to anybody`);
}

/** As the function's own schedule has it checked daily. */
async function checkLater(world: World): Promise<void> {
  await world.pass(A_DAY_AND_A_HALF_MS);
  world.send({ CheckSecrets: [world.standIns.secretId] });
  await world.play();
}

async function recovers(world: World): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await nextRotation(world, world.facts, round > 0)) return true;
  }
  return false;
}

/** @returns whether it succeeded */
async function nextRotation(world: World, facts: Facts, isSecond: boolean): Promise<boolean> {
  const { standIns } = facts;
  const { pending, current, rotationEnabled } = standIns.snapshot();
  const isBlocked = pending !== undefined && pending !== current;
  let versionId = facts.rotation?.versionId;
  if (versionId !== undefined && (isBlocked || !isSecond)) {
    await retryRotation(world, facts);
  } else if (isBlocked && rotationEnabled && versionId === undefined && facts.rotatedTo.has(pending)) {
    // By its label it is not complete.
    versionId = pending;
    await retryRotation(world, facts);
  } else {
    versionId = standIns.newVersionId();
    if (!startRotation(world, facts, versionId)) return false;
    await world.play();
  }
  return facts.rotation === undefined && standIns.snapshot().current === versionId;
}

async function retryRotation(world: World, { standIns }: Facts): Promise<void> {
  world.story.push('   the service tries the rotation again');
  const { service, secretId } = standIns;
  const retried = service.retryRotation(secretId).catch(() => undefined);
  await world.play();
  await retried;
}

function startRotation(world: World, { standIns }: Facts, versionId: string): boolean {
  const { service, secretId, name } = standIns;
  const { RotationLambdaARN } = service.call('DescribeSecret', { SecretId: secretId });
  const isNew = RotationLambdaARN === undefined;
  try {
    service.call('RotateSecret', {
      SecretId: secretId,
      ClientRequestToken: versionId,
      ...(isNew && { RotationLambdaARN: FUNCTION_ARN, RotationRules: world.schedule.rules }),
    });
    world.story.push(`   the service starts another rotation of ${name}`);
    return true;
  } catch {
    world.story.push(`   the service refuses to start another rotation of ${name}`);
    return false;
  }
}
