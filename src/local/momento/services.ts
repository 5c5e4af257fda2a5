import { auth, cache, control, ping, pubsub, token } from '@gomomento/generated-types';
import { common } from '@gomomento/generated-types/dist/common.js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type { Account } from './account.ts';
import type { Key } from './keys.ts';
import { itemKey, readPermissions } from './permission-messages.ts';
import { StatusError } from './status-error.ts';
import { readPosition, readTopicValue, subscriptionItem } from './topic-messages.ts';

const { _LoginResponse, _RefreshApiTokenResponse, _GenerateApiTokenResponse } = auth.auth;
const { _GenerateDisposableTokenResponse } = token.token;
const { _CreateCacheResponse, _DeleteCacheResponse, _FlushCacheResponse, _ListCachesResponse, _Cache } =
  control.control_client;
const { _GetResponse, _SetResponse, _DeleteResponse, _KeysExistResponse, ECacheResult } = cache.cache_client;

/** What the metadata of a call says. */
export interface CallContext {
  /** `authorization`: the inner API key. Calls that issue keys carry it in the message instead. */
  apiKey: string | undefined;
  /** `cache`: the name of the cache that a data-plane call is about. */
  cache: string | undefined;
}

/** From the request's message to the answer's. @throws {StatusError} if the call is refused. */
export type Answer = (request: unknown, context: CallContext) => unknown;

/** Where the messages of a stream go. */
export interface Outlet<Message = unknown> {
  send(message: Message): void;
  /** @param reason if it ends in failure */
  end(reason?: StatusError): void;
}

/** @returns what to do when the caller is gone. @throws {StatusError} if the call is refused. */
export type StreamAnswer = (request: unknown, context: CallContext, outlet: Outlet) => () => void;

/** One gRPC service of Momento, with an answer for each call that the stand-in knows. */
export interface Service {
  definition: ServiceDefinition;
  answers: Readonly<Record<string, Answer>>;
  /** Of calls that are answered by a stream. */
  streams: Readonly<Record<string, StreamAnswer>>;
}

