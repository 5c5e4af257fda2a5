import type { Fault } from '../faults.ts';
import type { AwsError } from './errors.ts';
import type { Rotation } from './secret.ts';

export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** What the rotation function is invoked with (user guide, "Rotation by Lambda function"). */
export interface RotationEvent {
  Step: RotationStep;
  /** The secret's ARN. */
  SecretId: string;
  /** The id of the version in rotation. */
  ClientRequestToken: string;
  /** Sensitive. Present if {@link Behaviour.rotationToken} is on. */
  RotationToken?: string;
}

/** One API call over the wire. It holds no parameter and no value. */
export interface Call {
  readonly action: string;
  /** When it arrived. */
  readonly at: Date;
  /**
   * What the caller was answered: `ok`, an error code, `unanswered` (silence or a reset connection) or `malformed`.
   * Undefined while the call is under way.
   */
  outcome?: string;
  /** Whether the action ran and succeeded, whatever the caller was answered. Undefined while the call is under way. */
  effective?: boolean;
  /** The fault that struck it. */
  fault?: Fault<AwsError>;
}

/** Why a rotation was given up without having failed or succeeded. */
export type AbandonReason =
  /** Somebody stored a new current value. */
  | 'valueReplaced'
  /** `CancelRotateSecret`. */
  | 'cancelled'
  /** `AWSPENDING` was taken off its version, and {@link Behaviour.restageOnRetry} is off or the label is in use. */
  | 'unstaged'
  /** Another rotation was started, which its labels allowed. */
  | 'superseded'
  /** `DeleteSecret`. */
  | 'deleted';

interface AboutRotation {
  at: Date;
  secretName: string;
  secretArn: string;
  versionId: string;
  /** `test` for the run of `testSecret` alone that `RotateImmediately: false` asks for. */
  kind: Rotation['kind'];
  /** 1 for the first run of this rotation, 2 for its first retry. */
  attempt: number;
  /** As in `DescribeSecret`, at the moment of the event. */
  versionIdsToStages: Record<string, string[]>;
}

interface Failure {
  name: string;
  message: string;
}

/** Something that happened to a rotation. The names follow the service's own CloudTrail events where it has one. */
export type RotationNotice = AboutRotation &
  (
    | { type: 'rotationStarted' }
    | { type: 'stepStarted'; step: RotationStep }
    | { type: 'stepSucceeded'; step: RotationStep; durationMs: number }
    | { type: 'stepFailed'; step: RotationStep; durationMs: number; error: Failure }
    | { type: 'rotationSucceeded'; durationMs: number }
    | { type: 'rotationFailed'; durationMs: number; error: Failure }
    | { type: 'rotationAbandoned'; reason: AbandonReason }
  );

export type ServiceEvent = RotationNotice | { type: 'call'; call: Call };

/** Called at once, in the middle of what it is told of. It must not throw. */
export type Listener = (event: ServiceEvent) => void;

export interface Events {
  publish(event: ServiceEvent): void;
  /** @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

export function createEvents(): Events {
  const listeners = new Set<Listener>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
