import type { StatusError } from './status-error.ts';

export type TopicValue = { text: string } | { binary: Uint8Array };

/** Where a subscription resumes. */
export interface Position {
  /** Of the first item that is wanted, from 1. */
  sequenceNumber: number;
  /** That the number belongs to; 0 for the topic's present one. */
  page: number;
}

/** What a subscription yields. */
export type TopicEvent =
  | { kind: 'item'; item: TopicItem }
  /** Items after `last` are missing, and those after `next`, of `page`, follow. */
  | { kind: 'discontinuity'; last: number; next: number; page: number }
  | { kind: 'heartbeat' };

export interface TopicItem {
  /** From 1, without gaps, in the order of publishing. */
  sequenceNumber: number;
  /** The numbers belong to it: when they begin anew, it is a greater one. */
  page: number;
  value: TopicValue;
  /** The id of the disposable token that it was published with. */
  publisherId: string | undefined;
}

export interface Subscriber {
  receive(event: TopicEvent): void;
  /** Called once, and nothing after it. */
  end(reason: StatusError): void;
}

/** A topic is there as soon as somebody speaks of it. */
export interface Topic {
  publish(value: TopicValue, publisherId?: string): void;
  /**
   * Begins with a heartbeat, and with the items from `position` on of which there are any left. What is missing is a discontinuity.
   * @returns the way to end it.
   */
  subscribe(subscriber: Subscriber, position?: Position): () => void;
  /** The numbers begin anew, on another page, and no item is left. */
  reset(): void;
  close(reason: StatusError): void;
}

/** @returns to be called for each topic of an account. */
export function topicFactory(keptItems: number, now: () => Date): () => Topic {
  let latestPage = 0;
  // Greater than all before, and, as at Momento, not the one that follows.
  const nextPage = () => {
    latestPage = Math.max(latestPage + 2, Math.floor(now().getTime() / 1000));
    return latestPage;
  };
  return () => createTopic(keptItems, nextPage);
}

function createTopic(keptItems: number, nextPage: () => number): Topic {
  const subscribers = new Set<Subscriber>();
  let page = nextPage();
  let lastNumber = 0;
  let kept: TopicItem[] = [];

  const sendToAll = (event: TopicEvent) => {
    for (const subscriber of [...subscribers]) subscriber.receive(event);
  };

  function catchUp(subscriber: Subscriber, wanted: Position): void {
    const oldest = lastNumber - kept.length + 1;
    const isOtherPage = wanted.page !== 0 && wanted.page !== page;
    const first = isOtherPage ? oldest : Math.min(Math.max(wanted.sequenceNumber, oldest), lastNumber + 1);
    if (isOtherPage || first !== wanted.sequenceNumber) {
      subscriber.receive({ kind: 'discontinuity', last: wanted.sequenceNumber - 1, next: first - 1, page });
    }
    for (const item of kept) if (item.sequenceNumber >= first) subscriber.receive({ kind: 'item', item });
  }

  return {
    publish(value, publisherId) {
      lastNumber += 1;
      const item = { sequenceNumber: lastNumber, page, value, publisherId };
      kept = [...kept, item].slice(Math.max(0, kept.length + 1 - keptItems));
      sendToAll({ kind: 'item', item });
    },
    subscribe(subscriber, position) {
      subscriber.receive({ kind: 'heartbeat' });
      if (position) catchUp(subscriber, position);
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    reset() {
      const last = lastNumber;
      page = nextPage();
      lastNumber = 0;
      kept = [];
      sendToAll({ kind: 'discontinuity', last, next: 0, page });
    },
    close(reason) {
      for (const subscriber of [...subscribers]) subscriber.end(reason);
      subscribers.clear();
    },
  };
}
