import { anyLife, anySchedule, anyV2Schedule } from './arbitrary.ts';
import {
  everyAct,
  everyActAndMishap,
  everyActInAPause,
  everyEvent,
  everyHurry,
  everyMishap,
  everyPair,
  everyRace,
  everyRule,
} from './exhaustive.ts';
import { lives } from './lives.ts';
import { reasons } from './reasons.ts';
import { drawn } from './search.ts';
import { checkParts, furtherParts, parts as v2Parts } from './v2.ts';
import { realSteps } from './world.ts';

/** What is drawn at random, of v1 keys, of v2 keys, and of lives. */
export function campaignDraws(numRuns: number, seed: number) {
  const from = <Drawn>(arbitrary: Drawn) => ({ from: arbitrary, numRuns, seed });
  return { v1: from(anySchedule), v2: from(anyV2Schedule), lives: from(anyLife) };
}

/** The parts of the whole campaign, by their names. */
export function campaignParts({ v1, v2, lives: ofLives }: ReturnType<typeof campaignDraws>) {
  return {
    'one mishap, in every setting': () => everyMishap(realSteps),
    'every pair of mishaps': () => everyPair(realSteps),
    'every event that is no step': () => everyEvent(realSteps),
    'every step twice at once': () => everyRace(realSteps),
    'hardly any time': () => everyHurry(realSteps),
    'every act of others in a pause': () => everyActInAPause(realSteps),
    'keys of every lifetime, by every schedule': () => everyRule(realSteps),
    'every act of others': () => everyAct(realSteps),
    'every act, then every mishap': () => everyActAndMishap(realSteps),
    'drawn at random': () => drawn(realSteps, v1),
    ...v2Parts(realSteps),
    ...checkParts(realSteps),
    ...furtherParts(realSteps),
    'v2: drawn at random': () => drawn(realSteps, v2),
    ...lives(realSteps),
    ...reasons(realSteps),
    'lives: drawn at random': () => drawn(realSteps, ofLives),
  };
}
