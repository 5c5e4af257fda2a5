import { type SubscribeCallOptions, TopicDiscontinuity, type TopicItem } from '@gomomento/sdk';

/** What a subscription brings: an item, or the SDK's word that items may be missing. */
export type Arrival = TopicItem | TopicDiscontinuity;

/** Delivers to the application what several subscriptions to the same topic bring one after the other, as if it were one. */
export interface Delivery {
  deliver(arrival: Arrival): void;
  /** Whether nothing is missing if this is the next to be delivered. Unknown is false. */
  continuesWith(arrival: Arrival | undefined): boolean;
  /**
   * From now on another subscription delivers. What it has in common with the one before is dropped, by sequence number, and
   * what is missing between them is a discontinuity.
   *
   * @param waiting what has arrived on it already
   * @param interrupted the one before had ended when this one began, so that items may be missing whatever comes next
   */
  join(waiting: readonly Arrival[], interrupted: boolean): void;
}

/** For how long another subscription may bring what was delivered before it. Later, lower numbers are a new count. */
const DUPLICATES_MS = 5000;

export function delivery({ onItem, onDiscontinuity }: SubscribeCallOptions): Delivery {
  /** The number of the last item that was delivered, or that a discontinuity named. */
  let last: number | undefined;
  let page = 0;
  let atJoint = false;
  let reported = false;
  let duplicatesUntil = 0;

  function report(newNumber: number): void {
    onDiscontinuity?.(new TopicDiscontinuity(last ?? 0, newNumber, page));
  }

  function deliverItem(item: TopicItem): void {
    const number = item.sequenceNumber();
    if (atJoint && last !== undefined) {
      if (number <= last && Date.now() < duplicatesUntil) return;
      if (number !== last + 1 && !reported) report(number);
    }
    atJoint = false;
    last = number;
    onItem?.(item);
  }

  return {
    deliver(arrival) {
      if (!(arrival instanceof TopicDiscontinuity)) return deliverItem(arrival);
      last = arrival.newSequenceNumber();
      page = arrival.newSequencePage();
      atJoint = false;
      onDiscontinuity?.(arrival);
    },
    continuesWith: (arrival) =>
      arrival !== undefined &&
      !(arrival instanceof TopicDiscontinuity) &&
      last !== undefined &&
      arrival.sequenceNumber() <= last + 1,
    join([first], interrupted) {
      atJoint = true;
      duplicatesUntil = Date.now() + DUPLICATES_MS;
      const willTell = first instanceof TopicDiscontinuity || (first !== undefined && last !== undefined);
      reported = interrupted && !willTell;
      if (reported) report(last ?? 0);
    },
  };
}
