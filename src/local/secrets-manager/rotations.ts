/**
 * Runs rotations as the service does: the steps in order, each an invocation of the rotation function; the first that
 * throws ends the run, and the whole rotation is tried again later with the same token. Sources: "Rotation by Lambda
 * function" and "Lambda rotation functions" of the user guide, the RotateSecret page of the API reference.
 */
import { randomUUID } from 'node:crypto';
import { failureOf } from '../failure.ts';
import type { AbandonReason, RotationEvent, RotationNotice, RotationStep } from './rotation-events.ts';
import type { Behaviour } from './secrets-manager-behaviour.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  attach,
  pendingVersion,
  type Rotation,
  type Secret,
  type Version,
  versionIdsToStages,
  versionWith,
} from './stored-secret.ts';

/** Invokes the rotation function. A rejection is a step that failed; any value it resolves to is success. */
export type Invoke = (functionArn: string, event: RotationEvent) => Promise<unknown>;

interface RotationOptions {
  now: () => Date;
  behaviour: Behaviour;
  invoke?: Invoke | undefined;
  /** Whether there is such a function, and the service may invoke it. @default every function, if there is `invoke` */
  canInvoke?: ((functionArn: string) => boolean) | undefined;
  /** Milliseconds after a failure until the rotation is tried again; undefined: only when told to. */
  retryAfterMs?: number | undefined;
  /** How often a rotation is tried again by itself. @default 5 */
  maxRetries?: number | undefined;
  publish: (notice: RotationNotice) => void;
}

export interface RotationEngine {
  /** Whether there is such a function, and the service may invoke it. */
  canInvoke(functionArn: string): boolean;
  /** Registers version `token` with the label `AWSPENDING` and starts running the steps, asynchronously. */
  start(secret: Secret, kind: Rotation['kind'], token: string): void;
  /** Ends the rotation: no further step is started. Labels are the caller's business. */
  abandon(secret: Secret, reason: AbandonReason): void;
  /**
   * Runs a rotation again that is not complete, with the same token, and resolves when that run is over, however it ended.
   * Not complete is one that failed, and, as the service tells it from the labels, one whose version is pending once more
   * because `AWSCURRENT` was moved back from it ("A previous rotation isn't complete. That rotation will be reattempted").
   * @throws Error if the secret has none.
   */
  retry(secret: Secret): Promise<void>;
  /** Resolves when no step runs or waits to run. A retry that waits for its time does not count. */
  settled(): Promise<void>;
  /** Ends the waiting retries, and starts no further step. */
  close(): void;
}

const STEPS: Record<Rotation['kind'], readonly RotationStep[]> = {
  rotation: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'],
  test: ['testSecret'],
};

