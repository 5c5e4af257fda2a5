import { type Duration, NestedStack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IDependable } from 'constructs';
import { alarmOnExpiry, alarmOnOverdueRotation } from './alarms.ts';
import { checkDaily, createChecker } from './daily-check.ts';
import type { RotationFunction } from './function.ts';
import { inGroups } from './groups.ts';
import type { RotatedSecret } from './secrets.ts';

/**
 * How many secrets are watched from the construct's own stack. Watching takes three resources a secret, rotating one or
 * two, and a stack holds 500.
 */
export const MOST_IN_OWN_STACK = 100;

/** How many secrets a nested stack watches: 450 of its 500 resources, and at most 160 of its 200 parameters. */
export const MOST_IN_NESTED_STACK = 150;

/** A secret, and what rotates it, without which a check would find rotation turned off. */
export interface WatchedSecret {
  readonly secret: RotatedSecret;
  readonly rotation: IDependable;
}

export interface WatchProps {
  readonly rotationFunction: RotationFunction;
  readonly secrets: readonly WatchedSecret[];
  readonly longestGap: Duration;
  readonly expiryNotice: Duration;
}

/**
 * Has each secret checked every day, with alarms on what the check finds. Beyond a number of secrets this goes into
 * nested stacks; that a secret may then move from one to another does no harm, since a check and an alarm remember nothing.
 */
export function watchDaily(scope: Construct, props: WatchProps): Alarm[] {
  const { lambda, logGroup } = props.rotationFunction;
  const checker = createChecker(scope, lambda);
  return inStacks(scope, props.secrets).flatMap(([place, secrets]) =>
    secrets.flatMap(({ secret, rotation }) => {
      const own = new Construct(place, secret.id);
      const check = checkDaily(own, checker, secret, rotation);
      const alarms = [
        alarmOnOverdueRotation(own, secret.name, logGroup, props.longestGap),
        alarmOnExpiry(own, secret.name, logGroup, props.expiryNotice),
      ];
      // So that the first check comes early in the time in which the alarms do not judge yet.
      for (const alarm of alarms) alarm.node.addDependency(check);
      return alarms;
    }),
  );
}

function inStacks(scope: Construct, secrets: readonly WatchedSecret[]): [Construct, WatchedSecret[]][] {
  if (secrets.length <= MOST_IN_OWN_STACK) return [[new Construct(scope, 'Watch'), [...secrets]]];
  return inGroups(secrets, MOST_IN_NESTED_STACK, () => 1).map((group, index) => [
    new NestedStack(scope, `Watch${index + 1}`, { description: 'Watches Momento API keys.' }),
    group,
  ]);
}
