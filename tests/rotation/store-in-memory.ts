import type { SecretStore, SecretVersion } from '../../src/rotation/secret-store.ts';

/** By version id. */
export type Versions = Map<string, { value?: string; stages: string[] }>;

/** A store in memory, of a service that tells no dates. */
export function storeOf(versions: Versions): SecretStore {
  const get = (versionId: string | undefined): SecretVersion | undefined => {
    const { value, stages = [] } = versions.get(versionId ?? '') ?? {};
    if (versionId === undefined || value === undefined) return undefined;
    return { versionId, stages, createdAt: undefined, secretString: value };
  };
  return {
    describe: async () => ({
      arn: 'secret',
      name: 'secret',
      lastRotatedAt: undefined,
      lastChangedAt: undefined,
      rotationEnabled: true,
      isDeleted: false,
      rotationRules: undefined,
      replicaOf: undefined,
      stages: Object.fromEntries([...versions].map(([id, { stages }]) => [id, stages])),
    }),
    getCurrent: async () => get([...versions].find(([, { stages }]) => stages.includes('AWSCURRENT'))?.[0]),
    getVersion: async (_, versionId) => get(versionId),
    putPending: async (_, { versionId, secretString }) => {
      versions.set(versionId, { value: secretString, stages: ['AWSPENDING'] });
    },
    moveCurrent: async (_, { from, to }) => {
      versions.set(from, { ...versions.get(from), stages: ['AWSPREVIOUS'] });
      versions.set(to, { ...versions.get(to), stages: ['AWSCURRENT'] });
    },
    removePending: async () => {},
    rotate: async () => {},
  };
}
