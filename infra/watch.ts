import type { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IDependable } from 'constructs';
import { alarmOnAwaitedRevocation, alarmOnExpiry, alarmOnOverdueRotation } from './alarms.ts';
import { checkDaily } from './daily-check.ts';
import type { RotationFunction } from './function.ts';
import type { Scheduler } from './scheduler.ts';
import type { RotatedSecret } from './secrets.ts';

/** A secret, and what rotates it, without which a check would find rotation turned off. */
export interface WatchedSecret {
  readonly secret: RotatedSecret;
  readonly rotation: IDependable;
}

interface WatchProps {
  readonly rotationFunction: RotationFunction;
  readonly secrets: readonly WatchedSecret[];
  /** Undefined: there is no daily check. */
  readonly check:
    | { readonly scheduler: Scheduler; readonly longestGap: Duration; readonly expiryNotice: Duration }
    | undefined;
  /** Whether it is measured how many superseded keys should have been revoked. */
  readonly revocation: boolean;
}

/** Has each secret checked every day, with alarms on what the check finds, and on keys that are not revoked. */
export function watch(scope: Construct, { rotationFunction, secrets, check, revocation }: WatchProps): Alarm[] {
  const { logGroup } = rotationFunction;
  const place = new Construct(scope, 'Watch');
  return secrets.flatMap(({ secret, rotation }) => {
    const own = new Construct(place, secret.id);
    const { name } = secret;
    const schedule = check && checkDaily(own, check.scheduler, secret, rotation);
    const alarms = [
      ...(check ? [alarmOnOverdueRotation(own, name, logGroup, check.longestGap)] : []),
      ...(check ? [alarmOnExpiry(own, name, logGroup, check.expiryNotice)] : []),
      ...(revocation ? [alarmOnAwaitedRevocation(own, name, logGroup)] : []),
    ];
    // So that the first check comes early in the time in which the alarms do not judge yet.
    if (schedule) for (const alarm of alarms) alarm.node.addDependency(schedule);
    return alarms;
  });
}
