import type { Key } from '../../src/local/momento/keys.ts';
import { isMarked, readMarker } from '../../src/revocation/marker.ts';
import type { Facts } from './facts.ts';
import type { Invariant } from './invariant.ts';
import { isAbout } from './revocations.ts';

/** What must hold of a key that the register has issued as the successor of another one. */
export const successors: Record<string, Invariant> = {
  /** Its description says for which version it was issued, and after which one. */
  'marks-what-it-issues': {
    onIssued({ standIns, issuedBy, predecessors }, { id, v2 }) {
      if (v2 === undefined) return undefined;
      const marker = readMarker(v2.description, standIns.secretId);
      const versionId = issuedBy.get(id)?.versionId;
      const isAfter = standIns.keyIn(marker?.predecessor)?.id === predecessors.get(id);
      const isTrue = marker?.versionId === versionId && isAfter;
      return isTrue && isMarked(v2.description) ? undefined : `${id} is described as "${v2.description}"`;
    },
  },

  /** It is described as its predecessor is, and lives as long. */
  'is-like-its-predecessor': {
    onIssued(facts, key) {
      const { world, standIns, issuedBy, predecessors, last, currentMovedAt } = facts;
      if (key.v2 === undefined) return undefined;
      const all = standIns.account.keys.all();
      const own = all.find(({ id }) => id === predecessors.get(key.id));
      // A value may give the id of another one that nobody can tell from it.
      const named = all.filter((each) => facts.said.some((said) => said.keyId === each.id && isAbout(said, each)));
      const known = [own, ...named, ...all.filter(({ id }) => issuedBy.has(id) && id !== key.id)];
      const text = textOf(key);
      if (text !== '' && known.every((each) => textOf(each) !== text)) return `${key.id} is described as "${text}"`;

      const said = standIns.saidIn(last.current ?? '');
      const isOther =
        named.some(({ id }) => id === said.keyId && id !== own?.id) || own?.validUntil !== said.validUntil;
      const hasMoved = currentMovedAt >= (issuedBy.get(key.id)?.startedAt ?? 0);
      if (own === undefined || isOther || hasMoved) return undefined;
      if (said.keyId === own.id && isAbout(said, own) && isTold(facts, own) && textOf(own) !== text) {
        return `${key.id} is described as "${text}", and the one before it as "${textOf(own)}"`;
      }
      const [before, after] = [own, key].map(lifetimeOf) as [number, number];
      if (after > before * 1.02) return `${key.id} lives for ${after} s, and the one before it for ${before} s`;
      // A value that was stored once more has another date.
      const isByHand = world.all.some(({ acts }) => acts > 0);
      return after < before / 1.02 && !isByHand
        ? `${key.id} lives for ${after} s, the one before it ${before}`
        : undefined;
    },
  },

  /** That the value gives the id of a key which it cannot hold, or which was issued for another secret, is said, and of no other one. */
  'says-whose-key-it-is': {
    onIssued(facts, key) {
      const { standIns, issuedBy, last, currentMovedAt } = facts;
      const invocation = issuedBy.get(key.id);
      const said = standIns.saidIn(last.current ?? '');
      const named = standIns.account.keys.all().find(({ id, v2 }) => v2 && id === said.keyId);
      if (invocation === undefined || named?.v2 === undefined || !isTold(facts, named)) return undefined;
      if (currentMovedAt >= invocation.startedAt) return undefined;
      const { description } = named.v2;
      const isOthers = isMarked(description) && readMarker(description, standIns.secretId) === undefined;
      const says = (text: string) => invocation.warnings.some((warning) => warning.includes(text));
      if (says('was issued for another secret') !== isOthers)
        return `${named.id} is ${isOthers ? '' : 'not '}another secret's`;
      const isAnother = !isAbout(said, named);
      return says('that of a key with another role or expiry') === isAnother
        ? undefined
        : `${named.id} is ${isAnother ? '' : 'not '}another key`;
    },
  },
};

/** The register surely tells of this key, which it is asked for before a successor is issued. */
function isTold({ world, standIns }: Facts, key: Key): boolean {
  const { newKeyListedAfterLists, newKeyListedAfterSeconds, defaultPageSize } = world.schedule.switches.momento;
  const isWhole = !newKeyListedAfterLists && !newKeyListedAfterSeconds && !defaultPageSize;
  return isWhole && standIns.account.keys.isValid(key.apiKey) && world.schedule.mishaps.length === 0;
}

/** What stands in its description for humans. */
function textOf(key: Key | undefined): string {
  return (key?.v2?.description ?? '').replace(/\[momento-key-rotation [^[\]]*\]/g, '').trim();
}

function lifetimeOf({ issuedAt, validUntil = Number.POSITIVE_INFINITY }: Key): number {
  return validUntil - issuedAt;
}
