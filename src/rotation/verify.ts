import type { Credential, Ping } from './credential.ts';
import { DeadEnd, RotationError } from './errors.ts';
import { readCurrent } from './read-value.ts';
import { backOff, callTimeout, pause } from './retry.ts';
import type { Rotation } from './rotation.ts';

const PING_TIMEOUT_MS = 5000;

/** A credential that was just issued may take a moment to be known everywhere: refusals count when they last. */
const PAUSES_AFTER_REFUSAL_MS = [500, 1500, 3000];

/** How long a ping in this sandbox vouches for a version. */
const VOUCHES_FOR_MS = 60_000;

/**
 * Shows that the service lets the pending credential in, and notes it in the sandbox's memory.
 *
 * @throws DeadEnd when it is refused or can do less than the current one, and RotationError (transient) when there is no telling
 */
export async function verifyPending(rotation: Rotation, pending: Credential): Promise<void> {
  const { service } = rotation.kind.wording;
  const ping = await pingUntilClear(rotation, pending);
  if (ping.kind === 'unavailable') {
    throw new RotationError('transient', `${service} gave no verdict on the pending key (${ping.reason}).`);
  }
  if (ping.kind === 'refused') {
    throw new DeadEnd(`${service} refuses the pending key (${ping.reason}), and went on refusing it for some seconds.`);
  }
  if (ping.kind === 'denied') await compareRights(rotation, ping.reason);
  rotation.memory.acceptedAt = rotation.secret.budget.clock.now();
}

/** Whether this sandbox saw the version's credential let in within the last minute. */
export function wasVerified({ memory, secret }: Rotation): boolean {
  return secret.budget.clock.now() - (memory.acceptedAt ?? Number.NEGATIVE_INFINITY) < VOUCHES_FOR_MS;
}

/**
 * One ping after the other until there is a verdict, or the attempts or the time for them are used up (`retry.ts`).
 *
 * @throws RotationError (transient) when no time is left for even one
 */
export async function pingUntilClear({ secret }: Rotation, credential: Credential): Promise<Ping> {
  const { budget } = secret;
  let refusals = 0;
  for (let attempt = 0; ; attempt += 1) {
    const ping = await credential.ping(callTimeout(budget, PING_TIMEOUT_MS));
    switch (ping.kind) {
      case 'accepted':
      case 'denied':
        return ping;
      case 'unavailable':
        if (!(await backOff(budget, attempt))) return ping;
        break;
      case 'refused': {
        const wait = PAUSES_AFTER_REFUSAL_MS[refusals];
        if (wait === undefined) return ping;
        refusals += 1;
        if (!(await pause(budget, wait))) {
          return { kind: 'unavailable', reason: `${ping.reason}, and no time was left to be sure` };
        }
      }
    }
  }
}

/** The pending credential is known, but may not do what the ping does. That is fine if it never could. */
async function compareRights(rotation: Rotation, reason: string): Promise<void> {
  const { kind, report, secret } = rotation;
  const { service } = kind.wording;
  const current = readCurrent(rotation, await secret.current(), (text) => kind.read(text));
  const ping = await pingUntilClear(rotation, current.value);
  switch (ping.kind) {
    case 'denied':
      // Equal rights.
      return;
    case 'accepted':
      throw new DeadEnd(`The pending key may not do what the current key may (${reason}): it has lost rights.`);
    case 'refused':
      report.warn(
        `${service} refuses the current key (${ping.reason}) and knows the pending one (${reason}), which is therefore promoted.`,
      );
      return;
    case 'unavailable':
      throw new RotationError(
        'transient',
        `The pending key may not do what the ping does (${reason}), and ${service} gave no verdict on whether the current key may (${ping.reason}).`,
      );
  }
}
