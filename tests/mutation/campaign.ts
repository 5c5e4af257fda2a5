import { anyLife, anySchedule, anyV2Schedule } from '../faults/arbitrary.ts';
import * as exhaustive from '../faults/exhaustive.ts';
import { found } from '../faults/found.ts';
import { smallLives } from '../faults/lives.ts';
import { type Played, play } from '../faults/play.ts';
import { reasons } from '../faults/reasons.ts';
import { CALM, LIKELIEST } from '../faults/schedule.ts';
import { drawn } from '../faults/search.ts';
import { smallParts } from '../faults/v2.ts';
import { realSteps } from '../faults/world.ts';

export { play };

const DRAW = { numRuns: 400, seed: 4 };

/** The campaign, small enough to be played for every mutant. Nothing in it is by chance. */
export const parts: Record<string, () => AsyncGenerator<Played>> = {
  'keys of every lifetime, by every schedule': () => exhaustive.everyRule(realSteps),
  'what was once found': () => playFound(),
  'every step twice at once': () => exhaustive.everyRace(realSteps),
  'hardly any time': () => exhaustive.everyHurry(realSteps),
  'every event that is no step': () => exhaustive.everyEvent(realSteps),
  'every act of others in a pause': () => exhaustive.everyActInAPause(realSteps),
  'drawn at random': () => drawn(realSteps, { ...DRAW, from: anySchedule }),
  'every act of others': () => exhaustive.everyAct(realSteps),
  'every mishap, in one sandbox': () => exhaustive.everyMishap(realSteps, [LIKELIEST], [exhaustive.WARM]),
  'every mishap, in one for each step': () =>
    exhaustive.everyMishap(realSteps, [exhaustive.HARSHEST, exhaustive.UNPERMITTED], [exhaustive.COLD]),
  'v2: drawn at random': () => drawn(realSteps, { ...DRAW, from: anyV2Schedule }),
  ...smallParts(realSteps),
  'lives: drawn at random': () => drawn(realSteps, { ...DRAW, from: anyLife }),
  ...smallLives(realSteps),
  ...reasons(realSteps),
};

async function* playFound(): AsyncGenerator<Played> {
  for (const [, difference] of found) yield await play({ ...CALM, ...difference });
}
