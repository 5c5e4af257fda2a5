import type { Key } from '../../src/local/momento/keys.ts';
import { StatusError, type StatusName } from '../../src/local/momento/status-error.ts';
import type { Invocation } from './invocation.ts';
import type { Symptom } from './mishaps.ts';
import type { Simulation } from './simulation.ts';
import type { StandIns } from './stand-ins.ts';

/** What the world wants to know of the function's calls. */
export interface Witness {
  /** A call has arrived, and has had its effect or was refused. */
  onEffect(invocation: Invocation, action: string): void;
  /** `predecessor`: the id of the key that it succeeds. */
  onIssued(invocation: Invocation, key: Key, predecessor: string | undefined): void;
  /** A key is sent to a host that is not configured, but named in a secret's value. */
  onSent(invocation: Invocation, keyId: string, host: string): void;
  /** A key that was live is revoked. */
  onRevoked(invocation: Invocation, keyId: string): void;
  /** The service let the key in, and the function was told. `mayPing`: it may do what the ping does. */
  onAccepted(invocation: Invocation, keyId: string, mayPing: boolean): void;
  /** The function makes a call. `about`: the label that it moves or takes off, the key that it revokes, or else the key that it is made with. */
  onCall(invocation: Invocation, action: string, about?: string): void;
  onAnswer(invocation: Invocation, action: string, answer: 'good' | Symptom, about?: string): void;
}

export interface Link {
  /** A schedule is to revoke. */
  revokesHourly: boolean;
  invocation: Invocation;
  simulation: Simulation<Invocation>;
  standIns: StandIns;
  witness: Witness;
}

/** A call to Momento, and what it makes of each answer. What it throws, the caller is told. */
interface Exchange<T> {
  perform(standIns: StandIns): () => T;
  refusal(code: StatusName, standIns: StandIns): T;
  mishap(symptom: Symptom): T;
}

export function request<T>(
  { invocation, simulation, standIns, witness }: Link,
  action: string,
  about: string | undefined,
  timeoutMs: number,
  exchange: Exchange<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (told: () => T) => {
      const answer = attempt(told);
      if ('failure' in answer) reject(answer.failure);
      else resolve(answer.result);
    };
    witness.onCall(invocation, action, about);
    simulation.send({
      caller: invocation,
      action,
      timeoutMs,
      perform() {
        const answer = attempt(() => exchange.perform(standIns));
        witness.onEffect(invocation, action);
        return () => {
          if (!('failure' in answer)) {
            witness.onAnswer(invocation, action, 'good');
            return settle(answer.result);
          }
          const code = answer.failure instanceof StatusError ? answer.failure.code : 'UNKNOWN';
          const isThrottled = code === 'RESOURCE_EXHAUSTED';
          witness.onAnswer(invocation, action, isThrottled ? 'throttled' : 'denied');
          settle(() => (isThrottled ? exchange.mishap('throttled') : exchange.refusal(code, standIns)));
        };
      },
      fail(symptom) {
        witness.onAnswer(invocation, action, symptom);
        settle(() => exchange.mishap(symptom));
      },
    });
  });
}

export function attempt<T>(work: () => T): { result: T } | { failure: Error } {
  try {
    return { result: work() };
  } catch (error) {
    return { failure: error as Error };
  }
}
