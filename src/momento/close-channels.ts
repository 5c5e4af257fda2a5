/** Where the clients of the SDK have their gRPC clients, field by field; some of the fields hold several (SDK 1.118). */
const PATHS = [
  // CacheClient
  'controlClient.clientWrapper.client',
  'dataClients.clientWrapper.client',
  // TopicClient
  'pubsubStreamClients.client.client',
  'pubsubUnaryClients.client',
  'webhookClient.webhookClient',
  // AuthClient
  'authClient.authClient',
  'authClient.tokenClient',
  // PreviewLeaderboardClient
  'dataClient.clientWrappers.client',
  // PreviewFunctionClient
  'dataClient.clientWrapper.client',
];

/** A gRPC client, and the field that holds it. */
export interface Channel {
  owner: Record<string, unknown>;
  field: string;
  client: { close(): void };
}

/**
 * Closes the gRPC channels of a client of the SDK. Calls in flight are completed.
 *
 * `TopicClient` and `AuthClient` have no `close()` (SDK 1.118): left alone, a `TopicClient` keeps eight connections for half
 * an hour, and pings on them every five seconds. `CacheClient` has one, which first begins to connect the channel that was
 * never used; at an address that needs no look-up that connection comes up behind it and stays. And after four idle minutes it
 * opens channels anew and keeps the process alive until it closes them two minutes later (SDK source,
 * `idle-grpc-client-wrapper.ts`).
 */
export function closeChannels(client: object): void {
  for (const channel of channelsOf(client)) channel.client.close();
}

/** By the names of their fields: an application's logger, for one, hangs on the same clients, with what it holds. */
export function channelsOf(client: object): Channel[] {
  return PATHS.flatMap((path) => channelsAt(client, path.split('.')));
}

function channelsAt(owner: object, [field = '', ...rest]: string[]): Channel[] {
  const part = (owner as Record<string, unknown>)[field];
  if (part === undefined) return [];
  if (rest.length > 0) return [part as object].flat().flatMap((each) => channelsAt(each, rest));
  return [{ owner: owner as Channel['owner'], field, client: part as Channel['client'] }];
}
