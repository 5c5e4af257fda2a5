import { isAllowed } from './authority.ts';
import type { Facts } from './facts.ts';

/** The states that only a human can mend, as far as the services' own state shows them. */
export type HumanState =
  /** There is no current value. */
  | 'noCurrentValue'
  /** The current value is no key that can be rotated. */
  | 'notAKey'
  /** The current value asks for what the configuration does not give. */
  | 'notAllowed'
  /** It is a replica, which only its primary's Region can rotate. */
  | 'replica'
  | 'expired'
  /** A successor of the current key was issued and lost, and Momento issues no second one. */
  | 'spent'
  /** Momento refuses the current key. */
  | 'revoked'
  /** The secret that should hold the key that manages this one holds none that may. */
  | 'adminUnusable'
  /** AWSPENDING is on a version that Secrets Manager does not rotate to. */
  | 'labelInTheWay';

export function humanStates({ world, standIns, rotation }: Facts): HumanState[] {
  const { simulation, schedule } = world;
  const { account } = standIns;
  const { current, pending, replicaOf } = standIns.snapshot();
  const states: HumanState[] = [];
  const value = current === undefined ? undefined : standIns.valueIn(current);
  const key = standIns.keyIn(current);
  if (value === undefined) states.push('noCurrentValue');
  else if (!standIns.isReadable(value)) states.push('notAKey');
  else if (!isAllowed(value, standIns.configuration, standIns.name)) states.push('notAllowed');
  else if (key?.validUntil !== undefined && key.validUntil * 1000 <= simulation.now) states.push('expired');
  else if (key !== undefined && !account.keys.isValid(key.apiKey)) states.push('revoked');
  else if (schedule.switches.momento.refreshTokenReuse === 'refused') {
    if (!key?.v2 && account.keys.all().some(({ from }) => from === key?.id)) states.push('spent');
  }
  if (!standIns.isManageable()) states.push('adminUnusable');
  if (replicaOf !== undefined) states.push('replica');
  const isInTheWay = pending !== undefined && pending !== current;
  if (isInTheWay && rotation?.versionId !== pending) states.push('labelInTheWay');
  return states;
}
