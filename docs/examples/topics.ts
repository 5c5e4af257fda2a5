import { TopicSubscribeResponse } from '@gomomento/sdk';
import { topicClient } from 'momento-key-rotation/client';

const topics = topicClient('momento/authentication-token');
const prices = new Map<string, string>();

const subscription = await topics.subscribe('shop', 'prices', {
  onItem: (item) => {
    const [article = '', price = ''] = item.valueString().split('=');
    prices.set(article, price);
    process.stdout.write(`${article} costs ${price}\n`);
  },
  // Something may have been missed.
  onDiscontinuity: () => prices.clear(),
  onError: (error) => process.stderr.write(`${error.message()}\n`),
});
if (subscription.type === TopicSubscribeResponse.Error) throw subscription.innerException();

process.once('SIGTERM', () => topics.close());
