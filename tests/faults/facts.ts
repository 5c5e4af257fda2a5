import type { RotationEvent } from '../../src/local/secrets-manager/local-secrets-manager.ts';
import type { Memory } from '../../src/rotation/memory.ts';
import type { Invocation, Work } from './invocation.ts';
import type { Mishap } from './mishaps.ts';
import type { Schedule } from './schedule.ts';
import type { Said, Snapshot, StandIns } from './stand-ins.ts';

/** What happened to a secret so far, as the invariants need it. */
export interface Facts {
  readonly world: Surroundings;
  readonly standIns: StandIns;
  /** The rotation that the service runs, or will try again. */
  rotation: { versionId: string; hasFailed: boolean } | undefined;
  /** The versions that the service ever rotated to. */
  readonly rotatedTo: Set<string>;
  /** Those of them to which it then saw the rotation complete. */
  readonly completed: Set<string>;
  last: Snapshot;
  /** Versions that were ever current. */
  readonly wereCurrent: Set<string>;
  /** Versions that an operator made current. */
  readonly madeCurrentByHand: Set<string>;
  /** Those of them that AWSCURRENT was moved to by its label. */
  readonly movedByHand: Set<string>;
  /** When an operator last did. */
  currentMovedAt: number;
  /** Versions that an operator made another one current in the place of, and when. */
  readonly leftByHand: Map<string, number>;
  /** Versions whose value an operator stored. */
  readonly putByHand: Set<string>;
  /** What current values said of their keys. */
  readonly said: Said[];
  /** The ids of keys of which a current value gave another id or role. */
  readonly misnamed: Set<string>;
  /** Keys that Momento revoked. */
  readonly revoked: Set<string>;
  /** Keys that were ever in a version. */
  readonly stored: Set<string>;
  readonly issuedBy: Map<string, Invocation>;
  /** Whose successor a key is, by their ids. */
  readonly predecessors: Map<string, string | undefined>;
  /** When each version was current, and with which key, in turn. */
  readonly reigns: Reign[];
  readonly acceptances: Acceptance[];
  readonly rotationTokens: string[];
  /** The steps of the rotation before the latest, by their names. */
  readonly earlierEvents: RotationEvent[];
  /** How much was done by hand. */
  acts: number;
  /** The service's latest. */
  latestEvent: RotationEvent | undefined;
  /** Accepted exceptions that were met: how often, by name. */
  readonly accepted: Map<string, number>;
}

/** What is around the secret: as much of the world, which is built on these facts, as the invariants and acts look at or use. */
export interface Surroundings {
  readonly schedule: Schedule;
  /** What Lambda gives each invocation. */
  readonly remainingMs: number;
  readonly simulation: { readonly now: number };
  /** Of all secrets, the first one first. */
  readonly all: readonly Facts[];
  readonly invocations: readonly Invocation[];
  readonly struck: readonly Struck[];
  /** Sends the function an event, in a sandbox of its own, and does not wait for what comes of it. */
  send(event: unknown, options?: { isKnown: boolean }): unknown;
  /** @returns the version's id */
  putByHand(facts: Facts, value: string | Uint8Array, versionId?: string, stages?: string[]): string;
}

/** A mishap that struck a call of a step. */
export interface Struck {
  step: Work | 'unknown';
  action: string;
  mishap: Mishap;
}

/** A time for which a version was current. */
export interface Reign {
  versionId: string;
  /** Of its key, if it held one. */
  keyId: string | undefined;
  /** Epoch in milliseconds. */
  from: number;
  /** Undefined: it still is. */
  to: number | undefined;
  isBegunByHand: boolean;
}

/** A sandbox was told that the service lets a key in. */
interface Acceptance {
  keyId: string;
  memory: Memory;
  at: number;
  mayPing: boolean;
}

/** One effect. */
export interface Change {
  /** Undefined: an operator, or Momento. */
  by: Invocation | undefined;
  action: string;
  before: Snapshot;
  after: Snapshot;
}

/** Notes that an accepted exception was met. */
export function meet({ accepted }: Facts, name: string): undefined {
  accepted.set(name, (accepted.get(name) ?? 0) + 1);
}
