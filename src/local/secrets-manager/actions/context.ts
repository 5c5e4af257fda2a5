import type { RotationEngine } from '../rotations.ts';
import type { Secrets } from '../secrets.ts';
import type { Behaviour } from '../secrets-manager-behaviour.ts';

/** What an action works on. An action is a plain function of it and the request; it answers at once or throws. */
export interface Context {
  secrets: Secrets;
  rotation: RotationEngine;
  behaviour: Behaviour;
  now: () => Date;
}
