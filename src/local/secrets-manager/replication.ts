/**
 * Carries the changes of primaries to their replicas in other Regions: everything that a rotation does, too. Sources:
 * "Replicate AWS Secrets Manager secrets across Regions" and "Promote a replica secret" of the user guide, and the pages
 * of the API reference that the actions name.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ReplicaRegionType, ReplicationStatusType } from '@aws-sdk/client-secrets-manager';
import type { Regions } from './secrets.ts';
import type { Behaviour } from './secrets-manager-behaviour.ts';
import type { Replica, ReplicatedContent, Secret } from './stored-secret.ts';

interface ReplicationOptions {
  regions: Regions;
  behaviour: Behaviour;
  now: () => Date;
  /** Told of a secret that a replica takes the place of. */
  onOverwritten(secret: Secret): void;
}

export interface Replication {
  /** Makes replicas of a primary in the Regions, or tries again to. What is there under its name is replaced if `overwrites`. */
  replicate(primary: Secret, to: readonly ReplicaRegionType[], overwrites: boolean): void;
  /** Deletes the replicas in the Regions. There may be none. */
  remove(primary: Secret, from: readonly string[]): void;
  /** Makes a replica a secret of its own. */
  promote(replica: Secret): void;
  /** Sends what has changed since it was called last. */
  send(): void;
  /** Lets arrive what is due by now. */
  arrive(): void;
}

export function createReplication({ regions, behaviour, now, onOverwritten }: ReplicationOptions): Replication {
  const primaries = new Set<Secret>();

  function send(): void {
    for (const primary of primaries) {
      const content = contentOf(primary);
      for (const replica of primary.replicas.values()) {
        if (isDeepStrictEqual(content, replica.sent)) continue;
        replica.sent = content;
        replica.underWay.push({ due: now().getTime() + behaviour.replicationLagMs, content });
      }
    }
  }

  function arrive(): void {
    for (const primary of primaries)
      for (const replica of primary.replicas.values()) {
        const arrived = replica.underWay.filter(({ due }) => due <= now().getTime());
        replica.underWay.splice(0, arrived.length);
        for (const { content } of arrived) storeIn(primary, replica, content);
      }
  }

  function storeIn(primary: Secret, replica: Replica, content: ReplicatedContent): void {
    const failure = behaviour.replicationFailures.get(replica.region) ?? makeRoom(primary, replica);
    if (failure !== undefined) {
      replica.failure = failure;
      return;
    }
    delete replica.failure;
    replica.secret ??= createIn(primary, replica);
    fill(replica.secret, content);
  }

  /** @returns why there is none: another secret has the name. */
  function makeRoom(primary: Secret, replica: Replica): string | undefined {
    const secrets = regions.in(replica.region);
    const holder = secrets.lookUp(primary.name);
    if (!holder || holder === replica.secret) return undefined;
    if (!replica.overwrites || primaryRegionOf(holder) !== undefined)
      return `Replication failed: Secret name ${primary.name} already exists in region ${replica.region}.`;
    secrets.remove(holder);
    onOverwritten(holder);
    return undefined;
  }

  function createIn(primary: Secret, { region, kmsKeyId }: Replica): Secret {
    const secret = regions.in(region).createReplica(primary);
    if (kmsKeyId !== undefined) secret.kmsKeyId = kmsKeyId;
    return secret;
  }

  function forget(primary: Secret, region: string): void {
    primary.replicas.delete(region);
    if (primary.replicas.size === 0) primaries.delete(primary);
  }

  return {
    send,
    arrive,
    replicate(primary, to, overwrites) {
      for (const { Region: region = '', KmsKeyId: kmsKeyId } of to) {
        const { underWay = [], secret } = primary.replicas.get(region) ?? {};
        primary.replicas.set(region, { region, kmsKeyId, overwrites, underWay, ...(secret && { secret }) });
        primaries.add(primary);
      }
      send();
    },
    remove(primary, from) {
      for (const region of from) {
        const secret = primary.replicas.get(region)?.secret;
        if (secret) regions.in(region).remove(secret);
        forget(primary, region);
      }
    },
    promote(replica) {
      for (const primary of [...primaries])
        if (primary.replicas.get(replica.region)?.secret === replica) forget(primary, replica.region);
      delete replica.primaryRegion;
    },
  };
}

/** Not whether and when it is rotated: rotation is the primary's business, and off when a replica is promoted. */
function contentOf({ description, tags, versions, lastChangedDate }: Secret): ReplicatedContent {
  const copies = [...versions.values()].map(({ id, createdDate, value, labels }) => ({
    id,
    createdDate,
    ...(value && { value }),
    labels: new Set(labels),
  }));
  return { description, tags, versions: copies, lastChangedDate };
}

/** When a version was read last is known for each Region by itself. */
function fill(secret: Secret, { description, tags, versions, lastChangedDate }: ReplicatedContent): void {
  secret.lastChangedDate = lastChangedDate;
  if (description !== undefined) secret.description = description;
  if (tags) secret.tags = tags;
  const known = new Map(secret.versions);
  secret.versions.clear();
  for (const version of versions) {
    const lastAccessedDate = known.get(version.id)?.lastAccessedDate;
    const labels = new Set(version.labels);
    secret.versions.set(version.id, { ...version, labels, ...(lastAccessedDate && { lastAccessedDate }) });
  }
}

/** Absent on a secret that is neither replicated nor a replica (LocalStack's snapshots of AWS have none). */
export const primaryRegionOf = (secret: Secret): string | undefined =>
  secret.primaryRegion ?? (secret.replicas.size > 0 ? secret.region : undefined);

/** As a primary has it; undefined on any other secret. Keys and messages: the examples of the API reference and the CLI's. */
export function replicationStatus(secret: Secret): ReplicationStatusType[] | undefined {
  if (secret.replicas.size === 0) return undefined;
  return [...secret.replicas.values()].map((replica) => ({
    Region: replica.region,
    KmsKeyId: (replica.secret ?? replica).kmsKeyId || 'alias/aws/secretsmanager',
    ...progressOf(replica),
    LastAccessedDate: replica.secret?.lastAccessedDate,
  }));
}

function progressOf({ underWay, failure }: Replica): Pick<ReplicationStatusType, 'Status' | 'StatusMessage'> {
  if (underWay.length > 0) return { Status: 'InProgress' };
  if (failure !== undefined) return { Status: 'Failed', StatusMessage: failure };
  return { Status: 'InSync', StatusMessage: 'Replication succeeded' };
}
