import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { inGroups } from './groups.ts';
import { invokeEvery, type Scheduler } from './scheduler.ts';
import type { WatchedSecret } from './watch.ts';

/** How many secrets one invocation goes through, well within its time and within Scheduler's 256 KB for an event. */
const MOST_IN_ONE_EVENT = 25;

/** Has superseded keys revoked whose overlap is over, again and again. */
export function revokeOnSchedule(
  scope: Construct,
  scheduler: Scheduler,
  secrets: readonly WatchedSecret[],
  interval: Duration,
): void {
  inGroups(secrets, MOST_IN_ONE_EVENT, () => 1).forEach((group, index) => {
    invokeEvery(scope, index === 0 ? 'Revocation' : `Revocation${index + 1}`, scheduler, {
      description: 'Revokes Momento API keys that were superseded.',
      every: interval,
      // There are few of them, and a window would make keys live longer by as much.
      flexibleTimeWindow: { mode: 'OFF' },
      // The next one does what this one did not.
      retryPolicy: { maximumRetryAttempts: 0 },
      event: { RevokeRetiredKeys: group.map(({ secret }) => secret.secretId) },
      after: group.map(({ rotation }) => rotation),
    });
  });
}
