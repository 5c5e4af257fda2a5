import type { RotationError } from '../../src/rotation/errors.ts';
import type { Memory } from '../../src/rotation/memory.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import type { Caller } from './simulation.ts';
import type { Snapshot } from './stand-ins.ts';

/** One sandbox of the function: what it remembers, and whether it is at work. */
export interface Sandbox {
  memory: Memory;
  isBusy: boolean;
}

/** One step in one sandbox, and what it saw and said: what the invariants look at. */
export interface Invocation extends Caller {
  step: StepName;
  versionId: string;
  sandbox: Sandbox;
  startedAt: number;
  endsAt: number;
  /** Labels and rotation as the last answer to DescribeSecret showed them. */
  seen: Snapshot | undefined;
  /** The ids of the keys that were issued to it. */
  issued: string[];
  /** What has to be looked at before a call that changes something, and that failed, may be made again, and before AWSCURRENT is moved. */
  looksDue: Map<string, Set<string>>;
  /** The ids of the keys that it was told the service lets in. */
  accepted: Set<string>;
  warnings: string[];
  /** Undefined while it is at work, and when it was killed. */
  ended: { outcome: string } | { error: unknown } | undefined;
  /** Milliseconds that were left when it ended. */
  leftOver: number;
  /** Tells the service that its sandbox was killed. */
  onDeath: (() => void) | undefined;
}

export function failureOf({ ended }: Invocation): RotationError | undefined {
  return ended !== undefined && 'error' in ended ? (ended.error as RotationError) : undefined;
}
