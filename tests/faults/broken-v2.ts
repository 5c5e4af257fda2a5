import type { SecretValue } from '../../src/momento/secret-value.ts';
import { isMarked, readMarker, writeMarker } from '../../src/revocation/marker.ts';
import type { Registry } from '../../src/revocation/registry.ts';
import { type Broken, describing, withStore } from './broken.ts';
import type { RunStep, StepTask } from './entry-point.ts';
import { simulatedKind } from './ports.ts';
import { realSteps } from './world.ts';

/** The real steps over a registry that does something else. */
export const withRegistry = (
  change: (registry: Registry, rotation: StepTask, current: SecretValue) => Partial<Registry>,
): RunStep => {
  return (step, rotation, client, link) => {
    const kind = simulatedKind(link, rotation.secretId, (registry, current) => change(registry, rotation, current));
    return realSteps(step, { ...rotation, kind }, client, link);
  };
};

/** The registry, as whoever manages the key of this value may use it. */
async function registryFor({ kind, store, budget }: StepTask, secretString: string): Promise<Registry | undefined> {
  const access = kind.registryFor(secretString);
  if (access?.adminSecret === undefined) return access?.open();
  const admin = await store.getCurrent(access.adminSecret, 3000).catch(() => undefined);
  return access.open(admin?.secretString ?? '', new Date(budget.clock.now()));
}

/** What was issued for the version in rotation. */
async function issuedFor({ secretId, versionId }: StepTask, registry: Registry): Promise<string[]> {
  const { records } = await registry.list(undefined, 3000);
  return records
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
      const registry = await registryFor(rotation, before.secretString);
      await registry?.revoke(kind.identify(before.secretString).id ?? '', 3000);
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
    run: withRegistry((registry, rotation) => ({
      async issue(...request) {
        const issue = await registry.issue(...request);
        if (issue.kind !== 'issued') return issue;
        const orphans = await issuedFor(rotation, registry).catch(() => []);
        for (const id of orphans) if (id !== issue.id) await registry.revoke(id, 3000).catch(() => undefined);
        return issue;
      },
    })),
    caughtBy: 'revokes-no-key-in-use',
  },
  'does not look again before a revocation': {
    run: (step, rotation, client, link) => {
      let last: ReturnType<typeof rotation.store.describe> | undefined;
      const hasListed = { value: false };
      const looking = withRegistry((registry) => ({
        list(...page) {
          hasListed.value = true;
          return registry.list(...page);
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
    run: withRegistry((registry, rotation) => ({
      async list(...page) {
        const { records, nextToken } = await registry.list(...page);
        const isHeld = ({ description }: { description: string }) =>
          readMarker(description, rotation.secretId)?.versionId !== rotation.versionId;
        return { records: records.filter(isHeld), nextToken };
      },
    })),
    caughtBy: 'sweeps-what-was-left',
  },
  'revokes nothing': {
    run: withRegistry(() => ({ revoke: async () => {} })),
    caughtBy: 'no-key-lingers',
  },
  'does not look for what may have been issued': {
    run: withRegistry((registry) => ({
      async issue(...request) {
        const issue = await registry.issue(...request);
        return issue.kind === 'unavailable' ? { ...issue, mayHaveIssued: false } : issue;
      },
    })),
    caughtBy: 'sweeps-what-was-left',
  },
  'takes the mark of another secret for its own': {
    run: withRegistry((registry, { secretId }) => ({
      async list(...page) {
        const { records, nextToken } = await registry.list(...page);
        const elsewhere = secretId.replace(/[a-z]+-[a-z]+-\d/, 'eu-west-1');
        const of = (arn: string) => records.find(({ description }) => readMarker(description, arn));
        const own = readMarker(of(secretId)?.description ?? '', secretId);
        const [{ issuedAt } = {}, others] = [of(secretId), of(elsewhere)];
        const changed = own &&
          issuedAt && { issuedAt, description: writeMarker(secretId, { ...own, nonce: 'others' }) };
        return {
          records: records.map((record) => (record === others ? { ...record, ...changed } : record)),
          nextToken,
        };
      },
    })),
    caughtBy: 'revokes-own-keys-only',
  },
  'reads the first page only': {
    run: withRegistry((registry) => ({
      list: async (...page) => ({ ...(await registry.list(...page)), nextToken: undefined }),
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
        const current = await store.getCurrent(rotation.secretId, 3000).catch(() => undefined);
        const secretString = current?.secretString;
        const registry = secretString ? await registryFor(rotation, secretString).catch(() => undefined) : undefined;
        const ids = registry === undefined ? [] : await issuedFor(rotation, registry).catch(() => []);
        for (const id of ids) await registry?.revoke(id, 3000).catch(() => undefined);
        await store.removePending(...request);
      },
    })),
    caughtBy: 'revokes-no-key-in-use',
  },
  'marks what it issues for another version': {
    run: withRegistry((registry, { versionId }) => ({
      issue: (request, timeoutMs) =>
        registry.issue({ ...request, description: request.description.replace(versionId, `${versionId}x`) }, timeoutMs),
    })),
    caughtBy: 'marks-what-it-issues',
  },
  'says of a key that could not be stored that it was revoked': {
    run: (step, rotation, client, link) => {
      const run = step === 'createSecret' ? withRegistry(() => ({ revoke: async () => {} })) : realSteps;
      return run(step, rotation, client, link);
    },
    caughtBy: 'takes-back-what-it-loses',
  },
  'describes a key as it likes': {
    run: withRegistry((registry) => ({
      issue: (request, timeoutMs) =>
        registry.issue({ ...request, description: request.description.replace(/^[^[]*/, 'fresh ') }, timeoutMs),
    })),
    caughtBy: 'is-like-its-predecessor',
  },
  'does not know what nobody has issued': {
    run: withRegistry((registry) => ({
      async list(...page) {
        const { records, nextToken } = await registry.list(...page);
        return { records: records.filter(({ description }) => isMarked(description)), nextToken };
      },
    })),
    caughtBy: 'names-what-it-leaves-alone',
  },
  'trips over what it names': {
    run: withRegistry(() => ({
      howToRevoke() {
        throw new TypeError('id');
      },
    })),
    caughtBy: 'has-no-defect',
  },
  'keeps quiet about what it could not revoke': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, report: { ...rotation.report, warn: () => {} } }, client, link),
    caughtBy: 'says-what-is-left',
  },
};
