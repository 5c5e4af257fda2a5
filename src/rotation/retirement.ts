import { readHistory } from './history.ts';
import { getCurrent } from './reads.ts';
import { listEntries, openRegister } from './register.ts';
import { labelled, lookInto, noHoldings, reportFailure, revokeUnlessInUse } from './revocation.ts';
import type { Rotation } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { readCurrent } from './values.ts';

/**
 * Revokes what was issued for this secret and is of no use to anybody any more. It never fails a rotation.
 *
 *  1. A version was superseded, and its overlap is over: its credential, and whatever else was issued for it.
 *  2. A version was given up, or never filled: what was issued for it.
 *  3. A version may be in use: what was issued for it and is not in it, because the sweep in `createSecret` failed, or came
 *     too early for the register.
 *  4. An operator stored the credential of an older version once more, or moved a label meanwhile: it stays.
 *  5. The first credential has no marker. Its successor's names it: it is revoked if the version still holds it.
 *  6. It cannot be told from when on a version was not current: it stays, until a later rotation can tell.
 *
 * Not noticed: an operator who, between two rotations, went back to the version before the current one and then forward again.
 *
 * @param seen the secret as the step found it
 */
export async function revokeRetired(rotation: Rotation, seen: SecretDescription): Promise<void> {
  if (!rotation.memory.isRegistered) return;
  try {
    await retire(rotation, seen);
  } catch (error) {
    reportFailure(rotation, error);
  }
}

async function retire(rotation: Rotation, seen: SecretDescription): Promise<void> {
  const { secretId, versionId, budget, overlapMs, report } = rotation;
  const current = readCurrent(rotation, await getCurrent(rotation));
  const register = await openRegister(rotation, current.credential);
  if (register === undefined) return;
  const entries = await listEntries(rotation, register);
  const history = readHistory(entries, secretId, seen.lastRotatedAt);

  const isReleased = (id: string) => {
    const supersededBy = history.supersededBy(id);
    return supersededBy !== undefined && supersededBy + overlapMs <= budget.clock.now();
  };
  const inUse = new Set([versionId, ...labelled(seen, isReleased)]);
  const mayBeInUse = (id: string) =>
    inUse.has(id) || !(isReleased(id) || (history.wasNeverCurrent(id) && seen.stages[id] === undefined));

  const holdings = noHoldings();
  holdings.ids.set(current.versionId, current.credential.id);
  const known = history.issued.flatMap((each) => [each.versionId, each.predecessor]);
  for (const id of new Set([...inUse, ...known.filter(mayBeInUse)])) await lookInto(rotation, id, holdings);
  const held = new Set(holdings.ids.values());

  const due = new Map<string, { id: string; versionId: string }>();
  const add = (id: string, issuedFor: string) => held.has(id) || due.set(id, { id, versionId: issuedFor });
  for (const { id, versionId: issuedFor, predecessor, unmarkedId } of history.issued) {
    if (unmarkedId !== undefined && !mayBeInUse(predecessor) && entries.some((entry) => entry.id === unmarkedId)) {
      await lookInto(rotation, predecessor, holdings);
      if (holdings.ids.get(predecessor) === unmarkedId) add(unmarkedId, predecessor);
    }
    if (!mayBeInUse(issuedFor) || holdings.ids.has(issuedFor)) add(id, issuedFor);
  }
  const left = await revokeUnlessInUse(rotation, { register, due: [...due.values()], holdings, isReleased });
  report.measure('KeysAwaitingRevocation', left);
}
