import type { Contestant, Program } from './contestants.ts';
import type { ControlGroups } from './control-group.ts';
import type { Network } from './network.ts';
import type { Runtime } from './runtime.ts';
import type { Services } from './services.ts';

/** What every measurement is made with. */
export interface Setting {
  runtime: Runtime;
  services: Services;
  network: Network;
  /** Undefined: they may not be written here. */
  groups: ControlGroups | undefined;
  programs: Record<Contestant, Program>;
}
