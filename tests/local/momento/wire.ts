/** What the wire can say and the SDK cannot. */
import { auth, pubsub, token } from '@gomomento/generated-types';
import { permission_messages } from '@gomomento/generated-types/dist/permissionmessages.js';
import { type ClientReadableStream, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect, onTestFinished, vi } from 'vitest';
import type { LocalMomento } from '../../../src/local/momento/momento.ts';
import { unwrapV1Key, wrapV1Key } from '../../../src/local/momento/v1-key.ts';

const { PubsubClient, _PublishRequest, _SubscriptionRequest, _TopicValue } = pubsub.cache_client.pubsub;

type LoginResponse = InstanceType<typeof auth.auth._LoginResponse>;

/** Enough for a machine that is busy with other things. */
const PATIENCE = { timeout: 60_000 };

interface Client {
  close(): void;
}

function open<C extends Client>(
  ClientClass: new (address: string, channel: ReturnType<typeof credentials.createInsecure>) => C,
  { endpoint }: Pick<LocalMomento, 'endpoint'>,
): C {
  const client = new ClientClass(endpoint, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

function authorization(apiKey: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', unwrapV1Key(apiKey) ?? apiKey);
  return metadata;
}

const codeOf = (error: ServiceError | null) => (error ? (status[error.code] ?? 'UNKNOWN') : 'OK');

interface Publication {
  topic: string;
  /** @default no value at all */
  text?: string;
}

/** `OK`, or the status with which it is refused. */
export function publishOnWire(momento: LocalMomento, apiKey: string, { topic, text }: Publication): Promise<string> {
  const client = open(PubsubClient, momento);
  const value = text === undefined ? {} : { value: new _TopicValue({ text }) };
  const message = new _PublishRequest({ cache_name: 'cache', topic, ...value });
  return new Promise((resolve) => {
    client.Publish(message, authorization(apiKey), (error) => resolve(codeOf(error)));
  });
}

interface TokenFacts {
  /** @default no expiry at all */
  seconds?: number;
  tokenId?: string;
  /** @default `reader` */
  may?: 'reader' | 'superUser' | 'nothing' | { subscribeToPrefix: string };
}

/** `OK` with the token as applications hold it, or the status with which the request is refused. */
export function requestToken(
  momento: LocalMomento,
  apiKey: string,
  { seconds, tokenId, may = 'reader' }: TokenFacts,
): Promise<{ code: string; token: string }> {
  const { _GenerateDisposableTokenRequest, TokenClient } = token.token;
  const request = new _GenerateDisposableTokenRequest({
    auth_token: unwrapV1Key(apiKey) ?? apiKey,
    ...(may !== 'nothing' && { permissions: permissionsOf(may) }),
    ...(seconds !== undefined && {
      expires: new _GenerateDisposableTokenRequest.Expires({ valid_for_seconds: seconds }),
    }),
    ...(tokenId !== undefined && { token_id: tokenId }),
  });
  const client = open(TokenClient, momento);
  return new Promise((resolve) => {
    client.GenerateDisposableToken(request, (error, answer) =>
      resolve({ code: codeOf(error), token: wrapV1Key(momento.endpoint, answer?.api_key ?? '') }),
    );
  });
}

function permissionsOf(may: Exclude<TokenFacts['may'], 'nothing'>) {
  const { Permissions, ExplicitPermissions, PermissionsType } = permission_messages;
  const { CachePermissions, TopicPermissions, TopicSelector, All } = PermissionsType;
  if (may === 'superUser') return new Permissions({ super_user: permission_messages.SuperUserPermissions.SuperUser });
  const all_caches = new All();
  const permission =
    typeof may === 'object'
      ? new PermissionsType({
          topic_permissions: new TopicPermissions({
            role: permission_messages.TopicRole.TopicReadOnly,
            all_caches,
            topic_selector: new TopicSelector({ topic_name_prefix: may.subscribeToPrefix }),
          }),
        })
      : new PermissionsType({
          cache_permissions: new CachePermissions({
            role: permission_messages.CacheRole.CacheReadOnly,
            all_caches,
            all_items: new All(),
          }),
        });
  return new Permissions({ explicit: new ExplicitPermissions({ permissions: [permission] }) });
}

interface Position {
  sequenceNumber: number;
  /** @default 0 */
  page?: number;
}

/** A subscription to the topic `topic` of `cache`, and what it yields: values, gaps (`last>next@page`), heartbeats (`.`), its end. */
export function subscribeOnWire(momento: Pick<LocalMomento, 'endpoint'>, apiKey: string, position?: Position) {
  const client = open(PubsubClient, momento);
  const request = new _SubscriptionRequest({
    cache_name: 'cache',
    topic: 'topic',
    resume_at_topic_sequence_number: position?.sequenceNumber ?? 0,
    sequence_page: position?.page ?? 0,
  });
  const stream = client.Subscribe(request, authorization(apiKey));
  const told: string[] = [];
  const pages: number[] = [];
  stream.on(
    'data',
    ({ kind, item, discontinuity }: InstanceType<typeof pubsub.cache_client.pubsub._SubscriptionItem>) => {
      if (kind === 'heartbeat') told.push('.');
      if (kind === 'item') {
        told.push(`${item.topic_sequence_number} ${item.value.text}`);
        pages.push(item.sequence_page);
      }
      if (kind === 'discontinuity') {
        told.push(`${discontinuity.last_topic_sequence}>${discontinuity.new_topic_sequence}`);
        pages.push(discontinuity.new_sequence_page);
      }
    },
  );
  stream.on('error', (error: ServiceError) => told.push(status[error.code] ?? 'UNKNOWN'));
  return {
    /** Of the items and gaps, in order. */
    pages,
    expectTold: (...expected: string[]) => vi.waitFor(() => expect(told).toEqual(expected), PATIENCE),
    expectHeartbeats: (atLeast: number) =>
      vi.waitFor(() => expect(told.filter((each) => each === '.').length).toBeGreaterThanOrEqual(atLeast), PATIENCE),
    cancel: () => stream.cancel(),
  };
}

/** Every message of a login, once it is over. */
export function loginOnWire(momento: LocalMomento): Promise<LoginResponse[]> {
  const client = open(auth.auth.AuthClient, momento);
  const stream: ClientReadableStream<LoginResponse> = client.Login(new auth.auth._LoginRequest());
  const messages: LoginResponse[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (message: LoginResponse) => messages.push(message));
    stream.on('error', reject);
    stream.on('end', () => resolve(messages));
  });
}
