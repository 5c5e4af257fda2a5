import { TopicDiscontinuity, TopicItem } from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { type Arrival, delivery, type Joint } from '../../src/client/delivery.ts';
import { stopClock } from './stage.ts';

const item = (number: number, value = `item ${number}`) => new TopicItem(value, number, {});
const startOver = (page: number, number = 0) => new TopicDiscontinuity(0, number, page);

/** A delivery, and what the application was told by it. */
function startDelivery(delivered: Arrival[] = []) {
  const told: string[] = [];
  const { deliver, join, ...rest } = delivery({
    onItem: (each) => told.push(each.valueString()),
    onDiscontinuity: (gap) => told.push(`gap ${gap.lastSequenceNumber()}-${gap.newSequenceNumber()}`),
  });
  for (const each of delivered) deliver(each);
  return {
    ...rest,
    told,
    deliver: (...arrivals: Arrival[]) => arrivals.forEach(deliver),
    /** The other subscription takes over. */
    join: (waiting: Arrival[], after: Joint = 'caughtUp') => join(waiting, after).forEach(deliver),
  };
}

test('what two subscriptions bring in common is delivered once', () => {
  const { told, overlap, deliver, join, continuesWith } = startDelivery([item(1), item(2)]);
  overlap();
  deliver(item(3), item(4));
  expect(continuesWith([item(3)])).toBe(true);
  join([item(3)]);
  deliver(item(4), item(5));
  expect(told).toEqual(['item 1', 'item 2', 'item 3', 'item 4', 'item 5']);
});

test('a number that was delivered before there were two proves nothing, and is delivered with a discontinuity', () => {
  const { told, overlap, join, continuesWith } = startDelivery([item(1), item(2), item(3)]);
  overlap();
  const waiting = [item(1, 'one'), item(2, 'two')];
  expect(continuesWith(waiting)).toBe(false);
  join(waiting);
  expect(told.slice(3)).toEqual(['gap 3-1', 'one', 'two']);
});

test('nor does anything when there were two, but the second began after the first had ended', () => {
  const { told, overlap, deliver, join } = startDelivery([item(1), item(2), item(3)]);
  overlap();
  join([], 'interrupted');
  deliver(item(1, 'one'), item(2, 'two'));
  expect(told.slice(3)).toEqual(['gap 3-3', 'one', 'two']);
});

test('what may have been on the way when the first was left early is said, also where nothing had come', () => {
  const { told, overlap, deliver, join } = startDelivery();
  overlap();
  join([], 'leftEarly');
  deliver(item(2));
  expect(told).toEqual(['gap 0-0', 'item 2']);

  const caughtUp = startDelivery();
  caughtUp.overlap();
  caughtUp.join([]);
  caughtUp.deliver(item(2));
  expect(caughtUp.told).toEqual(['item 2']);
});

test.each([
  ['before the second takes over', [startOver(2), item(1, 'one')], []],
  ['after it', [], [startOver(2), item(1, 'one')]],
  ['with what it brought before', [item(3), startOver(2), item(1, 'one')], []],
])('a count that starts over on both is said once, when it arrives %s', (_, waiting, afterwards) => {
  const { told, overlap, deliver, join, continuesWith } = startDelivery([item(1), item(2)]);
  overlap();
  deliver(item(3), startOver(2), item(1, 'one'), item(2, 'two'));
  expect(continuesWith(waiting)).toBe(waiting.length > 0);
  join(waiting);
  deliver(...afterwards, item(2, 'two'), item(3, 'three'));
  expect(told).toEqual(['item 1', 'item 2', 'item 3', 'gap 0-0', 'one', 'two', 'three']);
});

test('a count that starts over on the second alone is said by it', () => {
  const { told, overlap, join, continuesWith } = startDelivery([item(1)]);
  overlap();
  const waiting = [startOver(2), item(1, 'one')];
  expect(continuesWith(waiting)).toBe(false);
  join(waiting);
  expect(told).toEqual(['item 1', 'gap 0-0', 'one']);
});

test('a count that starts over twice is said twice', () => {
  const { told, overlap, deliver, join } = startDelivery();
  overlap();
  deliver(startOver(2), item(1));
  join([startOver(2), item(1)]);
  deliver(item(2), startOver(2, 9), startOver(3));
  expect(told).toEqual(['gap 0-0', 'item 1', 'item 2', 'gap 0-9', 'gap 0-0']);
});

test('the same numbers are a new count after a while', () => {
  const clock = stopClock();
  const { told, overlap, deliver, join } = startDelivery();
  overlap();
  deliver(item(1), item(2));
  join([]);
  clock.forward(5);
  deliver(item(1, 'one'), item(2, 'two'));
  expect(told).toEqual(['item 1', 'item 2', 'gap 2-1', 'one', 'two']);
});

test('as many numbers are remembered as may be in common, and no more', () => {
  const { overlap, deliver, continuesWith } = startDelivery();
  overlap();
  for (let number = 1; number <= 10_001; number += 1) deliver(item(number));
  expect(continuesWith([item(1)])).toBe(false);
  expect(continuesWith([item(9_000)])).toBe(true);
});
