import { type SubscribeCallOptions, TopicDiscontinuity, type TopicItem } from '@gomomento/sdk';

/** What a subscription brings: an item, or the SDK's word that items may be missing. */
export type Arrival = TopicItem | TopicDiscontinuity;

/**
 * What the one before had done when another subscription took over: delivered all that came before it, as far as can be told;
 * been left early, so that it may have had something on the way; or ended before the other one began.
 */
export type Joint = 'caughtUp' | 'leftEarly' | 'interrupted';

/** Delivers to the application what several subscriptions to the same topic bring one after the other, as if it were one. */
export interface Delivery {
  deliver(arrival: Arrival): void;
  /** Another subscription is about to begin. What is delivered from now on it may bring, too. */
  overlap(): void;
  /**
   * Whether it is certain that nothing is missing if the other subscription, on which this is waiting, goes on from here.
   * A number that was delivered before the other one began proves nothing: the count may have started over.
   */
  continuesWith(waiting: readonly Arrival[]): boolean;
  /**
   * From now on the other subscription delivers. What it has in common with the one before is dropped, and what is missing
   * between them, or may be, is a discontinuity.
   *
   * @param waiting what has arrived on it already
   * @returns what of `waiting` is to be delivered
   */
  join(waiting: readonly Arrival[], after: Joint): readonly Arrival[];
}

/** For how long another subscription may bring what was delivered before it. Later, the same numbers are a new count. */
const DUPLICATES_MS = 5000;
/** How many numbers are remembered, to tell what another subscription brings, too. */
const MOST_NUMBERS = 10_000;

export function delivery({ onItem, onDiscontinuity }: SubscribeCallOptions): Delivery {
  /** The number of the last item that was delivered, or that a discontinuity named. */
  let last: number | undefined;
  let page = 0;
  /** What was delivered since another subscription was about to begin: the last discontinuity, and the items after it. */
  let restart: TopicDiscontinuity | undefined;
  let numbers: Set<number> | undefined;
  /** The numbers of what the one that delivers may bring once more. */
  let duplicates: ReadonlySet<number> | undefined;
  let duplicatesUntil = 0;
  let atJoint = false;
  let reported = false;

  const wasDelivered = (arrival: Arrival) =>
    arrival instanceof TopicDiscontinuity &&
    arrival.newSequencePage() === restart?.newSequencePage() &&
    arrival.newSequenceNumber() === restart.newSequenceNumber();

  function report(newNumber: number): void {
    onDiscontinuity?.(new TopicDiscontinuity(last ?? 0, newNumber, page));
  }

  function deliverItem(item: TopicItem): void {
    const number = item.sequenceNumber();
    if (atJoint && duplicates?.has(number) && Date.now() < duplicatesUntil) return;
    if (atJoint && last !== undefined && number !== last + 1 && !reported) report(number);
    atJoint = false;
    last = number;
    numbers?.add(number);
    if (numbers && numbers.size > MOST_NUMBERS) numbers = new Set([...numbers].slice(MOST_NUMBERS / 2));
    onItem?.(item);
  }

  function deliverDiscontinuity(discontinuity: TopicDiscontinuity): void {
    if (atJoint && wasDelivered(discontinuity)) return;
    atJoint = false;
    last = discontinuity.newSequenceNumber();
    page = discontinuity.newSequencePage();
    numbers?.clear();
    restart = discontinuity;
    onDiscontinuity?.(discontinuity);
  }

  return {
    deliver: (arrival) =>
      arrival instanceof TopicDiscontinuity ? deliverDiscontinuity(arrival) : deliverItem(arrival),
    overlap() {
      numbers = new Set();
      restart = undefined;
    },
    continuesWith(waiting) {
      const [first] = waiting;
      if (first === undefined) return false;
      if (waiting.some(wasDelivered)) return true;
      if (first instanceof TopicDiscontinuity) return false;
      const number = first.sequenceNumber();
      return numbers?.has(number) || (last !== undefined && number === last + 1);
    },
    join(waiting, after) {
      const rest = waiting.slice(waiting.findLastIndex(wasDelivered) + 1);
      const [first] = rest;
      atJoint = true;
      duplicates = numbers;
      numbers = undefined;
      duplicatesUntil = Date.now() + DUPLICATES_MS;
      const willTell = first instanceof TopicDiscontinuity || (first !== undefined && last !== undefined);
      // Without a number to count from, nothing that comes later tells of a gap.
      const mayMiss = after === 'interrupted' || (after === 'leftEarly' && last === undefined);
      reported = mayMiss && !willTell;
      if (reported) report(last ?? 0);
      return rest;
    },
  };
}
