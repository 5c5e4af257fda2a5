import { setFlagsFromString } from 'node:v8';

/**
 * Set before anything else is loaded. A sandbox rotates a few secrets every few days: its code runs too seldom for V8's
 * compilers to earn what they cost in time and memory, and its heap need not grow ahead of what it holds.
 * docs/performance.md has the figures.
 */
for (const flag of ['--optimize-for-size', '--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
