import { setFlagsFromString } from 'node:v8';

/*
 * A sandbox rotates a few secrets every few days, and most rotations begin with a cold start: V8's compilers and the room that
 * its heap takes in advance are for programs that run longer. docs/performance.md has the figures.
 *
 * Flags are only set when everything is loaded: with other flags than those it was built with, Node.js compiles its own
 * modules anew. Its documentation warns of changing flags while a program runs; these only switch off what V8 would begin,
 * and are read each time.
 */

/** Has V8 interpret code instead of compiling it. To be called at the end of init. */
export function interpretOnly(): void {
  for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
}

/** Has V8 keep its heap small rather than collect garbage seldom. To be called when the first rotation is done, which it would slow down. */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}
