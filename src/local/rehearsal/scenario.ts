import type { StandIns, StandInsOptions } from '../stand-ins.ts';
import type { KeyKind, KeyKindName } from './key-kinds.ts';

/** A failure to rehearse: what goes wrong, and who does what until the key is rotated after all. */
export interface Scenario {
  /** What happens, for the reader. */
  title: string;
  /** The kinds of keys to which it can happen. @default all */
  keys?: readonly KeyKindName[];
  options?: StandInsOptions;
  /** Makes the failure happen. Called before the rotation starts, on a secret that holds a key. */
  arrange(world: World): void | Promise<void>;
  /** What follows each rotation that fails, in order. */
  afterFailure?: Continuation[];
  /** The current key does not work, which is what the failure is about. @default false: it does, whatever fails */
  currentKeyIsDead?: boolean;
}

export interface World {
  standIns: StandIns;
  key: KeyKind;
  secretId: string;
  /** The secret with the key that manages this one; undefined if none does, or it does so itself. */
  adminSecretId: string | undefined;
}

export interface Continuation {
  /** Who does what, for the reader. */
  says: string;
  /** Something that changes before the next try. */
  first?(world: World): void | Promise<void>;
  /** `retry`: Secrets Manager runs the same rotation again. `rotate`: a rotation is started anew. */
  by: 'retry' | 'rotate';
}
