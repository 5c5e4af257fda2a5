import type { Key } from '../../src/local/momento/keys.ts';
import type { Change, Facts } from './facts.ts';
import type { Invocation } from './invocation.ts';

/** What must always hold. Each check returns what is wrong, or nothing. */
export interface Invariant {
  /** After every effect, of the function or of others. */
  onChange?(facts: Facts, change: Change): string | undefined;
  /** Before the function makes a call. `about`: the label that it moves, or the key that it is made with. */
  onCall?(facts: Facts, invocation: Invocation, action: string, about: string | undefined): string | undefined;
  /** When the function sends a key to a host. */
  onSent?(invocation: Invocation, keyId: string, host: string): string | undefined;
  /** When a key was issued to the function. */
  onIssued?(facts: Facts, key: Key): string | undefined;
  /** When the function has revoked a key that was live. */
  onRevoked?(facts: Facts, invocation: Invocation, keyId: string): string | undefined;
  /** When a step ended by itself. */
  onEnd?(facts: Facts, invocation: Invocation): string | undefined;
}
