import { type Duration, NestedStack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IDependable } from 'constructs';
import { alarmOnAwaitedRevocation, alarmOnExpiry, alarmOnOverdueRotation } from './alarms.ts';
import { checkDaily, createChecker } from './daily-check.ts';
import type { RotationFunction } from './function.ts';
import { inGroups } from './groups.ts';
import type { RotatedSecret } from './secrets.ts';

/** Resources for it in the construct's own stack, of 500: rotating takes one or two more a secret. */
const ROOM_IN_OWN_STACK = 300;

/** In a nested stack, which has at most a parameter for each secret besides, of 200, and ten more. */
const ROOM_IN_NESTED_STACK = 450;

/**
 * How many secrets a stack watches.
 *
 * @param v2Keys whether superseded keys are revoked: a check and three alarms a secret, otherwise two
 */
export function mostWatched(v2Keys: boolean): { inOwnStack: number; inNestedStack: number } {
  const resources = v2Keys ? 4 : 3;
  return {
    inOwnStack: Math.floor(ROOM_IN_OWN_STACK / resources),
    inNestedStack: Math.floor(ROOM_IN_NESTED_STACK / resources),
  };
}

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
  /** Whether superseded keys are revoked. */
  readonly v2Keys: boolean;
}

/**
 * Has each secret checked every day, with alarms on what the check finds. Beyond a number of secrets this goes into
 * nested stacks; that a secret may then move from one to another does no harm, since a check and an alarm remember nothing.
 */
export function watchDaily(scope: Construct, props: WatchProps): Alarm[] {
  const { lambda, logGroup } = props.rotationFunction;
  const checker = createChecker(scope, lambda);
  return inStacks(scope, props).flatMap(([place, secrets]) =>
    secrets.flatMap(({ secret, rotation }) => {
      const own = new Construct(place, secret.id);
      const check = checkDaily(own, checker, secret, rotation);
      const alarms = [
        alarmOnOverdueRotation(own, secret.name, logGroup, props.longestGap),
        alarmOnExpiry(own, secret.name, logGroup, props.expiryNotice),
        ...(props.v2Keys ? [alarmOnAwaitedRevocation(own, secret.name, logGroup)] : []),
      ];
      // So that the first check comes early in the time in which the alarms do not judge yet.
      for (const alarm of alarms) alarm.node.addDependency(check);
      return alarms;
    }),
  );
}

function inStacks(scope: Construct, { secrets, v2Keys }: WatchProps): [Construct, WatchedSecret[]][] {
  const { inOwnStack, inNestedStack } = mostWatched(v2Keys);
  if (secrets.length <= inOwnStack) return [[new Construct(scope, 'Watch'), [...secrets]]];
  return inGroups(secrets, inNestedStack, () => 1).map((group, index) => [
    new NestedStack(scope, `Watch${index + 1}`, { description: 'Watches Momento API keys.' }),
    group,
  ]);
}