export function createRotationEngine(options: RotationOptions): RotationEngine {
  const { now, behaviour, publish, retryAfterMs, maxRetries = 5 } = options;
  const invoke: Invoke =
    options.invoke ?? (() => Promise.reject(new Error('There is no rotation function to invoke.')));
  const running = new Set<Promise<void>>();
  const retries = new Map<Rotation, NodeJS.Timeout>();
  let closed = false;

  const about = (secret: Secret, rotation: Rotation) => ({
    at: now(),
    secretName: secret.name,
    secretArn: secret.arn,
    versionId: rotation.token,
    kind: rotation.kind,
    attempt: rotation.attempt,
    versionIdsToStages: versionIdsToStages(secret),
  });
  const isUnderWay = (secret: Secret, rotation: Rotation) => !closed && secret.rotation === rotation;
  const since = (start: Date) => now().getTime() - start.getTime();

  function launch(secret: Secret, rotation: Rotation): Promise<void> {
    rotation.state = 'running';
    rotation.attempt += 1;
    const run = runSteps(secret, rotation).finally(() => running.delete(run));
    running.add(run);
    return run;
  }

  async function runSteps(secret: Secret, rotation: Rotation): Promise<void> {
    const startedAt = now();
    // The answer to RotateSecret comes before its effects.
    await Promise.resolve();
    if (!isUnderWay(secret, rotation)) return;
    publish({ type: 'rotationStarted', ...about(secret, rotation) });
    for (const step of STEPS[rotation.kind]) {
      if (!isUnderWay(secret, rotation)) return;
      try {
        await runStep(secret, rotation, step);
      } catch (error) {
        if (isUnderWay(secret, rotation)) fail(secret, rotation, startedAt, error);
        return;
      } finally {
        if (rotation.kind === 'test') dropTestVersion(secret, rotation);
      }
    }
    if (isUnderWay(secret, rotation)) complete(secret, rotation, startedAt);
  }

  async function runStep(secret: Secret, rotation: Rotation, step: RotationStep): Promise<void> {
    const startedAt = now();
    const event: RotationEvent = { Step: step, SecretId: secret.arn, ClientRequestToken: rotation.token };
    if (behaviour.rotationToken) {
      event.RotationToken = randomUUID();
      rotation.rotationTokens.add(event.RotationToken);
    }
    publish({ type: 'stepStarted', step, ...about(secret, rotation) });
    try {
      await invoke(secret.rotationLambdaArn ?? '', event);
    } catch (error) {
      const durationMs = since(startedAt);
      publish({ type: 'stepFailed', step, durationMs, error: failureOf(error), ...about(secret, rotation) });
      throw error;
    }
    publish({ type: 'stepSucceeded', step, durationMs: since(startedAt), ...about(secret, rotation) });
  }

  /** "This test creates an AWSPENDING version of the secret and then removes it." */
  function dropTestVersion(secret: Secret, { token }: Rotation): void {
    if (!secret.versions.get(token)?.labels.has(AWSCURRENT)) secret.versions.delete(token);
  }

  function complete(secret: Secret, rotation: Rotation, startedAt: Date): void {
    if (rotation.kind === 'rotation') {
      const version = secret.versions.get(rotation.token);
      const promoted = version?.labels.has(AWSCURRENT) ?? false;
      if (!promoted && behaviour.finishedWithoutPromotion === 'failed') {
        const error = new Error('All steps succeeded, but the version did not become AWSCURRENT.');
        fail(secret, rotation, startedAt, error);
        return;
      }
      if (promoted && behaviour.pendingAfterSuccess === 'removed') version?.labels.delete(AWSPENDING);
      secret.lastRotatedDate = now();
      secret.lastChangedDate = now();
      scheduleNext(secret, now());
    }
    delete secret.rotation;
    publish({ type: 'rotationSucceeded', durationMs: since(startedAt), ...about(secret, rotation) });
  }

  function fail(secret: Secret, rotation: Rotation, startedAt: Date, error: unknown): void {
    const durationMs = since(startedAt);
    if (rotation.kind === 'test') delete secret.rotation;
    else {
      rotation.state = 'failed';
      if (retryAfterMs !== undefined && rotation.attempt <= maxRetries) {
        const timer = setTimeout(() => void retry(secret), retryAfterMs);
        retries.set(rotation, timer.unref());
      }
    }
    publish({ type: 'rotationFailed', durationMs, error: failureOf(error), ...about(secret, rotation) });
  }

  function abandon(secret: Secret, reason: AbandonReason): void {
    const { rotation } = secret;
    if (!rotation) return;
    forgetRetry(rotation);
    delete secret.rotation;
    publish({ type: 'rotationAbandoned', reason, ...about(secret, rotation) });
  }

  async function retry(secret: Secret): Promise<void> {
    const rotation = secret.rotation ?? incomplete(secret);
    if (rotation?.state !== 'failed') throw new Error(`Secret ${secret.name} has no failed rotation to retry.`);
    forgetRetry(rotation);
    secret.rotation = rotation;
    if (restage(secret, rotation)) await launch(secret, rotation);
    else abandon(secret, 'unstaged');
  }

  /** The rotation that was complete, and is not any more. */
  function incomplete(secret: Secret): Rotation | undefined {
    const version = secret.rotationEnabled ? pendingVersion(secret) : undefined;
    if (version === undefined) return undefined;
    return { kind: 'rotation', token: version.id, state: 'failed', attempt: 0, rotationTokens: new Set() };
  }

  /** Whether the version is staged, if need be by staging it again. */
  function restage(secret: Secret, { token }: Rotation): boolean {
    const version = secret.versions.get(token);
    if (version?.labels.has(AWSPENDING) || version?.labels.has(AWSCURRENT)) return true;
    if (!behaviour.restageOnRetry || pendingVersion(secret)) return false;
    if (version) attach(secret, version, [AWSPENDING]);
    else register(secret, token);
    return true;
  }

  /** "During rotation, Secrets Manager creates an AWSPENDING version ID before creating the new secret version" (DescribeSecret). */
  function register(secret: Secret, token: string): Version {
    const version: Version = { id: token, createdDate: now(), labels: new Set() };
    attach(secret, version, [AWSPENDING]);
    secret.versions.set(token, version);
    return version;
  }

  function forgetRetry(rotation: Rotation): void {
    clearTimeout(retries.get(rotation));
    retries.delete(rotation);
  }

  return {
    canInvoke: (functionArn) => options.invoke !== undefined && (options.canInvoke?.(functionArn) ?? true),
    start(secret, kind, token) {
      abandon(secret, 'superseded');
      const current = versionWith(secret, AWSCURRENT);
      const version = register(secret, token);
      if (kind === 'test' && current?.value) version.value = current.value;
      const rotation: Rotation = { kind, token, state: 'running', attempt: 0, rotationTokens: new Set() };
      secret.rotation = rotation;
      secret.lastChangedDate = now();
      void launch(secret, rotation);
    },
    abandon,
    retry,
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    close() {
      closed = true;
      for (const rotation of retries.keys()) forgetRetry(rotation);
    },
  };
}

/** Called after everything that counts as a rotation: "Manually updating the secret value … is considered a valid rotation". */
export function scheduleNext(secret: Secret, from: Date): void {
  if (!secret.rotationEnabled || !secret.schedule) return;
  secret.nextRotationDate = secret.schedule.next(from);
  if (secret.rotationRules?.ScheduleExpression)
    secret.rotationRules = { ...secret.rotationRules, AutomaticallyAfterDays: secret.schedule.days(from) };
}
