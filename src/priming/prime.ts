import { setImmediate as turn } from 'node:timers/promises';
import { secretsManagerStore } from '../aws/secrets-manager.ts';
import { createAuthConnection } from '../momento/auth-connection.ts';
import { momentoApiKey } from '../momento/momento-api-key.ts';
import { within } from '../momento/within.ts';
import { type Clock, startBudget } from '../rotation/budget.ts';
import { createMemory } from '../rotation/memory.ts';
import { type StepName, steps } from '../rotation/steps.ts';
import { answeredClient } from './answered-client.ts';
import { beginHandshake } from './handshake.ts';
import { nothing } from './nothing.ts';
import { startUnrealMomento } from './unreal-momento.ts';
import { PENDING, SECRET_ID, unrealSecret } from './unreal-secret.ts';
import { WHOLE_PROCESSOR_MB } from './whole-processor.ts';

const STEPS: StepName[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** Milliseconds, of the ten seconds that Lambda gives init. It takes one to two tenths of one on a whole processor. */
const LIMIT_MS = 3000;

/** By these gRPC would look for loopback at a proxy (`http_proxy.js` of `@grpc/grpc-js`). */
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

/** Nothing is waited for: what does not succeed at once, need not. */
const clock: Clock = { now: Date.now, random: Math.random, sleep: () => Promise.reject(new Error()) };

/**
 * Runs a rotation of a secret that does not exist, so that what each rotation runs is compiled and loaded by the end of init. Lambda gives
 * a function a whole processor until then, and a share of one afterwards: at 256 MB a seventh, on which the same takes seven times as long
 * (docs/performance.md has the figures).
 *
 * It has clients, a connection and a memory of its own, and shares none with the function. Requests to Secrets Manager are answered by the
 * stream in place of a connection; those to Momento by a listener of this process, on loopback, for as long as that takes. No name is
 * looked up, and nothing in it is a key. It writes no log, keeps nothing open, and is given up after three seconds. Where a proxy is configured
 * it does nothing, nor where the function has a whole processor anyway.
 *
 * @returns whether it came to its end. If not, the first rotation only takes longer.
 */
export async function prime(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<boolean> {
  if (PROXIES.some((name) => environment[name])) return false;
  if (Number(environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) >= WHOLE_PROCESSOR_MB) return false;
  const opened: Opened = [];
  try {
    beginHandshake();
    return (await within(LIMIT_MS, rotateUnrealSecret(opened))) ?? false;
  } catch {
    return false;
  } finally {
    await within(LIMIT_MS, closeAll(opened));
  }
}

/** How what was opened is closed. */
type Opened = (() => unknown)[];

async function rotateUnrealSecret(opened: Opened): Promise<true> {
  const momento = await startUnrealMomento();
  opened.push(momento.close);
  const connection = createAuthConnection();
  opened.push(connection.close);
  const client = answeredClient(unrealSecret(momento.endpoint));
  opened.push(() => client.destroy());
  const kindOf = momentoApiKey({ hosts: [momento.host] }, connection);
  const task = {
    secretId: SECRET_ID,
    versionId: PENDING,
    rotationToken: undefined,
    store: secretsManagerStore(client),
    kind: kindOf(SECRET_ID),
    budget: startBudget(clock, LIMIT_MS),
    memory: createMemory().of(SECRET_ID, PENDING),
    report: { warn: nothing, measure: nothing },
  };
  for (const step of STEPS) await steps[step](task);
  return true;
}

async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.toReversed()) await close();
  // Other ends of connections are closed in the turns that follow.
  for (let turns = 0; turns < 2; turns += 1) await turn();
}