/** Momento's services, on top of an account. `endpoint` is the one that issued keys are told. */
export function createServices(account: Account, endpoint: string): Service[] {
  return [
    service(
      auth.auth.UnimplementedAuthService.definition,
      {
        RefreshApiToken: ({ api_key, refresh_token }) =>
          new _RefreshApiTokenResponse(issued(account.refreshApiToken(api_key, refresh_token), endpoint)),
        GenerateApiToken: (request) => {
          const { auth_token, expiry, expires } = request;
          if (expiry === 'none') throw new StatusError('INVALID_ARGUMENT', 'expiry must be given');
          const lifetime = expiry === 'never' ? undefined : expires.valid_for_seconds;
          const key = account.generateApiToken({ apiKey: auth_token }, readPermissions(request), lifetime);
          return new _GenerateApiTokenResponse(issued(key, endpoint));
        },
      },
      {
        // As if somebody had agreed in the browser at once: on loopback there is nobody to ask.
        Login: (_request, _caller, { send, end }) => {
          const { apiKey: session_token, lifetime: valid_for_seconds = 0 } = account.login();
          send(new _LoginResponse({ message: new _LoginResponse.Message({ text: 'Logged in to the local account' }) }));
          send(new _LoginResponse({ logged_in: new _LoginResponse.LoggedIn({ session_token, valid_for_seconds }) }));
          end();
          return () => {};
        },
      },
    ),
    service(token.token.UnimplementedTokenService.definition, {
      GenerateDisposableToken: (request) => {
        const { auth_token, token_id } = request;
        if (!request.has_expires) throw new StatusError('INVALID_ARGUMENT', 'expires must be given');
        const key = account.generateDisposableToken(
          { apiKey: auth_token },
          {
            permissions: readPermissions(request),
            lifetime: request.expires.valid_for_seconds,
            ...(token_id !== '' && { tokenId: token_id }),
          },
        );
        const { api_key, valid_until } = issued(key, endpoint);
        return new _GenerateDisposableTokenResponse({ api_key, endpoint, valid_until });
      },
    }),
    service(control.control_client.UnimplementedScsControlService.definition, {
      CreateCache: ({ cache_name }, caller) => {
        account.createCache(caller, cache_name);
        return new _CreateCacheResponse();
      },
      DeleteCache: ({ cache_name }, caller) => {
        account.deleteCache(caller, cache_name);
        return new _DeleteCacheResponse();
      },
      FlushCache: ({ cache_name }, caller) => {
        account.flushCache(caller, cache_name);
        return new _FlushCacheResponse();
      },
      ListCaches: (_request, caller) =>
        new _ListCachesResponse({ cache: account.listCaches(caller).map((cache_name) => new _Cache({ cache_name })) }),
    }),
    service(cache.cache_client.UnimplementedScsService.definition, {
      Get: ({ cache_key }, caller) => {
        const cache_body = account.get(caller, cacheName(caller), itemKey(cache_key));
        return cache_body === undefined
          ? new _GetResponse({ result: ECacheResult.Miss })
          : new _GetResponse({ result: ECacheResult.Hit, cache_body });
      },
      Set: ({ cache_key, cache_body, ttl_milliseconds }, caller) => {
        account.set(caller, cacheName(caller), itemKey(cache_key), cache_body, ttl_milliseconds);
        return new _SetResponse({ result: ECacheResult.Ok });
      },
      Delete: ({ cache_key }, caller) => {
        account.delete(caller, cacheName(caller), itemKey(cache_key));
        return new _DeleteResponse();
      },
      KeysExist: ({ cache_keys }, caller) =>
        new _KeysExistResponse({ exists: account.keysExist(caller, cacheName(caller), cache_keys.map(itemKey)) }),
    }),
    service(
      pubsub.cache_client.pubsub.UnimplementedPubsubService.definition,
      {
        Publish: (request, caller) => {
          account.publish(caller, request.cache_name, request.topic, readTopicValue(request));
          return new common._Empty();
        },
      },
      {
        Subscribe: (request, caller, { send, end }) => {
          const { cache_name, topic } = request;
          return account.subscribe(
            caller,
            { cache: cache_name, topic, ...readPosition(request) },
            { receive: (event) => send(subscriptionItem(event)), end },
          );
        },
      },
    ),
    service(ping.cache_client.UnimplementedPingService.definition, {
      Ping: () => new ping.cache_client._PingResponse(),
    }),
  ];
}

type Request<M> = M extends { requestDeserialize: (bytes: Buffer) => infer R } ? R : never;
type Response<M> = M extends { responseDeserialize: (bytes: Buffer) => infer R } ? R : never;

type Answers<D> = {
  [M in keyof D]?: (request: Request<D[M]>, context: CallContext) => Response<D[M]>;
};

type StreamAnswers<D> = {
  [M in keyof D]?: (request: Request<D[M]>, context: CallContext, outlet: Outlet<Response<D[M]>>) => () => void;
};

/** Forgets the types of the messages, once they have been checked against the definition. */
function service<D extends ServiceDefinition>(
  definition: D,
  answers: Answers<D>,
  streams: StreamAnswers<D> = {},
): Service {
  return { definition, answers: answers as Service['answers'], streams: streams as Service['streams'] };
}

/** A key on the wire: no refresh token is the empty string, no expiry is 0 (`ExpiresAt` of `@gomomento/sdk-core`). */
function issued({ apiKey, refreshToken = '', validUntil = 0 }: Key, endpoint: string) {
  return { api_key: apiKey, refresh_token: refreshToken, endpoint, valid_until: validUntil };
}

function cacheName({ cache: name }: CallContext): string {
  if (name === undefined) throw new StatusError('INVALID_ARGUMENT', 'the cache metadata must be given');
  return name;
}
