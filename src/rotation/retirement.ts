import type { Credential, RegisterDoor } from './credential.ts';
import { readHistory, readIssued } from './history.ts';
import { isMarked } from './marker.ts';
import { countOverdue } from './overdue.ts';
import { getCurrent } from './reads.ts';
import { isEntryOf, listEntries, openRegister } from './register.ts';
import { type Due, labelled, lookInto, noHoldings, type Revocation, revokeUnlessInUse } from './revocation.ts';
import { LEFT_LIVE, NOT_SEEN, reportFailure } from './revocation-failure.ts';
import { scheduleRevocation } from './revocation-schedule.ts';
import type { Rotation, Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { type Current, readCurrent } from './values.ts';

/**
 * At the end of a rotation: revokes what was issued for this secret and is of no use to anybody any more, and has the
 * credential that was just superseded revoked when its overlap is over. It never fails the rotation.
 *
 * @param seen the secret as the step found it
 */
export async function revokeRetired(rotation: Rotation, seen: SecretDescription): Promise<void> {
  const { kind, memory, budget, overlapMs, schedule, report } = rotation;
  // A sandbox that has not seen the version's credential does not know.
  let { isRegistered } = memory;
  if (isRegistered === false) return;
  try {
    const current = readCurrent(rotation, await getCurrent(rotation));
    const door = kind.registerOf?.(current.credential);
    isRegistered = door !== undefined;
    if (door === undefined) return;
    await scheduleRevocation(rotation, budget.clock.now() + overlapMs);
    const retired = await findRetired(rotation, { seen, current, door });
    if (schedule !== undefined) report.measure('KeysAwaitingRevocation', countOverdue(rotation, seen, retired.due));
    const { left, failure } = await revokeUnlessInUse(rotation, retired);
    if (left > 0) reportFailure(rotation, LEFT_LIVE, failure);
  } catch (error) {
    if (isRegistered) reportFailure(rotation, NOT_SEEN, error);
  }
}

/** A secret as it was found. */
export interface Sight {
  seen: SecretDescription;
  /** Read after it. */
  current: Current;
  /** To the register of the current credential. */
  door: RegisterDoor<Credential>;
}

export interface Retired extends Revocation {
  due: readonly Retiree[];
  /** When the overlap of the next version is over, in milliseconds since the epoch. Infinity: that of none is running. */
  nextAt: number;
}

interface Retiree extends Due {
  /** Milliseconds since the epoch. */
  dueSince: number;
}

/**
 * What was issued for a secret, and is of no use to anybody any more:
 *
 *  1. A version was superseded, and its overlap is over: its credential, and whatever else was issued for it.
 *  2. A version was given up, or never filled: what was issued for it, when the overlap of one that was current would be over.
 *  3. A version may be in use: what was issued for it and is not in it, because the sweep in `createSecret` failed, or came
 *     too early for the register.
 *  4. An operator stored the credential of an older version once more, or moved a label meanwhile: it stays.
 *  5. The first credential has no marker. Its successor's names it: it is revoked, before that one, if the version still holds it
 *     and nothing says that it belongs to another secret, or to none.
 *  6. It cannot be told from when on a version was not current: it stays, until a later rotation can tell.
 *
 * Not noticed: an operator who, between two rotations, went back to an older version and then forward to where they came from.
 *
 * @throws RotationError when it cannot be told
 */
export async function findRetired(task: Task, { seen, current, door }: Sight): Promise<Retired> {
  const { secretId, overlapMs, budget } = task;
  const now = budget.clock.now();
  const register = await openRegister(task, door);
  const entries = await listEntries(task, register);
  const issued = readIssued(entries, secretId);
  const history = readHistory(issued, seen);

  const endOfOverlap = (id: string) => {
    const supersededBy = history.supersededBy(id);
    return supersededBy === undefined ? Number.POSITIVE_INFINITY : supersededBy + overlapMs;
  };
  const isReleased = (id: string) => endOfOverlap(id) <= now;
  const inUse = new Set([current.versionId, ...labelled(seen, isReleased)]);
  const mayBeInUse = (id: string) => inUse.has(id) || !isReleased(id);

  const holdings = noHoldings();
  holdings.credentials.set(current.versionId, current.credential);
  const known = issued.flatMap(({ versionId, predecessor }) => [versionId, predecessor]);
  for (const id of new Set([...inUse, ...known.filter(mayBeInUse)])) await lookInto(task, id, holdings);
  const held = new Set([...holdings.credentials.values()].map(({ id }) => id));

  const due = new Map<string, Retiree>();
  const add = (retiree: Retiree) => held.has(retiree.id) || due.set(retiree.id, retiree);
  for (const { id, versionId, predecessor, unmarkedId, issuedAt } of issued) {
    const unmarked = entries.find((entry) => entry.id === unmarkedId && !isMarked(entry.description));
    if (unmarked !== undefined && !mayBeInUse(predecessor)) {
      await lookInto(task, predecessor, holdings);
      const holder = holdings.credentials.get(predecessor);
      if (holder?.id === unmarked.id && isEntryOf(unmarked, holder)) {
        add({ id: unmarked.id, versionId: predecessor, dueSince: endOfOverlap(predecessor) });
      }
    }
    // What nothing but its description names must not be forgotten with it.
    if (unmarked !== undefined && unmarked.id !== register.adminId && mayBeInUse(predecessor)) continue;
    const names = unmarked !== undefined && due.has(unmarked.id) ? unmarked.id : undefined;
    if (!mayBeInUse(versionId)) add({ id, versionId, names, dueSince: endOfOverlap(versionId) });
    else if (holdings.credentials.has(versionId)) add({ id, versionId, names, dueSince: issuedAt + overlapMs });
  }

  const nextAt = Math.min(
    ...known.filter((id) => id !== current.versionId && !isReleased(id)).map(endOfOverlap),
    Number.POSITIVE_INFINITY,
  );
  return { register, due: [...due.values()], holdings, isReleased, nextAt };
}
