import type { Credential, Register } from '../../src/rotation/credential.ts';
import { readMarker, writeMarker } from '../../src/rotation/marker.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';
import { type Broken, describing, withKind, withStore } from './broken.ts';
import type { RunStep } from './door.ts';
import { realSteps } from './world.ts';

type KeyRegister = Register<Credential>;

/** The real steps over a register that does something else. */
export const withRegister = (
  change: (register: KeyRegister, rotation: Rotation, current: Credential) => Partial<KeyRegister>,
): RunStep =>
  withKind((kind, rotation) => ({
    registerOf(current) {
      const door = kind.registerOf?.(current);
      return (
        door && {
          ...door,
          open(...given) {
            const register = door.open(...given);
            return { ...register, ...change(register, rotation, current) };
          },
        }
      );
    },
  }));

/** What was issued for the version in rotation. */
async function issuedFor({ secretId, versionId }: Rotation, register: KeyRegister): Promise<string[]> {
  const { entries } = await register.list(undefined, 3000);
  return entries
    .filter(({ description }) => readMarker(description, secretId)?.versionId === versionId)
    .map(({ id }) => id);
}

/** The function, with one thing wrong with what it does about keys that can be revoked. */
export const brokenV2: Record<string, Broken> = {
  'revokes the predecessor at once': {
    run: async (step, rotation, client, link) => {
      const { kind, store, secretId } = rotation;
      const before = await store.getCurrent(secretId, 3000).catch(() => undefined);
      const outcome = await realSteps(step, rotation, client, link);
      if (outcome !== 'promoted' || before?.secretString === undefined) return outcome;
      const current = kind.read(before.secretString);
      const door = kind.registerOf?.(current);
      const admin = door?.adminSecret && (await store.getCurrent(door.adminSecret, 3000))?.secretString;
      await door?.open(admin, new Date(rotation.budget.clock.now())).revoke(current.id ?? '', 3000);
      return outcome;
    },
    caughtBy: 'revokes-no-key-in-use',
  },
  'ignores AWSPENDING when it revokes': {
    run: describing((description, { versionId }) => {
      const isDone = description.stages[versionId]?.includes('AWSCURRENT');
      const unpending = Object.entries(description.stages).flatMap(([id, labels]) => {
        const others = labels.filter((label) => label !== 'AWSPENDING');
        return others.length > 0 ? [[id, others] as const] : [];
      });
      return isDone ? { ...description, stages: Object.fromEntries(unpending) } : description;
    }),
    caughtBy: 'revokes-no-key-in-use',
  },
  'sweeps before the put': {
    run: withRegister((register, rotation) => ({
      async issue(...request) {
        const issue = await register.issue(...request);
        if (issue.kind !== 'issued') return issue;
        const orphans = await issuedFor(rotation, register).catch(() => []);
        for (const id of orphans) if (id !== issue.successor.id) await register.revoke(id, 3000).catch(() => undefined);
        return issue;
      },
    })),
    caughtBy: 'revokes-no-key-in-use',
  },
  'does not look again before a revocation': {
    run: (step, rotation, client, link) => {
      let last: ReturnType<typeof rotation.store.describe> | undefined;
      const hasListed = { value: false };
      const looking = withRegister((register) => ({
        list(...page) {
          hasListed.value = true;
          return register.list(...page);
        },
      }));
      const describe: typeof rotation.store.describe = (...request) => {
        if (last === undefined || !hasListed.value) last = rotation.store.describe(...request);
        return last;
      };
      return looking(step, { ...rotation, store: { ...rotation.store, describe } }, client, link);
    },
    caughtBy: 'looks-before-repeating',
  },
  'never sweeps': {
    run: withRegister((register, rotation) => ({
      async list(...page) {
        const { entries, nextToken } = await register.list(...page);
        const isHeld = ({ description }: { description: string }) =>
          readMarker(description, rotation.secretId)?.versionId !== rotation.versionId;
        return { entries: entries.filter(isHeld), nextToken };
      },
    })),
    caughtBy: 'sweeps-what-was-left',
  },
  'revokes nothing': {
    run: withRegister(() => ({ revoke: async () => {} })),
    caughtBy: 'no-key-lingers',
  },
  'does not look for what may have been issued': {
    run: withRegister((register) => ({
      async issue(...request) {
        const issue = await register.issue(...request);
        return issue.kind === 'unavailable' ? { ...issue, mayHaveIssued: false } : issue;
      },
    })),
    caughtBy: 'sweeps-what-was-left',
  },
  'takes the mark of another secret for its own': {
    run: withRegister((register, { secretId }) => ({
      async list(...page) {
        const { entries, nextToken } = await register.list(...page);
        const elsewhere = secretId.replace(/[a-z]+-[a-z]+-\d/, 'eu-west-1');
        const of = (arn: string) => entries.find(({ description }) => readMarker(description, arn));
        const own = readMarker(of(secretId)?.description ?? '', secretId);
        const [{ issuedAt } = {}, others] = [of(secretId), of(elsewhere)];
        const changed = own &&
          issuedAt && { issuedAt, description: writeMarker(secretId, { ...own, nonce: 'others' }) };
        return { entries: entries.map((entry) => (entry === others ? { ...entry, ...changed } : entry)), nextToken };
      },
    })),
    caughtBy: 'revokes-own-keys-only',
  },
  'reads the first page only': {
    run: withRegister((register) => ({
      list: async (...page) => ({ ...(await register.list(...page)), nextToken: undefined }),
    })),
    caughtBy: 'no-key-lingers',
  },
  'fails the step when a revocation fails': {
    run: async (step, rotation, client, link) => {
      let failure: Error | undefined;
      const measure: typeof rotation.report.measure = (metric, value) => {
        if (metric === 'RevocationFailed') failure = new Error('A key could not be revoked.');
        rotation.report.measure(metric, value);
      };
      const outcome = await realSteps(step, { ...rotation, report: { ...rotation.report, measure } }, client, link);
      if (failure !== undefined) throw failure;
      return outcome;
    },
    caughtBy: 'revocation-fails-nothing',
  },
  'revokes a pending key before its label is off': {
    run: withStore((store, rotation) => ({
      async removePending(...request) {
        const { kind, secretId, budget } = rotation;
        const current = await store.getCurrent(secretId, 3000).catch(() => undefined);
        const door = current?.secretString ? kind.registerOf?.(kind.read(current.secretString)) : undefined;
        const admin = door?.adminSecret && (await store.getCurrent(door.adminSecret, 3000).catch(() => undefined));
        const register = admin ? door?.open(admin.secretString, new Date(budget.clock.now())) : undefined;
        const ids = register === undefined ? [] : await issuedFor(rotation, register).catch(() => []);
        for (const id of ids) await register?.revoke(id, 3000).catch(() => undefined);
        await store.removePending(...request);
      },
    })),
    caughtBy: 'revokes-no-key-in-use',
  },
  'keeps quiet about what it could not revoke': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, report: { ...rotation.report, warn: () => {} } }, client, link),
    caughtBy: 'says-what-is-left',
  },
};
