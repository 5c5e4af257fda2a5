import { readCurrent } from '../rotation/read-value.ts';
import type { Rotation } from '../rotation/rotation.ts';
import { holderOf, type SecretDescription } from '../rotation/secret-store.ts';
import { reportLeftAlone } from './left-alone.ts';
import { createListings } from './open-registry.ts';
import type { RegistryAccess, RevocableKind, RevocationPolicy, RevocationTask } from './registry.ts';
import { NOT_DETERMINED, reportFailure, STILL_WORKS } from './revocation-failure.ts';
import { revoke } from './revoke.ts';
import { survey } from './survey.ts';

/**
 * At the end of a rotation: revokes what was issued for this secret and is of no use to anybody any more. It never fails the
 * rotation.
 *
 * What is superseded is told from the labels before the promotion, so that the version that loses `AWSPREVIOUS` by it stays for
 * another rotation.
 *
 * @param before the secret as the step found it
 */
export async function retireSuperseded(
  { secret, versionId, memory, report }: Rotation,
  before: SecretDescription,
  kind: RevocableKind,
  policy: RevocationPolicy,
): Promise<void> {
  let { isRegistered } = memory;
  try {
    const task = { secret, kind, report, ...policy };
    const access = readCurrent(task, await secret.current(), (text) => kind.registryFor(text)).value;
    isRegistered = access !== undefined;
    if (access !== undefined) await revokeSuperseded(task, access, versionId, before);
  } catch (error) {
    if (isRegistered) reportFailure(report, NOT_DETERMINED, error);
  }
}

/** @param versionId the version that is current now */
async function revokeSuperseded(
  task: RevocationTask,
  access: RegistryAccess,
  versionId: string,
  before: SecretDescription,
): Promise<void> {
  const { secret, report } = task;
  const { plan, ...found } = await survey(task, access, before, createListings(secret.budget));
  reportLeftAlone(report, before.arn, { ...found, plan }, versionId);
  const { keys, from } = plan.afterRotation;
  const isDue = from <= secret.budget.clock.now();
  if (!isDue && plan.overdue.length > 0) {
    report.warn(
      `Rotations follow each other within the overlap, so that none of the keys before the current one is revoked: ${plan.overdue.length} work besides the last two. Rotate less often, or make the overlap shorter.`,
    );
  }
  const wasCurrent = holderOf(before, 'AWSCURRENT');
  const { left, failure } = await revoke(task, {
    ...found,
    orphans: plan.orphans,
    superseded: isDue ? keys : [],
    expected: {
      current: versionId,
      previous: wasCurrent === versionId ? holderOf(before, 'AWSPREVIOUS') : wasCurrent,
    },
    includesPrevious: false,
  });
  if (left > 0) reportFailure(report, STILL_WORKS, failure);
}
