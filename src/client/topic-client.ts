import { type CredentialProvider, type SubscribeCallOptions, TopicClient, TopicConfigurations } from '@gomomento/sdk';
import { draftOf } from './draft.ts';
import { topicErrors } from './error-classes.ts';
import { facade } from './facade.ts';
import { clientsOf } from './follow.ts';
import type { MomentoCredential } from './momento-credential.ts';
import { shareMiddlewares } from './shared-middlewares.ts';
import { followTopic } from './subscription.ts';

/** The SDK's, without the key. */
export type TopicClientOptions = Omit<NonNullable<ConstructorParameters<typeof TopicClient>[0]>, 'credentialProvider'>;

/** The SDK's own, of webhooks, and of topics unless they are given another (`PubsubClient`, `WebhookClient`, 1.118). */
const DEADLINE_MS = 5000;

/**
 * A `TopicClient` that uses the current key of a secret. It is made once, and used as the SDK's own; when the key changes,
 * its subscriptions move: each subscribes with the new key, drops what both deliver, and then leaves the old one. Where
 * items may have been missed, `onDiscontinuity` is called. See {@link cacheClient}.
 *
 * As long as a subscription is open, it keeps the process alive, whatever happens to its key.
 *
 * @param secret a secret's name or ARN, or a credential that several clients share
 * @returns with `close`, which the SDK's own client does not have. It ends all subscriptions, for good: nothing is delivered
 *   afterwards, and a `subscribe()` that is under way is answered with a subscription that has ended (`isSubscribed` is false).
 */
export function topicClient(
  secret: string | MomentoCredential,
  options: TopicClientOptions = {},
): TopicClient & { close(): void } {
  const configuration = options.configuration ?? TopicConfigurations.Default.latest();
  const middlewares = shareMiddlewares(configuration.getMiddlewares());
  const create = (credentialProvider: CredentialProvider) =>
    new TopicClient({
      ...options,
      configuration: configuration.withMiddlewares(middlewares.shared),
      credentialProvider,
    });
  const draft = draftOf(create);
  middlewares.init();
  const follower = clientsOf(secret, create);
  const ends = new Set<() => void>();
  const deadlineMs = configuration.getTransportStrategy().getGrpcConfig().getDeadlineMillis() || DEADLINE_MS;
  return facade({
    prototype: TopicClient.prototype,
    follower,
    draft,
    errorClasses: topicErrors,
    throwsErrors: (method) => configuration.getThrowOnErrors() && method !== 'subscribe',
    deadlineMs: (method) => (['publish', 'subscribe'].includes(method) ? deadlineMs : DEADLINE_MS),
    calls: {
      subscribe(wait, cacheName: string, topicName: string, callbacks: SubscribeCallOptions) {
        const loggerFactory = configuration.getLoggerFactory();
        return followTopic(follower, ends, { cacheName, topicName, callbacks, loggerFactory }, wait);
      },
    },
    own: {
      close() {
        for (const end of ends) end();
        follower.close();
        middlewares.close();
      },
    },
  });
}
