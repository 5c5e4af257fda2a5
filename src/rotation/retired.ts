import type { Credential, Entry, Register, RegisterDoor } from './credential.ts';
import { type Issued, readHistory, readIssued } from './history.ts';
import { isMarked } from './marker.ts';
import { isEntryOf, listEntries, openRegister } from './register.ts';
import { type Due, type Holdings, labelled, lookInto, noHoldings, type Revocation } from './revocation.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import type { Current } from './values.ts';

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

  const endOfOverlap = (versionId: string) => {
    const supersededBy = history.supersededBy(versionId);
    return supersededBy === undefined ? Number.POSITIVE_INFINITY : supersededBy + overlapMs;
  };
  const isReleased = (versionId: string) => endOfOverlap(versionId) <= now;
  const inUse = new Set([current.versionId, ...labelled(seen, isReleased)]);
  const mayBeInUse = (versionId: string) => inUse.has(versionId) || !isReleased(versionId);

  const holdings = noHoldings();
  holdings.credentials.set(current.versionId, current.credential);
  const known = issued.flatMap(({ versionId, predecessor }) => [versionId, predecessor]);
  for (const each of new Set([...inUse, ...known.filter(mayBeInUse)])) await lookInto(task, each, holdings);

  const due = await collect(task, { register, entries, issued, holdings, mayBeInUse, endOfOverlap });
  const running = known.filter((versionId) => versionId !== current.versionId && !isReleased(versionId));
  const nextAt = Math.min(...running.map(endOfOverlap), Number.POSITIVE_INFINITY);
  return { register, due, holdings, isReleased, nextAt };
}

interface Findings {
  register: Register<Credential>;
  entries: readonly Entry[];
  /** The oldest first. */
  issued: readonly Issued[];
  /** Of all versions that may be in use. */
  holdings: Holdings;
  mayBeInUse(versionId: string): boolean;
  /** Milliseconds since the epoch. */
  endOfOverlap(versionId: string): number;
}

async function collect(task: Task, findings: Findings): Promise<Retiree[]> {
  const { register, entries, issued, holdings, mayBeInUse, endOfOverlap } = findings;
  const held = new Set([...holdings.credentials.values()].map(({ id }) => id));
  const due = new Map<string, Retiree>();
  const add = (retiree: Retiree) => held.has(retiree.id) || due.set(retiree.id, retiree);

  for (const { id, versionId, predecessor, unmarkedId, issuedAt } of issued) {
    const unmarked = entries.find((entry) => entry.id === unmarkedId && !isMarked(entry.description));
    // What nothing but this one's description names must not be forgotten with it.
    if (unmarked !== undefined && unmarked.id !== register.adminId && mayBeInUse(predecessor)) continue;
    if (unmarked !== undefined && !mayBeInUse(predecessor) && (await isHeldBy(task, predecessor, unmarked, holdings))) {
      add({ id: unmarked.id, versionId: predecessor, dueSince: endOfOverlap(predecessor) });
    }
    const names = unmarked !== undefined && due.has(unmarked.id) ? unmarked.id : undefined;
    if (!mayBeInUse(versionId)) add({ id, versionId, names, dueSince: endOfOverlap(versionId) });
    else if (holdings.credentials.has(versionId)) add({ id, versionId, names, dueSince: issuedAt + task.overlapMs });
  }
  return [...due.values()];
}

async function isHeldBy(task: Task, versionId: string, entry: Entry, holdings: Holdings): Promise<boolean> {
  await lookInto(task, versionId, holdings);
  const credential = holdings.credentials.get(versionId);
  return credential?.id === entry.id && isEntryOf(entry, credential);
}
