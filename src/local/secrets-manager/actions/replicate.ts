import type {
  RemoveRegionsFromReplicationRequest,
  RemoveRegionsFromReplicationResponse,
  ReplicaRegionType,
  ReplicateSecretToRegionsRequest,
  ReplicateSecretToRegionsResponse,
  StopReplicationToReplicaRequest,
  StopReplicationToReplicaResponse,
} from '@aws-sdk/client-secrets-manager';
import { replicationStatus } from '../replication.ts';
import { invalidParameter, invalidRequest } from '../secrets-manager-errors.ts';
import type { Context } from './context.ts';

/** A replica is in another Region than its primary. */
export function requireOtherRegions(context: Context, replicas: readonly ReplicaRegionType[]): void {
  if (replicas.some(({ Region }) => Region === undefined || Region === context.secrets.region))
    throw invalidParameter('Invalid replica region.');
}

export function replicateSecretToRegions(
  context: Context,
  input: ReplicateSecretToRegionsRequest,
): ReplicateSecretToRegionsResponse {
  const { AddReplicaRegions: replicas = [], ForceOverwriteReplicaSecret: overwrite = false } = input;
  requireOtherRegions(context, replicas);
  const secret = context.secrets.findWritable(input.SecretId);
  context.replication.replicate(secret, replicas, overwrite);
  return { ARN: secret.arn, ReplicationStatus: replicationStatus(secret) };
}

export function removeRegionsFromReplication(
  context: Context,
  input: RemoveRegionsFromReplicationRequest,
): RemoveRegionsFromReplicationResponse {
  const secret = context.secrets.findWritable(input.SecretId);
  context.replication.remove(secret, input.RemoveReplicaRegions ?? []);
  return { ARN: secret.arn, ReplicationStatus: replicationStatus(secret) ?? [] };
}

/** "You must call this operation from the Region in which you want to promote the replica": elsewhere it is not found. */
export function stopReplicationToReplica(
  context: Context,
  input: StopReplicationToReplicaRequest,
): StopReplicationToReplicaResponse {
  const secret = context.secrets.find(input.SecretId);
  if (!secret.primaryRegion)
    throw invalidRequest('The secret is no replica: StopReplicationToReplica has to be called in the Region of one.');
  context.replication.promote(secret);
  return { ARN: secret.arn };
}
