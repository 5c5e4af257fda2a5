import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { readMarker, writeMarker } from '../../src/revocation/marker.ts';
import { type Broken, withStore } from './broken.ts';
import { withRegistry } from './broken-v2.ts';
import { ADMIN_SECRET, type Configuration, FIRST_SECRET, SECOND_SECRET } from './configuration.ts';
import type { RunStep, StepTask } from './entry-point.ts';
import { FOREIGN_DOMAINS } from './hostile.ts';
import { simulatedKind } from './ports.ts';
import { realSteps } from './world.ts';

/** The real steps of a function that is configured otherwise. */
const configured =
  (change: (rotation: StepTask) => Promise<Partial<Configuration>>): RunStep =>
  async (step, rotation, client, link) => {
    const { standIns } = link;
    const configuration = { ...standIns.configuration, ...(await change(rotation)) };
    const kind = simulatedKind({ ...link, standIns: { ...standIns, configuration } }, rotation.secretId);
    return realSteps(step, { ...rotation, kind }, client, link);
  };

async function roleInValue({ store, secretId }: StepTask): Promise<string | undefined> {
  const current = await store.getCurrent(secretId, 3000).catch(() => undefined);
  return /"roleId":"([^"]*)"/.exec(current?.secretString ?? '')?.[1];
}

const withoutPrevious = (labels: readonly string[] = []) => labels.filter((label) => label !== 'AWSPREVIOUS');

/** The real steps over a store that never says that a version may have been current. */
const forgetful = withStore((store, { versionId }) => ({
  async describe(...request) {
    const description = await store.describe(...request);
    const labels = withoutPrevious(description.stages[versionId]);
    return { ...description, lastRotatedAt: undefined, stages: { ...description.stages, [versionId]: labels } };
  },
  async getVersion(...request) {
    const version = await store.getVersion(...request);
    return version && { ...version, stages: withoutPrevious(version.stages) };
  },
}));

const A_QUARTER_OF_AN_HOUR_MS = 900_000;

/** The function, with one thing wrong with it that shows in lives, between rotations. */
export const brokenLives: Record<string, Broken> = {
  'gives a key the role that its value names': {
    run: configured(async (rotation) => {
      const roleId = await roleInValue(rotation);
      return roleId === undefined ? {} : { roles: { '*': roleId } };
    }),
    caughtBy: 'mints-configured-roles-only',
  },
  'manages keys with whatever key a value names': {
    run: configured(async () => ({ adminSecrets: [ADMIN_SECRET, SECOND_SECRET, FIRST_SECRET] })),
    caughtBy: 'uses-configured-admin-only',
  },
  'sends keys to any host': {
    run: configured(async () => ({ hosts: ['example.com', ...FOREIGN_DOMAINS] })),
    caughtBy: 'sends-keys-home-only',
  },
  'promotes again what an operator went back from': {
    run: (step, rotation, client, link) => forgetful(step, { ...rotation, memory: {} }, client, link),
    caughtBy: 'what-was-left-stays-left',
  },
  'takes the labels of others along': {
    run: async (step, rotation, client, link) => {
      const outcome = await realSteps(step, rotation, client, link);
      if (step !== 'finishSecret') return outcome;
      const { store, secretId, versionId } = rotation;
      const { stages } = await store.describe(secretId, 3000);
      const [holder] = Object.keys(stages).filter((id) => stages[id]?.includes('OPERATORS'));
      if (holder === undefined) return outcome;
      const move = { SecretId: secretId, VersionStage: 'OPERATORS' };
      await client.send(
        new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: holder, MoveToVersionId: versionId }),
      );
      return outcome;
    },
    caughtBy: 'leaves-labels-alone',
  },
  'revokes first keys that were made by hand': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, policy: { ...rotation.policy, revokesFirstKey: true } }, client, link),
    caughtBy: 'revokes-own-keys-only',
  },
  'takes a copied description for one of its own': {
    run: withRegistry((registry, { secretId }) => ({
      async list(...page) {
        const { records, nextToken } = await registry.list(...page);
        const seen = new Map<string, Date>();
        const own = records.map((record) => {
          const marker = readMarker(record.description, secretId);
          if (marker === undefined) return record;
          const issuedAt = seen.get(marker.nonce);
          seen.set(marker.nonce, issuedAt ?? record.issuedAt);
          if (issuedAt === undefined) return record;
          return { ...record, issuedAt, description: writeMarker(secretId, { ...marker, nonce: record.id }) };
        });
        return { records: own, nextToken };
      },
    })),
    caughtBy: 'revokes-own-keys-only',
  },
  'counts the overlap from the issue': {
    run: withStore((store) => ({
      async describe(...request) {
        const description = await store.describe(...request);
        const current = await store.getCurrent(...request).catch(() => undefined);
        return { ...description, lastRotatedAt: description.lastRotatedAt && current?.createdAt };
      },
    })),
    caughtBy: 'revokes-no-key-in-use',
  },
  'does not wait for the overlap': {
    run: (step, rotation, client, link) =>
      realSteps(step, { ...rotation, policy: { ...rotation.policy, overlapMs: 0 } }, client, link),
    caughtBy: 'revokes-no-key-in-use',
  },
  'counts the overlap by a clock that is a quarter of an hour ahead': {
    run: (step, rotation, client, link) => {
      const { policy } = rotation;
      const overlapMs = policy.overlapMs - A_QUARTER_OF_AN_HOUR_MS;
      return realSteps(step, { ...rotation, policy: { ...policy, overlapMs } }, client, link);
    },
    caughtBy: 'revokes-no-key-in-use',
  },
};
