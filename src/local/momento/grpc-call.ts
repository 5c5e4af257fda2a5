import type { Metadata } from '@grpc/grpc-js';
import type { Fault, Faults, Mishap } from '../faults.ts';
import type { Call, GrpcError } from './calls.ts';
import type { CallContext } from './services.ts';
import { StatusError } from './status-error.ts';

/** No protobuf message is this byte: it begins a tag that never ends. */
export const MALFORMED = Buffer.from([0xff]);

export interface HandlerOptions {
  faults: Faults<GrpcError>;
  now(): Date;
  /** The id of the key with this inner API key. */
  idOf(apiKey: string): string | undefined;
  record(call: Call): void;
  later(ms: number, action: () => void): void;
  /** Resets the connection of the peer, given as `address:port`. */
  disconnect(peer: string): void;
}

/** What there is of a call before it is answered, however it will be. */
interface Arrived {
  request: unknown;
  metadata: Metadata;
  getPeer(): string;
}

/** How a call is answered badly. */
interface BadAnswers {
  fail(error: StatusError): void;
  garble(): void;
}

type SevereMishap = Exclude<Mishap<GrpcError>, { kind: 'delay' }>;

/** A call that has arrived: what it says, and what is recorded of it. */
interface GrpcCall {
  context: CallContext;
  /** To be called once, when it is decided. */
  conclude(outcome: Call['outcome'], fault?: Fault<GrpcError>): void;
  /** Concludes it with the mishap. */
  suffer(fault: Fault<GrpcError>, mishap: SevereMishap, answers: BadAnswers): void;
}

export function arrive(rpc: string, call: Arrived, { now, idOf, record, disconnect }: HandlerOptions): GrpcCall {
  const context = readContext(call.metadata);
  const said = call.request as { api_key?: string; auth_token?: string; cache_name?: string };
  // Calls that issue keys carry the caller's in the message, and calls that are not about items the name of the cache.
  const apiKey = context.apiKey ?? said.api_key ?? said.auth_token;
  const cache = context.cache ?? said.cache_name;
  const arrival = { rpc, at: now(), keyId: apiKey === undefined ? undefined : idOf(apiKey), cache };

  const conclude = (outcome: Call['outcome'], fault?: Fault<GrpcError>) =>
    record({ ...arrival, outcome, ...(fault && { fault: { at: fault.at ?? 'before', kind: fault.mishap.kind } }) });

  return {
    context,
    conclude,
    suffer(fault, mishap, { fail, garble }) {
      switch (mishap.kind) {
        case 'error':
          conclude(mishap.error.code, fault);
          fail(new StatusError(mishap.error.code, mishap.error.details ?? 'the stand-in was told to fail'));
          break;
        case 'malformed':
          conclude('MALFORMED', fault);
          garble();
          break;
        case 'silence':
          conclude('NOTHING', fault);
          break;
        case 'disconnect':
          conclude('NOTHING', fault);
          disconnect(call.getPeer());
          break;
      }
    },
  };
}

/** Lets the bytes of a malformed answer pass where a message is expected. */
export function passingBytes(serialize: (message: unknown) => Buffer): (message: unknown) => Buffer {
  return (message) => (message === MALFORMED ? MALFORMED : serialize(message));
}

function readContext(metadata: Metadata): CallContext {
  return { apiKey: metadata.get('authorization')[0]?.toString(), cache: metadata.get('cache')[0]?.toString() };
}
