import { type Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Fault, Faults, Mishap } from '../faults.ts';
import type { Call, GrpcError } from './calls.ts';
import type { Answer, CallContext } from './services.ts';
import { StatusError } from './status-error.ts';

/** No protobuf message is this byte: it begins a tag that never ends. */
const MALFORMED = Buffer.from([0xff]);

type UnaryCall = ServerUnaryCall<unknown, unknown>;
type Reply = sendUnaryData<unknown>;
type Result = { message: unknown } | StatusError;

export interface RpcHandlerOptions {
  faults: Faults<GrpcError>;
  now(): Date;
  /** The id of the key with this inner API key. */
  idOf(apiKey: string): string | undefined;
  record(call: Call): void;
  later(ms: number, action: () => void): void;
  /** Resets the connection of the peer, given as `address:port`. */
  disconnect(peer: string): void;
}

/** Answers one kind of call, letting a fault strike: a delay `before` puts off the effect, a delay `after` only the answer. */
export function createRpcHandler(rpc: string, answer: Answer, options: RpcHandlerOptions) {
  const { faults, now, idOf, record, later, disconnect } = options;

  return (call: UnaryCall, reply: Reply): void => {
    const context = readContext(call.metadata);
    const apiKey = context.apiKey ?? apiKeyIn(call.request);
    const arrival = { rpc, at: now(), keyId: apiKey === undefined ? undefined : idOf(apiKey), cache: context.cache };

    const conclude = (outcome: Call['outcome'], fault?: Fault<GrpcError>) =>
      record({ ...arrival, outcome, ...(fault && { fault: { at: fault.at ?? 'before', kind: fault.mishap.kind } }) });
    const takeEffect = (fault?: Fault<GrpcError>) => {
      const result = attempt(() => answer(call.request, context));
      conclude(result instanceof StatusError ? result.code : 'OK', fault);
      return result;
    };

    const suffer = (fault: Fault<GrpcError>, mishap: Exclude<Mishap<GrpcError>, { kind: 'delay' }>) => {
      switch (mishap.kind) {
        case 'error':
          conclude(mishap.error.code, fault);
          send(reply, new StatusError(mishap.error.code, mishap.error.details ?? 'the stand-in was told to fail'));
          break;
        case 'malformed':
          conclude('MALFORMED', fault);
          reply(null, MALFORMED);
          break;
        case 'silence':
          conclude('NOTHING', fault);
          break;
        case 'disconnect':
          conclude('NOTHING', fault);
          disconnect(call.getPeer());
          break;
      }
    };

    const fault = faults.strike(rpc);
    if (!fault) {
      send(reply, takeEffect());
    } else if (fault.mishap.kind === 'delay') {
      const early = fault.at === 'after' ? takeEffect(fault) : undefined;
      later(fault.mishap.ms, () => send(reply, early ?? takeEffect(fault)));
    } else {
      if (fault.at === 'after') attempt(() => answer(call.request, context));
      suffer(fault, fault.mishap);
    }
  };
}

/** Lets the bytes of a malformed answer pass where a message is expected. */
export function passingBytes(serialize: (message: unknown) => Buffer): (message: unknown) => Buffer {
  return (message) => (message === MALFORMED ? MALFORMED : serialize(message));
}

function attempt(effect: () => unknown): Result {
  try {
    return { message: effect() };
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

function send(reply: Reply, result: Result): void {
  if (result instanceof StatusError) reply({ code: status[result.code], details: result.message });
  else reply(null, result.message);
}

function readContext(metadata: Metadata): CallContext {
  return { apiKey: metadata.get('authorization')[0]?.toString(), cache: metadata.get('cache')[0]?.toString() };
}

/** Calls that issue keys carry the caller's key in the message. */
function apiKeyIn(request: unknown): string | undefined {
  const { api_key, auth_token } = request as { api_key?: string; auth_token?: string };
  return api_key ?? auth_token;
}
