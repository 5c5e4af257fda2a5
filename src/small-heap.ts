import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 favour a small heap, and interpret code instead of compiling it. A sandbox rotates a few secrets every few days:
 * its code runs too seldom for the compilers to earn what they cost, and its heap need not grow ahead of what it holds.
 *
 * To be called when everything is loaded: V8 then no longer takes the compiled form in which Node.js brings its own
 * modules, because that was made with other flags. docs/performance.md has the figures.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--optimize-for-size', '--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
}
