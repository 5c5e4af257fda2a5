import type { ActionName } from './actions/actions.ts';
import { AwsServiceError } from './secrets-manager-errors.ts';

/** Actions that share a quota, and how many requests for them come through in a second. */
export type RequestQuotas = readonly { actions: readonly ActionName[]; perSecond: number }[];

export const NO_QUOTAS: RequestQuotas = [];

/** Of an account in a Region, those that a rotation and its owner meet (user guide, "AWS Secrets Manager quotas"). */
export const DOCUMENTED_QUOTAS: RequestQuotas = [
  { actions: ['DescribeSecret', 'GetSecretValue'], perSecond: 10_000 },
  {
    actions: [
      'PutSecretValue',
      'RemoveRegionsFromReplication',
      'ReplicateSecretToRegions',
      'StopReplicationToReplica',
      'UpdateSecret',
      'UpdateSecretVersionStage',
    ],
    perSecond: 50,
  },
  { actions: ['CancelRotateSecret', 'RotateSecret'], perSecond: 50 },
];

const A_SECOND = 1000;

/**
 * How the service counts is not documented: here in any second, and what was throttled does not count.
 * @returns to be called for each request. It throws an {@link AwsServiceError} `ThrottlingException` for one too many.
 */
export function countRequests(quotas: RequestQuotas, now: () => Date): (action: ActionName) => void {
  const counted = quotas.map((quota) => ({ ...quota, recent: [] as number[] }));
  return (action) => {
    const quota = counted.find(({ actions }) => actions.includes(action));
    if (quota === undefined) return;
    const time = now().getTime();
    // In order of arrival: those that are over stand first.
    const first = quota.recent.findIndex((earlier) => earlier > time - A_SECOND);
    quota.recent.splice(0, first < 0 ? quota.recent.length : first);
    if (quota.recent.length >= quota.perSecond) throw new AwsServiceError('ThrottlingException', 'Rate exceeded');
    quota.recent.push(time);
  };
}
