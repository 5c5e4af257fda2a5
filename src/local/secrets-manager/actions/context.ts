import type { Replication } from '../replication.ts';
import type { RotationEngine } from '../rotations.ts';
import type { Secrets } from '../secrets.ts';
import type { Behaviour } from '../secrets-manager-behaviour.ts';

/** What an action works on. An action is a plain function of it and the request; it answers at once or throws. */
export interface Context {
  /** Of the Region that the request was sent to. */
  secrets: Secrets;
  rotation: RotationEngine;
  replication: Replication;
  behaviour: Behaviour;
  now: () => Date;
}
