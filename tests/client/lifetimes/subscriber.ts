import { NoopMomentoLoggerFactory, TopicConfigurations, TopicSubscribe } from '@gomomento/sdk';
import { momentoCredential, topicClient } from '../../../src/client/index.ts';

/** Does nothing but subscribe, and says what happens. `SIGUSR2` unsubscribes, `SIGTERM` closes the client alone. */
const say = (line: string) => void process.stdout.write(`${line}\n`);

const SECRET = 'momento/authentication-token';
const shared = () => momentoCredential(SECRET, { onEvent: ({ type }) => say(type) });
const topics = topicClient(process.env['BY_NAME'] ? SECRET : shared(), {
  // A busy machine may be too late for a shorter time, which the SDK gives to all of a subscription.
  configuration: TopicConfigurations.Lambda.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(
    Number(process.env['CLIENT_TIMEOUT_MS'] ?? 600_000),
  ),
});

process.once('SIGTERM', () => {
  topics.close();
  say('closed');
});
const answer = await topics.subscribe('cache', 'topic', {
  onItem: (item) => say(`item ${item.valueString()}`),
  onSubscriptionEnd: () => say('end'),
});
if (answer instanceof TopicSubscribe.Error) throw answer.innerException().cause;
process.once('SIGUSR2', () => answer instanceof TopicSubscribe.Subscription && answer.unsubscribe());
say(`isSubscribed ${answer instanceof TopicSubscribe.Subscription && answer.isSubscribed}`);
