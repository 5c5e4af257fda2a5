import { pubsub } from '@gomomento/generated-types';
import { StatusError } from './status-error.ts';
import type { Position, TopicEvent, TopicValue } from './topics.ts';

const { _SubscriptionItem, _TopicItem, _TopicValue, _Discontinuity, _Heartbeat } = pubsub.cache_client.pubsub;

type PublishRequest = InstanceType<typeof pubsub.cache_client.pubsub._PublishRequest>;
type SubscriptionRequest = InstanceType<typeof pubsub.cache_client.pubsub._SubscriptionRequest>;

/** @throws {StatusError} `INVALID_ARGUMENT` for a request without a value. */
export function readTopicValue({ has_value, value }: PublishRequest): TopicValue {
  if (has_value && value.has_text) return { text: value.text };
  if (has_value && value.has_binary) return { binary: value.binary };
  throw new StatusError('INVALID_ARGUMENT', 'value must be given');
}

/** 0 is no position: the subscription begins with what is published next (`cachepubsub.proto`). */
export function readPosition(request: SubscriptionRequest): { position?: Position } {
  const { resume_at_topic_sequence_number: sequenceNumber, sequence_page: page } = request;
  return sequenceNumber === 0 ? {} : { position: { sequenceNumber, page } };
}

export function subscriptionItem(event: TopicEvent): InstanceType<typeof _SubscriptionItem> {
  switch (event.kind) {
    case 'item': {
      const { sequenceNumber, page, value, publisherId = '' } = event.item;
      const item = new _TopicItem({
        topic_sequence_number: sequenceNumber,
        sequence_page: page,
        value: new _TopicValue(value),
        publisher_id: publisherId,
      });
      return new _SubscriptionItem({ item });
    }
    case 'discontinuity': {
      const { last, next, page } = event;
      const discontinuity = new _Discontinuity({
        last_topic_sequence: last,
        new_topic_sequence: next,
        new_sequence_page: page,
      });
      return new _SubscriptionItem({ discontinuity });
    }
    case 'heartbeat':
      return new _SubscriptionItem({ heartbeat: new _Heartbeat() });
  }
}
