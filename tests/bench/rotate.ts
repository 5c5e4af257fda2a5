import type { Sandbox, Stretch } from './sandbox.ts';
import type { Activity, BegunRotation, Services } from './services.ts';

export type StepName = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export type Steps = Record<StepName, Stretch>;

/** Has the sandbox rotate a secret, and has it shown that the secret then has a new key that works. */
export async function rotate(
  services: Services,
  sandbox: Sandbox,
  secretId: string,
): Promise<{ steps: Steps; activity: Activity }> {
  return finishRotation(services, sandbox, await services.ask('beginRotation', secretId));
}

/** The same for a rotation that has begun. */
export async function finishRotation(
  services: Services,
  sandbox: Sandbox,
  begun: BegunRotation,
): Promise<{ steps: Steps; activity: Activity }> {
  const steps = await runSteps(sandbox, begun.secretId, begun.versionId);
  return { steps, activity: await services.ask('endRotation', begun) };
}

/** The four events of a rotation, one after the other. */
export async function runSteps(sandbox: Sandbox, secretId: string, versionId: string): Promise<Steps> {
  const event = (Step: StepName) => ({ Step, SecretId: secretId, ClientRequestToken: versionId });
  return {
    createSecret: await sandbox.invoke(event('createSecret')),
    setSecret: await sandbox.invoke(event('setSecret')),
    testSecret: await sandbox.invoke(event('testSecret')),
    finishSecret: await sandbox.invoke(event('finishSecret')),
  };
}

export const total = (stretches: Iterable<Stretch>): Stretch =>
  [...stretches].reduce((sum, { wallMs, processorMs, queuedMs }) => ({
    wallMs: sum.wallMs + wallMs,
    processorMs: sum.processorMs + processorMs,
    queuedMs: sum.queuedMs + queuedMs,
  }));

export const wholeRotation = (steps: Steps) => total(Object.values(steps));
