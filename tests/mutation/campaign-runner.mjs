import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';

/**
 * A test runner for Stryker that plays the fault campaign in Stryker's own process: for a mutant it only switches the mutant
 * on, and plays until an invariant breaks. (API: `TestRunner` of `@stryker-mutator/api`.)
 */
class CampaignRunner {
  /** What mutants look at to know whether they are on (`INSTRUMENTER_CONSTANTS` of `@stryker-mutator/api`). */
  #mutation;
  #crash;
  /** The lots that the dry run noted. */
  #noted;

  constructor() {
    globalThis.__stryker__ ??= {};
    this.#mutation = globalThis.__stryker__;
    // Not UTC, in which schedules are: where they are not taken so, it shows.
    process.env.TZ = 'Asia/Tokyo';
    // Nobody reads where an error was made, and the stand-ins make many.
    Error.stackTraceLimit = 0;
    // As Lambda would end the function.
    process.on('unhandledRejection', (error) => {
      this.#crash = `an unhandled rejection: ${error}`;
    });
  }

  /** A process of its own plays each mutant of what is done when a module is loaded. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  /** Plays the whole campaign, notes its schedules for all runners, and which mutants each lot of them meets. */
  async dryRun() {
    const { parts } = await loadCampaign();
    const lots = [];
    for (const [name, part] of Object.entries(parts)) {
      const played = part()[Symbol.asyncIterator]();
      for (let number = 1; ; number += 1) {
        const id = `${name}, lot ${number}`;
        const startedAt = performance.now();
        const lot = { id, part: name, plays: [] };
        let failureMessage;
        while (lot.plays.length < LOT) {
          this.#mutation.currentTestId = PLAYING;
          const { done, value } = await played.next();
          if (done) break;
          lot.plays.push({ schedule: value.schedule, met: this.#countFor(id) });
          failureMessage ??= this.#violationOf(value);
        }
        if (lot.plays.length === 0) break;
        lots.push({ ...lot, timeSpentMs: performance.now() - startedAt, failureMessage });
      }
    }
    this.#mutation.currentTestId = undefined;
    await writeFile(NOTED, serialize(lots));
    const { mutantCoverage } = this.#mutation;
    this.#mutation.mutantCoverage = undefined;
    const tests = lots.map(({ id, timeSpentMs, failureMessage }) => {
      const status = failureMessage === undefined ? 0 : 1;
      return { id, name: id, timeSpentMs, status, failureMessage };
    });
    return { status: 'complete', tests, mutantCoverage };
  }

  /** Counts what the schedule met that was just played as met by its lot. @returns a bit for each mutant */
  #countFor(lot) {
    const { perTest } = this.#mutation.mutantCoverage ?? { perTest: {} };
    const counts = perTest[PLAYING] ?? {};
    delete perTest[PLAYING];
    perTest[lot] ??= {};
    const met = Buffer.alloc(Math.ceil((Math.max(0, ...Object.keys(counts).map(Number)) + 1) / 8));
    for (const [mutant, count] of Object.entries(counts)) {
      perTest[lot][mutant] = (perTest[lot][mutant] ?? 0) + count;
      met[mutant >> 3] |= 1 << (mutant & 7);
    }
    return met;
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    Object.assign(this.#mutation, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      this.#noted ??= deserialize(await readFile(NOTED));
      const lots = this.#noted.filter(({ id }) => testFilter?.includes(id) ?? true);
      const all = lots.flatMap(({ plays, ...lot }) => plays.map((play) => ({ ...lot, ...play })));
      // One that no schedule meets is met when a module is loaded.
      const meeting = all.filter(({ met }) => met[activeMutant.id >> 3] & (1 << (activeMutant.id & 7)));
      return await this.#hunt(meeting.length > 0 ? meeting : all);
    } finally {
      Object.assign(this.#mutation, { activeMutant: undefined, hitLimit: undefined });
    }
  }

  async #hunt(all) {
    const { play } = await loadCampaign();
    const parts = [...new Set(all.map(({ part }) => part))].map((name) => all.filter(({ part }) => part === name));
    const chosen = [
      ...parts.filter(isSmall).flat(),
      ...inTurn(parts.filter((part) => !isSmall(part)).map((part) => spread(part, MOST))),
    ];
    for (const { id, schedule } of chosen) {
      const failureMessage = await this.#play(() => play(schedule));
      const { hitCount, hitLimit } = this.#mutation;
      if (hitCount > hitLimit) return { status: 'timeout', reason: `a loop without end: ${hitCount} times` };
      if (failureMessage) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests: 1 };
    }
    return { status: 'survived', nrOfTests: chosen.length };
  }

  async #play(work) {
    this.#crash = undefined;
    try {
      return this.#violationOf(await work());
    } catch (error) {
      return String(error);
    }
  }

  #violationOf({ violations: [violation] }) {
    return violation ? `${violation.invariant}: ${violation.detail}` : this.#crash;
  }
}

/** How many schedules count as one test for Stryker, which keeps for each mutant which tests meet it. The runner keeps which schedules do. */
const LOT = 20;

/** As what the mutants are counted that a schedule meets, until its lot has them. */
const PLAYING = 'playing';

/** A part that meets a mutant no more often is played whole, and first: each schedule in it is there for something that hardly any other one shows. */
const SMALL = 60;

const isSmall = ({ length }) => length <= SMALL;

/** How many schedules of each other part that meet a mutant are played for it if none of them shows it. */
const MOST = 12;

/** In the folder with the mutants, which all runners work in. */
const NOTED = 'campaign-schedules.bin';

/** So many of them, from the first to the last at even distances, far apart ones first. */
function spread(all, most) {
  const step = Math.max(1, all.length / most);
  const chosen = Array.from({ length: Math.min(most, all.length) }, (_, index) => all[Math.floor(index * step)]);
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((first) => chosen.filter((_, index) => index % 8 === first));
}

/** The first of each, then the second of each. */
function inTurn(lists) {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}

/**
 * From the working directory, which is the one with the mutants; and not before a mutant is on, which may be one of what is
 * done when a module is loaded.
 */
async function loadCampaign() {
  return import(pathToFileURL('tests/mutation/campaign.ts').href);
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'campaign', injectableClass: CampaignRunner }];
