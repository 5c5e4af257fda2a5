import type { Contestant } from './contestants.ts';
import type { Runtime } from './runtime.ts';
import type { Services } from './services.ts';

/** What every measurement is made with. */
export interface Setting {
  runtime: Runtime;
  services: Services;
  /** The folder of each contestant. */
  taskRoots: Record<Contestant, string>;
}
