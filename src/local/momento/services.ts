import { auth, cache, control, ping, token } from '@gomomento/generated-types';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type { Account } from './account.ts';
import type { Key } from './keys.ts';
import { itemKey, readPermissions } from './permission-messages.ts';
import { StatusError } from './status-error.ts';

const { _RefreshApiTokenResponse, _GenerateApiTokenResponse } = auth.auth;
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

/** One gRPC service of Momento, with an answer for each call that the stand-in knows. */
export interface Service {
  definition: ServiceDefinition;
  answers: Readonly<Record<string, Answer>>;
}

/** Momento's services, on top of an account. `endpoint` is the one that issued keys are told. */
export function createServices(account: Account, endpoint: string): Service[] {
  return [
    service(auth.auth.UnimplementedAuthService.definition, {
      RefreshApiToken: ({ api_key, refresh_token }) =>
        new _RefreshApiTokenResponse(issued(account.refreshApiToken(api_key, refresh_token), endpoint)),
      GenerateApiToken: ({ auth_token, permissions, expiry, expires }) => {
        if (expiry === 'none') throw new StatusError('INVALID_ARGUMENT', 'expiry must be given');
        const lifetime = expiry === 'never' ? undefined : expires.valid_for_seconds;
        const key = account.generateApiToken({ apiKey: auth_token }, readPermissions(permissions), lifetime);
        return new _GenerateApiTokenResponse(issued(key, endpoint));
      },
    }),
    service(token.token.UnimplementedTokenService.definition, {
      GenerateDisposableToken: ({ auth_token, permissions, expires }) => {
        const lifetime = expires.valid_for_seconds;
        const key = account.generateDisposableToken({ apiKey: auth_token }, readPermissions(permissions), lifetime);
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
    service(ping.cache_client.UnimplementedPingService.definition, {
      Ping: () => new ping.cache_client._PingResponse(),
    }),
  ];
}

type Answers<D> = {
  [M in keyof D]?: D[M] extends {
    requestDeserialize: (bytes: Buffer) => infer Request;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? (request: Request, context: CallContext) => Response
    : never;
};

/** Forgets the types of the messages, once they have been checked against the definition. */
function service<D extends ServiceDefinition>(definition: D, answers: Answers<D>): Service {
  return { definition, answers: answers as Service['answers'] };
}

/** A key on the wire: no refresh token is the empty string, no expiry is 0 (`ExpiresAt` of `@gomomento/sdk-core`). */
function issued({ apiKey, refreshToken = '', validUntil = 0 }: Key, endpoint: string) {
  return { api_key: apiKey, refresh_token: refreshToken, endpoint, valid_until: validUntil };
}

function cacheName({ cache: name }: CallContext): string {
  if (name === undefined) throw new StatusError('INVALID_ARGUMENT', 'the cache metadata must be given');
  return name;
}
