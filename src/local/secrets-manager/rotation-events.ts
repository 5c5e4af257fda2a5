import type { Call } from '../aws/call.ts';
import type { Failure } from '../failure.ts';
import type { Rotation } from './stored-secret.ts';

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
