import type { Fault, Mishap } from '../faults.ts';
import type { StatusName } from './status-error.ts';

/** An error that a {@link Fault} answers with. */
export interface GrpcError {
  code: StatusName;
  /** @default a generic text */
  details?: string;
}

/** An error of the HTTP API that a {@link Fault} answers with. */
export interface HttpError {
  status: number;
  /** @default a generic text */
  message?: string;
  /** Seconds, in the header `Retry-After`. @default no such header */
  retryAfter?: number;
}

/** One call that arrived, as a test may read it. Holds no key and no token. */
export interface Call {
  /** The call's name on the wire, for example `RefreshApiToken`; over HTTP `GenerateApiKey`, `ListApiKeys` or `RevokeApiKey`. */
  rpc: string;
  /** When it arrived, on the stand-in's clock. */
  at: Date;
  /** The `id` of the key that it was made with, whether or not that key is still good; undefined for a key never issued. */
  keyId: string | undefined;
  /** The cache that it was about, if any. */
  cache: string | undefined;
  /** The `key_id` that `RevokeApiKey` named, if there ever was such a key. */
  revokes?: string;
  /** What the caller was answered: a gRPC or HTTP status, `MALFORMED` for bytes that are no message, `NOTHING` for no answer at all. */
  outcome: StatusName | number | 'MALFORMED' | 'NOTHING';
  /** The fault that struck; one that struck `after` left the call's effect in place. */
  fault?: { at: NonNullable<Fault<unknown>['at']>; kind: Mishap<unknown>['kind'] };
}

/** What happened so far, in the order in which it was decided, and who wants to hear of it. */
export interface Transcript {
  readonly calls: readonly Call[];
  record(call: Call): void;
  /** `listener` is called for each call from now on. Returns the way to stop it. */
  subscribe(listener: (call: Call) => void): () => void;
}

export function createTranscript(): Transcript {
  const calls: Call[] = [];
  const listeners = new Set<(call: Call) => void>();
  return {
    calls,
    record(call) {
      calls.push(call);
      for (const listener of listeners) listener(call);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
