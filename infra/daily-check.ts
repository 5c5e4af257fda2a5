import { Duration } from 'aws-cdk-lib';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Construct, IDependable } from 'constructs';
import { invokeEvery, type Scheduler } from './scheduler.ts';
import type { RotatedSecret } from './secrets.ts';

/** How far apart the checks of secrets that were deployed together come to lie. */
const WITHIN = Duration.minutes(15);

/**
 * Checks one secret, soon and every day. Each has a schedule of its own: a secret that cannot be checked keeps no other from
 * it.
 *
 * @param rotation without which a check would find rotation turned off
 */
export function checkDaily(
  scope: Construct,
  scheduler: Scheduler,
  { secretId, name }: RotatedSecret,
  rotation: IDependable,
): CfnSchedule {
  return invokeEvery(scope, 'Check', scheduler, {
    description: `Checks the Momento API key in ${name}.`.slice(0, 512),
    every: Duration.days(1),
    // Or all of a deployment's secrets would be checked in the same minute of each day.
    flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: WITHIN.toMinutes() },
    event: { CheckSecrets: [secretId] },
    after: [rotation],
  });
}
