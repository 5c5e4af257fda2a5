import type { Behaviour } from './momento-behaviour.ts';
import { StatusError } from './status-error.ts';

const A_SECOND = 1000;

/**
 * Counts the auth operations of an account.
 * @returns to be called for each. It throws a {@link StatusError} `RESOURCE_EXHAUSTED` for one too many within a second.
 */
export function createAuthOperations({ authOperationsPerSecond }: Behaviour, now: () => Date): () => void {
  let recent: number[] = [];
  return () => {
    const time = now().getTime();
    recent = recent.filter((earlier) => earlier > time - A_SECOND);
    if (recent.length >= authOperationsPerSecond) {
      throw new StatusError('RESOURCE_EXHAUSTED', 'Too many auth operations in a second');
    }
    recent.push(time);
  };
}
