import { readSecretValue } from '../../src/momento/secret-value.ts';
import type { World } from './world.ts';

/** The states that only a human can mend, as far as the services' own state shows them. */
export type HumanState =
  /** There is no current value. */
  | 'noCurrentValue'
  /** The current value is no key that can be rotated. */
  | 'notAKey'
  /** It is a replica, which only its primary's Region can rotate. */
  | 'replica'
  | 'expired'
  /** A successor of the current key was issued and lost, and Momento issues no second one. */
  | 'spent'
  /** Momento refuses the current key. */
  | 'revoked'
  /** AWSPENDING is on a version that Secrets Manager does not rotate to. */
  | 'labelInTheWay';

export function humanStates({ standIns, simulation, schedule, rotation }: World): HumanState[] {
  const { account } = standIns;
  const { current, pending, replicaOf } = standIns.snapshot();
  const states: HumanState[] = [];
  const value = current === undefined ? undefined : standIns.valueIn(current);
  const key = standIns.keyIn(current);
  if (value === undefined) states.push('noCurrentValue');
  else if (!isReadable(value)) states.push('notAKey');
  else if (key?.validUntil !== undefined && key.validUntil * 1000 <= simulation.now) states.push('expired');
  else if (key !== undefined && !account.keys.isValid(key.apiKey)) states.push('revoked');
  else if (schedule.switches.momento.refreshTokenReuse === 'refused') {
    if (!key?.v2 && account.keys.all().some(({ from }) => from === key?.id)) states.push('spent');
  }
  if (replicaOf !== undefined) states.push('replica');
  const isInTheWay = pending !== undefined && pending !== current;
  if (isInTheWay && rotation?.versionId !== pending) states.push('labelInTheWay');
  return states;
}

export function isReadable(value: string): boolean {
  try {
    readSecretValue(value);
    return true;
  } catch {
    return false;
  }
}
