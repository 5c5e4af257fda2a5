import type { KeyKindName } from '../../../src/local/rehearsal/key-kinds.ts';
import { scenarios } from '../../../src/local/rehearsal/scenarios.ts';

/** The names of what can happen to that kind of key. */
export function scenariosFor(key: KeyKindName): string[] {
  return Object.keys(scenarios).filter((name) => scenarios[name]?.().keys?.includes(key) ?? true);
}
