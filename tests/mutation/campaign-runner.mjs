import { pathToFileURL } from 'node:url';

/**
 * A test runner for Stryker that plays the fault campaign in Stryker's own process: for a mutant it only switches the mutant
 * on, and plays until an invariant breaks. (API: `TestRunner` of `@stryker-mutator/api`.)
 */
class CampaignRunner {
  /** What mutants look at to know whether they are on (`INSTRUMENTER_CONSTANTS` of `@stryker-mutator/api`). */
  #mutation;
  #crash;

  constructor() {
    globalThis.__stryker__ ??= {};
    this.#mutation = globalThis.__stryker__;
    // Not UTC, in which schedules are: where they are not taken so, it shows.
    process.env.TZ = 'Asia/Tokyo';
    // As Lambda would end the function.
    process.on('unhandledRejection', (error) => {
      this.#crash = `an unhandled rejection: ${error}`;
    });
  }

  /** A process of its own plays each mutant of what is done when a module is loaded. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    const tests = [];
    for (const [name, part] of Object.entries(await loadParts())) {
      this.#mutation.currentTestId = name;
      tests.push(await this.#play(name, part));
    }
    this.#mutation.currentTestId = undefined;
    const { mutantCoverage } = this.#mutation;
    this.#mutation.mutantCoverage = undefined;
    return { status: 'complete', tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    Object.assign(this.#mutation, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      const parts = Object.entries(await loadParts());
      return await this.#hunt(parts.filter(([name]) => testFilter?.includes(name) ?? true));
    } finally {
      Object.assign(this.#mutation, { activeMutant: undefined, hitLimit: undefined });
    }
  }

  async #hunt(parts) {
    for (const [name, part] of parts) {
      const { failureMessage } = await this.#play(name, part);
      const { hitCount, hitLimit } = this.#mutation;
      if (hitCount > hitLimit) return { status: 'timeout', reason: `a loop without end: ${hitCount} times` };
      if (failureMessage) return { status: 'killed', killedBy: [name], failureMessage, nrOfTests: 1 };
    }
    return { status: 'survived', nrOfTests: parts.length };
  }

  /** Until the first violation. */
  async #play(name, part) {
    const startedAt = performance.now();
    const failureMessage = await this.#firstViolation(part);
    const timeSpentMs = performance.now() - startedAt;
    const status = failureMessage === undefined ? 0 : 1;
    return { id: name, name, timeSpentMs, status, failureMessage };
  }

  async #firstViolation(part) {
    this.#crash = undefined;
    try {
      for await (const { violations } of part()) {
        const [violation] = violations;
        if (violation) return `${violation.invariant}: ${violation.detail}`;
        if (this.#crash) return this.#crash;
      }
      return undefined;
    } catch (error) {
      return String(error);
    }
  }
}

/**
 * From the working directory, which is the one with the mutants; and not before a mutant is on, which may be one of what is
 * done when a module is loaded.
 */
async function loadParts() {
  const { parts } = await import(pathToFileURL('tests/mutation/campaign.ts').href);
  return parts;
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'campaign', injectableClass: CampaignRunner }];
