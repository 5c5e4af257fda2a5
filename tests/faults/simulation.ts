import type { Clock } from '../../src/rotation/budget.ts';
import type { Mishap, Symptom } from './mishaps.ts';

/** Who makes calls. When it has died, nothing reaches it any more. */
export interface Caller {
  isDead: boolean;
}

/** One call on its way. */
export interface Call<C extends Caller> {
  caller: C;
  /** As the API names it. */
  action: string;
  timeoutMs: number;
  /** Has the call's effect. @returns how its answer is delivered */
  perform(): () => void;
  /** Delivers that there is no answer, or a bad one. */
  fail(symptom: Symptom): void;
}

interface Waiting<C extends Caller> extends Call<C> {
  deadline: number;
}

/** How long an answered call takes. */
const CALL_MS = 10;

/**
 * Virtual time, and the order in which concurrent calls arrive. Everything between two calls happens at once; the next
 * call is let through when nobody can go on without one.
 */
export class Simulation<C extends Caller> {
  now: number;
  #waiting: Waiting<C>[] = [];
  #timers: { due: number; caller: C | undefined; fire: () => void }[] = [];
  #underWay: { effect: () => void; after: number }[] = [];

  constructor(startsAt: number) {
    this.now = startsAt;
  }

  /** A clock for one caller. */
  clockOf(caller: C): Clock {
    return {
      now: () => this.now,
      random: () => 0.5,
      sleep: (ms) => new Promise((resolve) => this.#setTimer(this.now + ms, caller, resolve)),
    };
  }

  send(call: Call<C>): void {
    this.#waiting.push({ ...call, deadline: this.now + call.timeoutMs });
  }

  /** Lets everybody go on until they wait for a call or for time. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** The calls that could be the next to arrive. Passes time until there is one; none, when nobody waits for anything. */
  async arriving(preferTimers: boolean): Promise<readonly Waiting<C>[]> {
    for (;;) {
      await this.settle();
      this.#waiting = this.#waiting.filter(({ caller }) => !caller.isDead);
      this.#timers = this.#timers.filter(({ caller }) => !caller?.isDead);
      const starved = this.#waiting.find(({ deadline }) => deadline <= this.now);
      if (starved !== undefined) {
        this.#take(starved);
        starved.fail('timeout');
        continue;
      }
      const [timer] = this.#timers;
      const isAhead = timer !== undefined && this.#waiting.every(({ deadline }) => timer.due < deadline);
      if (timer !== undefined && (this.#waiting.length === 0 || (preferTimers && isAhead))) {
        this.#timers.shift();
        this.now = Math.max(this.now, timer.due);
        timer.fire();
        continue;
      }
      return this.#waiting;
    }
  }

  /** Lets a call arrive, with what happens to it. `kill` ends its caller. */
  process(call: Waiting<C>, mishap: Mishap | undefined, kill: () => void): void {
    this.#take(call);
    this.#land((after) => after === 0);
    for (const effect of this.#underWay) effect.after -= 1;
    this.now += CALL_MS;
    const failAtDeadline = () => this.#setTimer(call.deadline, call.caller, () => call.fail('timeout'));
    switch (mishap) {
      case undefined:
        call.perform()();
        break;
      case 'lost':
        call.perform();
        call.fail('reset');
        break;
      case 'malformed':
        call.perform();
        call.fail('malformed');
        break;
      case 'slow':
        this.#setTimer(call.deadline - 1, call.caller, call.perform());
        break;
      case 'overdue':
        call.perform();
        failAtDeadline();
        break;
      case 'late':
      case 'later':
        failAtDeadline();
        this.#underWay.push({ effect: call.perform, after: mishap === 'late' ? 0 : 1 });
        break;
      case 'silence':
        failAtDeadline();
        break;
      case 'killedBefore':
        kill();
        break;
      case 'killedAfter':
        call.perform();
        kill();
        break;
      default:
        call.fail(mishap);
    }
  }

  /** Lets every effect that is under way arrive. */
  landAll(): void {
    this.#land(() => true);
  }

  #land(isDue: (after: number) => boolean): void {
    const landing = this.#underWay.filter(({ after }) => isDue(after));
    this.#underWay = this.#underWay.filter(({ after }) => !isDue(after));
    for (const { effect } of landing) effect();
  }

  #take(call: Waiting<C>): void {
    this.#waiting = this.#waiting.filter((each) => each !== call);
  }

  #setTimer(due: number, caller: C | undefined, fire: () => void): void {
    this.#timers.push({ due, caller, fire });
    this.#timers.sort((a, b) => a.due - b.due);
  }
}
