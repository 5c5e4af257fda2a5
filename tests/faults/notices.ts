import { readMarker } from '../../src/revocation/marker.ts';
import { managerOf } from './configuration.ts';
import type { Facts } from './facts.ts';
import type { Invariant } from './invariant.ts';
import { failureOf, type Invocation } from './invocation.ts';
import { firstKeys, isIssued, isLive } from './revocations.ts';

/** What must hold of what is said about older keys, and of the figures about them. */
export const notices: Record<string, Invariant> = {
  /** Nothing that it says is about a defect of its own. */
  'has-no-defect': {
    onEnd(_, invocation) {
      const said = [...invocation.warnings, failureOf(invocation)?.message ?? '', ...invocation.problems.map(String)];
      return said.find((text) => DEFECT.test(text));
    },
  },

  /** What it leaves alone, it names: older keys that it did not issue, and such as claim that they were issued for the secret. */
  'names-what-it-leaves-alone': {
    onEnd(facts, invocation) {
      const { standIns, currentMovedAt, last } = facts;
      const { account, secretId, configuration, name, saidIn, keyIn } = standIns;
      const { warnings, startedAt } = invocation;
      const byHand = named(warnings, /that this function did not issue/);
      const unproven = named(warnings, /which cannot be proved/);
      const all = account.keys.all();
      const claims = (id: string) => readMarker(all.find((key) => key.id === id)?.v2?.description ?? '', secretId);
      const isSaid = (id: string) => versionsOf(facts).some((versionId) => saidIn(versionId).keyId === id);
      const isAdmin = (id: string) => managerOf(configuration, name) !== undefined && standIns.mayManage(id);
      const wrong =
        byHand.ids.find((id) => isIssued(facts, id) || claims(id) || !isSaid(id) || isAdmin(id)) ??
        unproven.ids.find((id) => !claims(id));
      if (wrong !== undefined) return `${wrong} is named, and is none of those`;
      const claiming = all.filter(({ id }) => claims(id)).length;
      if (unproven.count > claiming) return `${unproven.count} keys are said to claim it, of ${claiming}`;
      if (byHand.ids.includes(keyIn(last.current)?.id ?? '') && currentMovedAt < startedAt)
        return 'the current key is named';
      const revoked = unproven.ids.find((id) => invocation.revokedKeys.includes(id));
      if (revoked !== undefined) return `${revoked} is said to be left alone, and is revoked`;
      const unexplained = surelyUnproven(facts, invocation);
      if (unproven.count < unexplained)
        return `${unproven.count} keys are said to claim it, and there are ${unexplained}`;
      const [least, most] = [surelyByHand(facts, invocation), perhapsByHand(facts)];
      const isRight = byHand.count >= least && byHand.count <= most;
      return isRight
        ? undefined
        : `${byHand.count} keys are said to be made by hand, and there are ${least} to ${most}`;
    },
  },

  /** What a run says that it did, it did; and what nobody tries again, or a human has to mend, it fails for. */
  'run-tells-truth': {
    onEnd({ standIns, world }, invocation) {
      const { step, event, ended, problems, warnings, revoked, found, measured } = invocation;
      if (step !== 'revoke' || ended === undefined) return undefined;
      const { RevokeRetiredKeys: named } = event as { RevokeRetiredKeys: string | string[] };
      const names = [named].flat();
      const [, left, of] = /No time was left for (\d+) of (\d+)/.exec(warnings.join('\n')) ?? [];
      const notBegun = Number(left ?? 0);
      if (of !== undefined && Number(of) !== names.length) return `tells of ${of} secrets`;
      if (notBegun !== invocation.sandbox.notBegun.size) return 'forgets what it has not begun';
      if (found.length + problems.length < names.length - notBegun) return 'passes over a secret';
      const isDue = problems.some(
        (problem) =>
          typeof named === 'string' || failureOf({ ...invocation, ended: { error: problem } })?.failure !== 'transient',
      );
      if (isDue !== 'error' in ended) return isDue ? 'calls nobody' : 'fails for what the next run mends';
      if ('error' in ended) return undefined;
      const notDone = problems.length + notBegun;
      const told =
        notDone > 0 ? `not done for ${notDone} of ${names.length}` : revoked > 0 ? 'revoked' : 'nothing to revoke';
      if (ended.outcome !== told) return `says "${ended.outcome}", and it is: ${told}`;
      const counts = measured.filter(([name]) => name === 'KeysAwaitingRevocation').length;
      const isCounted = standIns.hasV2Keys && world.schedule.keys !== 'broughtOver';
      return isCounted && notDone === 0 && counts !== names.length
        ? `${counts} counts of ${names.length} secrets`
        : undefined;
    },
  },

  /** The register is listed once for the secrets of a run that have their keys in the same one. */
  'lists-once': {
    onEnd({ standIns, world }, { step, listed, unanswered }) {
      const { configuration, name } = standIns;
      const isShared = step === 'revoke' && managerOf(configuration, name) !== undefined;
      const isOnePage = !world.schedule.switches.momento.defaultPageSize;
      return isShared && isOnePage && !unanswered.has('ListApiKeys') && listed > 1
        ? `lists the keys ${listed} times`
        : undefined;
    },
  },
};

