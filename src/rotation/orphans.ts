import type { Credential, Register } from './credential.ts';
import { readIssued } from './history.ts';
import { listEntries, openRegister } from './register.ts';
import { noHoldings, revokeUnlessInUse } from './revocation.ts';
import { LEFT_LIVE, NOT_SEEN, reportFailure } from './revocation-failure.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';
import { readCurrent } from './values.ts';

type MayBeRegister = Register<Credential> | undefined;

/**
 * Revokes what was issued for the version in rotation and is not in it: by a sandbox that was killed, by an attempt that was
 * not answered, by a sandbox that was not the first to store. To be called when it is settled what the version holds.
 *
 * The register may lag behind, and not show it yet. The end of the rotation, and the next one, look again.
 *
 * @param heldId the credential that the version holds
 */
export function revokeOrphans(rotation: Rotation, register: MayBeRegister, heldId: string | undefined): Promise<void> {
  return sweep(rotation, async () => register, heldId);
}

/** As {@link revokeOrphans}, for a step that had no need of the register before. */
export function revokeLeftBehind(
  rotation: Rotation,
  current: SecretVersion | undefined,
  heldId: string | undefined,
): Promise<void> {
  return sweep(rotation, async () => openRegisterOf(rotation, current), heldId);
}

async function openRegisterOf(rotation: Rotation, current: SecretVersion | undefined): Promise<MayBeRegister> {
  const door = rotation.kind.registerOf?.(readCurrent(rotation, current).credential);
  return door && openRegister(rotation, door);
}

async function sweep(
  rotation: Rotation,
  open: () => Promise<MayBeRegister>,
  heldId: string | undefined,
): Promise<void> {
  const { secretId, versionId } = rotation;
  try {
    const register = await open();
    if (register === undefined) return;
    const issued = readIssued(await listEntries(rotation, register), secretId);
    const due = issued.filter((each) => each.versionId === versionId && each.id !== heldId);
    const revocation = { register, due, holdings: noHoldings(), isReleased: () => false };
    const { left, failure } = await revokeUnlessInUse(rotation, revocation);
    if (left > 0) reportFailure(rotation, LEFT_LIVE, failure);
  } catch (error) {
    reportFailure(rotation, NOT_SEEN, error);
  }
}
