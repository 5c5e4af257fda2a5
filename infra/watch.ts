import { type Duration, NestedStack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IDependable } from 'constructs';
import { alarmOnAwaitedRevocation, alarmOnExpiry, alarmOnOverdueRotation } from './alarms.ts';
import { checkDaily, createChecker } from './daily-check.ts';
import type { RotationFunction } from './function.ts';
import { inGroups } from './groups.ts';
import type { RotatedSecret } from './secrets.ts';

/**
 * What a stack has for it, of the 500 resources and the 1 MB of a template that CloudFormation takes. Characters are counted
 * as the CDK writes them by default: indented, and with the paths that its command adds.
 */
interface Room {
  readonly resources: number;
  readonly characters: number;
}

/** In the construct's own stack: rotating takes one or two resources more a secret, and a dashboard its rows. */
const IN_OWN_STACK: Room = { resources: 300, characters: 610_000 };

/** A nested stack has at most a parameter for each secret besides, of 200, and ten more. */
const IN_NESTED_STACK: Room = { resources: 450, characters: 810_000 };

/** Of a check and of an alarm, but for names and ids. */
const CHECK_CHARACTERS = 750;
const ALARM_CHARACTERS = 1_800;
/** In a resource's description, and in what it is about. */
const NAMES_EACH = 2;
/** As a resource's key, in its path, and where another one waits for it. */
const IDS_EACH = 3;

/**
 * How many secrets a stack watches; fewer if their names are long, or not known at synthesis.
 *
 * @param v2Keys whether superseded keys are revoked
 */
export function mostWatched(v2Keys: boolean): { inOwnStack: number; inNestedStack: number } {
  const resources = resourcesOf(v2Keys);
  return {
    inOwnStack: Math.floor(IN_OWN_STACK.resources / resources),
    inNestedStack: Math.floor(IN_NESTED_STACK.resources / resources),
  };
}

/** A check and three alarms a secret, otherwise two. */
function resourcesOf(v2Keys: boolean): number {
  return v2Keys ? 4 : 3;
}

/** Puts secrets together that fit into a stack. One with a long name takes the room of more resources than it has. */
function inRooms(secrets: readonly WatchedSecret[], room: Room, v2Keys: boolean): WatchedSecret[][] {
  const resources = resourcesOf(v2Keys);
  return inGroups(secrets, room.resources, ({ secret: { nameLength, id } }) => {
    const names = NAMES_EACH * nameLength + IDS_EACH * id.length;
    const characters = CHECK_CHARACTERS + (resources - 1) * ALARM_CHARACTERS + resources * names;
    return Math.max(resources, (characters / room.characters) * room.resources);
  });
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
  const [all = [], ...others] = inRooms(secrets, IN_OWN_STACK, v2Keys);
  if (others.length === 0) return [[new Construct(scope, 'Watch'), all]];
  return inRooms(secrets, IN_NESTED_STACK, v2Keys).map((group, index) => [
    new NestedStack(scope, `Watch${index + 1}`, { description: 'Watches Momento API keys.' }),
    group,
  ]);
}