/** What is said where something went wrong that nobody thought of, or something is missing that is to be said. */
const DEFECT = /[Uu]nexpected \w*(Error|object|undefined)|\b(undefined|NaN)\b|\[object |Invalid Date/;

/** How many keys a warning is about, and those of them that it names. */
function named(warnings: readonly string[], about: RegExp): { count: number; ids: string[] } {
  const text = warnings.find((warning) => about.test(warning)) ?? '';
  const count = Number(/(?:alone|left alone): (\d+)\./.exec(text)?.[1] ?? 0);
  const ids = [...text.matchAll(/api-keys\/([^\s;]+)/g)].map(([, id = '']) => id);
  return { count, ids };
}

function versionsOf({ standIns: { service, secretId } }: Facts): string[] {
  const { Versions = [] } = service.call('ListSecretVersionIds', { SecretId: secretId, IncludeDeprecated: true });
  return Versions.map(({ VersionId = '' }) => VersionId);
}

/** Whether a rotation is done that looked at everything, which the register told it. */
function hasLooked({ world, standIns, last }: Facts, { step, ended, measured }: Invocation): boolean {
  const isDone = step === 'finishSecret' && ended !== undefined && 'outcome' in ended;
  const { newKeyListedAfterLists, newKeyListedAfterSeconds } = world.schedule.switches.momento;
  const isTold = !newKeyListedAfterLists && !newKeyListedAfterSeconds && standIns.keyIn(last.current)?.v2 !== undefined;
  return isDone && isTold && !measured.some(([name]) => name === 'RevocationFailed');
}

/** How many keys it has to tell of at least, which were issued before it began and never stored, and which it does not revoke. */
function surelyUnproven(facts: Facts, invocation: Invocation): number {
  const { issuedBy, last, stored } = facts;
  if (!hasLooked(facts, invocation) || facts.currentMovedAt >= invocation.startedAt) return 0;
  const isSettled = (id: string) => !last.stages[issuedBy.get(id)?.versionId ?? '']?.length;
  return invocation.orphans.filter((id) => !stored.has(id) && isLive(facts, id) && isSettled(id)).length;
}

/** How many keys made by hand it has to tell of at least, where that is beyond doubt: nobody did anything else by hand. */
function surelyByHand(facts: Facts, invocation: Invocation): number {
  const { world, standIns, predecessors, stored } = facts;
  if (world.all.some(({ acts }) => acts > 0) || standIns.configuration.revokesFirstKeys) return 0;
  if (!hasLooked(facts, invocation)) return 0;
  const isTold = (first: string) => [...stored].some((id) => predecessors.get(id) === first && isLive(facts, id));
  return v2FirstKeys(facts).filter((first) => isLive(facts, first) && isTold(first)).length;
}

/** And at most. */
function perhapsByHand(facts: Facts): number {
  if (facts.world.all.some(({ acts }) => acts > 0)) return Number.POSITIVE_INFINITY;
  return facts.standIns.configuration.revokesFirstKeys ? 0 : v2FirstKeys(facts).length;
}

function v2FirstKeys(facts: Facts): string[] {
  const all = facts.standIns.account.keys.all();
  return firstKeys(facts).filter((first) => all.some(({ id, v2 }) => id === first && v2));
}
