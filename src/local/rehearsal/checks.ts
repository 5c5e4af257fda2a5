import type { ApiKey } from '../../momento/api-key.ts';
import { ping } from '../../momento/ping.ts';
import type { Ping } from '../../rotation/credential.ts';
import type { Screen } from './screen.ts';

const PING_TIMEOUT_MS = 10_000;

/** Something that is to hold, and what Momento answered where that is how it was found out. */
export interface Check {
  text: string;
  holds: boolean;
  answer?: Ping;
}

/** Reads from a cache with the key, as an application does. */
export function read(key: ApiKey, cache: string): Promise<Ping> {
  return ping(key, cache, PING_TIMEOUT_MS);
}

export function letIn(text: string, answer: Ping): Check {
  return { text, holds: answer.kind === 'accepted' || answer.kind === 'denied', answer };
}

export function refused(text: string, answer: Ping): Check {
  return { text, holds: answer.kind === 'refused', answer };
}

/** @returns whether all of them hold */
export function showChecks(checks: readonly Check[], screen: Screen): boolean {
  for (const { text, holds, answer } of checks) {
    if (holds) screen.good(text);
    else screen.bad(`not so: ${text}${answer === undefined ? '' : ` (${outcome(answer)})`}`);
  }
  return checks.every(({ holds }) => holds);
}

function outcome(answer: Ping): string {
  return answer.kind === 'accepted' ? 'it was let in' : answer.reason;
}
