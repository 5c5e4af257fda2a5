import type { RotationEvent } from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { retireSuperseded } from '../../src/revocation/retire.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import { createMemory } from '../../src/rotation/memory.ts';
import { steps } from '../../src/rotation/steps.ts';
import { answer, type RunStep } from './entry-point.ts';
import type { Change, Facts, Struck, Surroundings } from './facts.ts';
import { healthOf } from './health.ts';
import type { Invariant } from './invariant.ts';
import { invariants } from './invariants.ts';
import { type Invocation, type Sandbox, SWEEP, type Work } from './invocation.ts';
import type { Witness } from './link.ts';
import type { Mishap, PlannedMishap, Symptom } from './mishaps.ts';
import { perform } from './operator.ts';
import { isIssued, orphansOf } from './revocations.ts';
import { type Act, CALM, isByHand, nameOf, type PlannedAct, type Schedule } from './schedule.ts';
import { Simulation } from './simulation.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';

export const realSteps: RunStep = (step, { policy, ...rotation }) =>
  steps[step]({
    ...rotation,
    retire: (work, before) => retireSuperseded(work, before, rotation.kind, policy),
  });

const HOUR_MS = 3_600_000;

/** After so many runs that found nothing to do the overlap of everything is over. */
const IDLE_RUNS = 3;

export interface Violation {
  invariant: string;
  detail: string;
  /** What had happened until then, a line each. */
  story: string[];
}

export const STARTS_AT = Date.UTC(2030, 0, 1);

/** Of one invocation, when every call fails and is tried as often as there is reason to, or there is much to revoke. */
const MOST_CALLS = 160;

/** The calls that change something, and what has to be looked at before one that failed is made again. */
const LOOKS: Record<string, string[]> = {
  RefreshApiToken: ['DescribeSecret', 'GetSecretValue'],
  GenerateApiKey: ['DescribeSecret', 'GetSecretValue'],
  PutSecretValue: ['DescribeSecret'],
  UpdateSecretVersionStage: ['DescribeSecret'],
  RotateSecret: ['DescribeSecret'],
  RevokeApiKey: ['DescribeSecret'],
};

/** The invariants by when they are checked. */
const CHECKS = {
  onChange: checksOf('onChange'),
  onCall: checksOf('onCall'),
  onSent: checksOf('onSent'),
  onIssued: checksOf('onIssued'),
  onRevoked: checksOf('onRevoked'),
  onEnd: checksOf('onEnd'),
};

function checksOf<K extends keyof Invariant>(when: K): [string, NonNullable<Invariant[K]>][] {
  return Object.entries(invariants).flatMap(([name, { [when]: check }]) => (check ? [[name, check]] : []));
}

/** The services, the sandboxes of the function, and whoever else acts, as a schedule has it. */
export class World implements Surroundings {
  readonly schedule: Schedule;
  /** What Lambda gives each invocation. */
  remainingMs: number;
  readonly simulation = new Simulation<Invocation>(STARTS_AT);
  /** Of the first secret. */
  readonly facts: Facts;
  /** Of all secrets, the first one first. */
  readonly all: readonly Facts[];
  readonly violations: Violation[] = [];
  readonly story: string[] = [];
  readonly invocations: Invocation[] = [];
  /** How many there were when somebody last changed something. */
  #invocationsBefore = 0;
  /** How many calls have arrived. */
  calls = 0;
  /** How many checks of an invariant were made. */
  checks = 0;
  /** Which mishaps struck which calls of which steps. */
  readonly struck: Struck[] = [];
  #mishaps: readonly PlannedMishap[] = [];
  #acts: PlannedAct[] = [];
  readonly #staying = new Map<string, Mishap>();
  readonly #sandboxes: Sandbox[] = [];
  #invoked = 0;
  #decisions = 0;
  readonly #run: RunStep;

  constructor(schedule: Schedule, run: RunStep) {
    this.schedule = schedule;
    this.remainingMs = CALM.remainingMs;
    this.#run = run;
    const now = () => new Date(this.simulation.now);
    const [first, ...others] = createStandIns(schedule, now, (_, event) => this.invoke(event));
    this.facts = this.#noFacts(first);
    this.all = [this.facts, ...others.map((standIns) => this.#noFacts(standIns))];
    first.service.events.subscribe((event) => {
      // The test that a deployment has done is no rotation.
      if (event.type === 'call' || event.kind === 'test') return;
      const facts = this.#factsOf(event.secretArn);
      const { type, versionId } = event;
      if (type === 'rotationStarted') facts.rotatedTo.add(versionId);
      if (type === 'rotationStarted') facts.rotation = { versionId, hasFailed: false };
      if (type === 'rotationSucceeded') facts.completed.add(versionId);
      if (type === 'rotationFailed') facts.rotation = { versionId, hasFailed: true };
      if (type === 'rotationSucceeded' || type === 'rotationAbandoned') facts.rotation = undefined;
    });
    for (const facts of this.all) this.#noteReign(facts, undefined);
    // The older key, which an operator could go back to.
    this.simulation.now += 60_000;
    for (const facts of this.all) {
      const { standIns } = facts;
      const hasValue = facts.last.current !== undefined;
      if (hasValue) this.byHand(facts, 'the older key', () => this.putByHand(facts, standIns.freshValue()));
      facts.madeCurrentByHand.clear();
      facts.leftByHand.clear();
      facts.acts = 0;
    }
    this.simulation.now += 60_000;
  }

  /** Both services, and the first secret. */
  get standIns(): StandIns {
    return this.facts.standIns;
  }

  #noFacts(standIns: StandIns): Facts {
    return {
      world: this,
      standIns,
      rotation: undefined,
      rotatedTo: new Set(),
      completed: new Set(),
      last: standIns.snapshot(),
      wereCurrent: new Set(),
      madeCurrentByHand: new Set(),
      movedByHand: new Set(),
      currentMovedAt: 0,
      leftByHand: new Map(),
      putByHand: new Set(),
      said: [],
      misnamed: new Set(),
      revoked: new Set(),
      stored: new Set(),
      issuedBy: new Map(),
      predecessors: new Map(),
      reigns: [],
      acceptances: [],
      rotationTokens: [],
      earlierEvents: [],
      acts: 0,
      latestEvent: undefined,
      accepted: new Map(),
    };
  }

  /** Of the secret of that ARN or name; of the first, if there is none. */
  #factsOf(secretId: unknown): Facts {
    return this.all.find(({ standIns }) => [standIns.secretId, standIns.name].includes(String(secretId))) ?? this.facts;
  }

  /** From here on the schedule's mishaps and acts happen, and its sandboxes are used. */
  faultsBegin(): void {
    const { mishaps, acts, remainingMs } = this.schedule;
    this.#mishaps = mishaps;
    this.#acts = [...acts].sort((a, b) => a.at - b.at);
    this.remainingMs = remainingMs;
    this.calls = 0;
    if (this.schedule.earlier.length > 0) {
      this.story.length = 0;
      this.story.push(`   ${this.schedule.earlier.length} rotations went well`);
    }
    this.#invoked = 0;
    this.#decisions = 0;
  }

  /** Runs a step, as the service's event asks for it. Rejects when the step fails, or its sandbox is killed. */
  invoke(event: RotationEvent): Promise<unknown> {
    const facts = this.#factsOf(event.SecretId);
    if (facts.rotation !== undefined) this.#noteEvent(facts, event);
    if (event.RotationToken !== undefined) facts.rotationTokens.push(event.RotationToken);
    const sandbox = this.#nextSandbox();
    if (this.invocations.every(({ ended, isDead }) => ended || isDead)) this.simulation.now += this.schedule.gapMs;
    return this.#start(sandbox, event, true).ending;
  }

  /** Sends the function an event, in a sandbox of its own, and does not wait for what comes of it. */
  send(event: unknown, { isKnown } = { isKnown: true }): Invocation {
    const { invocation, ending } = this.#start(this.#freshSandbox(), event, isKnown);
    ending.catch(() => undefined);
    return invocation;
  }

  /** Lets time pass between rotations. */
  async pass(ms: number): Promise<void> {
    const until = this.simulation.now + ms;
    if (this.schedule.revokesHourly) await this.#revokeHourly(until);
    this.simulation.now = Math.max(this.simulation.now, until);
  }

  /** As the recurring schedule does; but not for ever, where time alone changes nothing any more. */
  async #revokeHourly(until: number): Promise<void> {
    const events = this.all.map(({ standIns }) => ({ RevokeRetiredKeys: [standIns.secretId] }));
    let idle = 0;
    for (;;) {
      const next = (Math.floor(this.simulation.now / HOUR_MS) + 1) * HOUR_MS;
      if (next > until || idle >= IDLE_RUNS) return;
      this.simulation.now = next;
      let hasDone = false;
      for (const event of events) {
        const invocation = this.send(event);
        await this.play();
        const { ended } = invocation;
        hasDone ||= ended === undefined || !('outcome' in ended) || ended.outcome === 'revoked';
      }
      idle = hasDone ? 0 : idle + 1;
    }
  }

  #start(sandbox: Sandbox, event: unknown, isKnown: boolean): { invocation: Invocation; ending: Promise<unknown> } {
    sandbox.isBusy = true;
    const facts = this.#factsOf(secretIn(event));
    const invocation: Invocation = {
      secretId: facts.standIns.secretId,
      step: undefined,
      versionId: '',
      event,
      isKnown,
      sandbox,
      startedAt: this.simulation.now,
      endsAt: this.simulation.now + this.remainingMs,
      seen: undefined,
      seenAt: Number.NEGATIVE_INFINITY,
      movesOn: Number.NEGATIVE_INFINITY,
      issued: [],
      looksDue: new Map(),
      accepted: new Set(),
      warnings: [],
      measured: [],
      revokedKeys: [],
      revoked: 0,
      listed: 0,
      problems: [],
      found: [],
      health: isCheck(event) ? healthOf(facts) : undefined,
      orphans: orphansOf(facts),
      calls: 0,
      hasDoneItsWork: false,
      hasPromoted: false,
      started: [],
      read: undefined,
      mayHaveIssued: 0,
      failures: new Set(),
      unanswered: new Set(),
      failedAt: new Map(),
      ended: undefined,
      leftOver: 0,
      isDead: false,
      onDeath: undefined,
    };
    this.invocations.push(invocation);
    const ending = new Promise((resolve, reject) => {
      invocation.onDeath = () => reject(new Error('Runtime.ExitError'));
      this.#answer(invocation, event).then(resolve, reject);
    });
    return { invocation, ending };
  }

  async #answer(invocation: Invocation, event: unknown): Promise<string> {
    const { simulation } = this;
    const { standIns } = this.#factsOf(invocation.secretId);
    const { revokesHourly } = this.schedule;
    const link = { invocation, simulation, standIns, witness: this.#witness, revokesHourly };
    const budget = startBudget(this.simulation.clockOf(invocation), this.remainingMs);
    try {
      const outcome = await answer(link, event, budget, this.#run);
      this.#end(invocation, { outcome }, outcome);
      return outcome;
    } catch (error) {
      this.#end(invocation, { error }, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Plays until nobody waits for anything, and every act is done. */
  async play(): Promise<void> {
    for (;;) {
      const odd = this.#nextDecision();
      const arriving = await this.simulation.arriving(odd % 2 === 1);
      const [due] = this.#actsDue();
      if (due !== undefined) {
        this.#acts.shift();
        this.#perform(due.act);
        continue;
      }
      const call = arriving[Math.floor(odd / 2) % arriving.length];
      if (call === undefined) return this.#requireEnd();
      if (call.caller.calls > MOST_CALLS) {
        this.violate('ends-in-time', `${call.caller.step ?? 'it'} makes calls without end`);
        this.kill(call.caller);
        continue;
      }
      const { action } = call;
      const { step = 'unknown' } = call.caller;
      const mishap = this.#mishapOf(action, step);
      this.calls += 1;
      this.story.push(`${this.calls - 1}. ${step} ${action}${mishap ? `: ${mishap}` : ''}`);
      if (mishap) this.struck.push({ step, action, mishap });
      this.simulation.process(call, mishap, () => this.kill(call.caller));
    }
  }

  #requireEnd(): void {
    const hung = this.invocations.find(({ ended, isDead }) => ended === undefined && !isDead);
    if (hung === undefined) return;
    this.violate('ends-in-time', `${hung.step ?? 'it'} waits for nothing, and never ends`);
    this.kill(hung);
  }

  /** From here on all goes well, and nobody else acts. */
  faultsStop(): void {
    this.#mishaps = [];
    this.#staying.clear();
    for (const { act } of this.#acts.splice(0)) this.#perform(act);
    this.simulation.landAll();
    this.remainingMs = CALM.remainingMs;
  }

  kill(invocation: Invocation): void {
    invocation.isDead = true;
    // Its memory goes with it.
    const index = this.#sandboxes.indexOf(invocation.sandbox);
    if (index >= 0) this.#sandboxes[index] = emptySandbox();
    invocation.onDeath?.();
  }

  #perform(act: Act, facts = this.facts): void {
    if (isByHand(act)) this.byHand(facts, nameOf(act), () => perform(facts, act));
    else perform(facts, act);
  }

  /** Plays what somebody does between rotations. */
  async act(facts: Facts, act: Act): Promise<void> {
    this.#perform(act, facts);
    await this.play();
  }

  /** Somebody else changes something. @returns false if the service refused it */
  byHand(facts: Facts, what: string, work: () => void): boolean {
    const before = facts.standIns.snapshot();
    let isRefused = false;
    try {
      work();
    } catch {
      isRefused = true;
    }
    const where = facts === this.facts ? '' : ` in ${facts.standIns.name}`;
    this.story.push(`   by hand: ${what}${where}${isRefused ? ' (refused)' : ''}`);
    facts.acts += 1;
    this.#invocationsBefore = this.invocations.length;
    const after = facts.standIns.snapshot();
    if (after.current !== undefined && after.current !== before.current) {
      facts.madeCurrentByHand.add(after.current);
      facts.currentMovedAt = this.simulation.now;
      facts.leftByHand.delete(after.current);
      if (before.current !== undefined) facts.leftByHand.set(before.current, this.simulation.now);
      if (!/^(put|write|aws)/.test(what)) facts.movedByHand.add(after.current);
    }
    this.#check(facts, { by: undefined, action: what, before, after });
    return !isRefused;
  }

  putByHand(
    { standIns, rotationTokens, putByHand }: Facts,
    value: string | Uint8Array,
    versionId = standIns.newVersionId(),
    stages?: string[],
  ): string {
    const RotationToken = rotationTokens.at(-1);
    standIns.service.call('PutSecretValue', {
      SecretId: standIns.secretId,
      ...(typeof value === 'string' ? { SecretString: value } : { SecretBinary: value }),
      ClientRequestToken: versionId,
      ...(stages && { VersionStages: stages }),
      ...(RotationToken && { RotationToken }),
    });
    putByHand.add(versionId);
    return versionId;
  }

  /** The invocations about the first secret that began after somebody last changed something. */
  sinceChange(): Invocation[] {
    const { secretId } = this.standIns;
    return this.invocations.slice(this.#invocationsBefore).filter((each) => each.secretId === secretId);
  }

  /** Where calls of those names were, as mishaps count them. */
  placesOf(actions: readonly string[]): number[] {
    return this.story.flatMap((line) => {
      const [, at, action = ''] = /^(\d+)\. \w+ (\w+)/.exec(line) ?? [];
      return actions.includes(action) ? [Number(at)] : [];
    });
  }

  /** Whether a mishap struck the call there. */
  isStruck(place: number): boolean {
    return this.story.some((line) => line.startsWith(`${place}. `) && line.includes(': '));
  }

  violate(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail, story: [...this.story] });
  }

  #check(facts: Facts, change: Change): void {
    const { standIns } = facts;
    facts.last = change.after;
    if (change.after.current !== facts.reigns.at(-1)?.versionId) this.#noteReign(facts, change.by);
    if (change.after.current !== undefined) {
      facts.wereCurrent.add(change.after.current);
      const said = standIns.saidIn(change.after.current);
      const { keyId, roleId } = said;
      const own = standIns.keyIn(change.after.current);
      if (keyId !== undefined) facts.said.push(said);
      if (own?.v2 && (keyId !== own.id || roleId !== own.v2.role.roleId)) facts.misnamed.add(own.id);
    }
    for (const id of Object.keys(change.after.stages)) {
      const key = standIns.keyIn(id);
      if (key) facts.stored.add(key.id);
    }
    for (const [name, onChange] of CHECKS.onChange) {
      this.#judge(name, onChange(facts, change));
    }
  }

  #noteReign({ standIns, last, reigns }: Facts, by: Invocation | undefined): void {
    const ending = reigns.at(-1);
    if (ending !== undefined) ending.to = this.simulation.now;
    reigns.push({
      versionId: last.current ?? '',
      keyId: standIns.keyIn(last.current)?.id,
      from: this.simulation.now,
      to: undefined,
      isBegunByHand: by === undefined,
    });
  }

  #noteEvent(facts: Facts, event: RotationEvent): void {
    if (facts.latestEvent !== undefined && facts.latestEvent.ClientRequestToken !== event.ClientRequestToken) {
      facts.earlierEvents.push(facts.latestEvent);
    }
    facts.latestEvent = event;
  }

  #judge(invariant: string, detail: string | undefined): void {
    this.checks += 1;
    if (detail !== undefined) this.violate(invariant, detail);
  }

  #end(invocation: Invocation, ended: NonNullable<Invocation['ended']>, says: string): void {
    if (invocation.isDead) return;
    invocation.ended = ended;
    invocation.leftOver = invocation.endsAt - this.simulation.now;
    invocation.sandbox.isBusy = false;
    this.story.push(`   ${invocation.step ?? 'it'} ${'error' in ended ? 'fails' : 'is done'}: ${says}`);
    const facts = this.#factsOf(invocation.secretId);
    for (const [name, onEnd] of CHECKS.onEnd) {
      this.#judge(name, onEnd(facts, invocation));
    }
  }

  readonly #witness: Witness = {
    onCall: (invocation, action, about) => {
      const facts = this.#factsOf(invocation.secretId);
      if (action === 'UpdateSecretVersionStage' && about === 'AWSCURRENT') invocation.movesOn = invocation.seenAt;
      for (const [name, onCall] of CHECKS.onCall) {
        this.#judge(name, onCall(facts, invocation, action, about));
      }
      for (const due of invocation.looksDue.values()) due.delete(action);
      invocation.calls += 1;
      if (action === 'ListApiKeys') invocation.listed += 1;
    },
    onSent: (invocation, keyId, host) => {
      for (const [name, onSent] of CHECKS.onSent) this.#judge(name, onSent(invocation, keyId, host));
    },
    onEffect: (invocation, action) => {
      const facts = this.#factsOf(invocation.secretId);
      const before = facts.last;
      const after = facts.standIns.snapshot();
      if (action === 'UpdateSecretVersionStage') invocation.hasPromoted ||= before.current !== after.current;
      if (action === 'RotateSecret' && after.pending !== undefined && before.pending !== after.pending) {
        invocation.started.push(after.pending);
      }
      this.#check(facts, { by: invocation, action, before, after });
    },
    onIssued: (invocation, key, predecessor) => {
      const facts = this.#factsOf(invocation.secretId);
      invocation.issued.push(key.id);
      facts.issuedBy.set(key.id, invocation);
      facts.predecessors.set(key.id, predecessor);
      for (const [name, onIssued] of CHECKS.onIssued) this.#judge(name, onIssued(facts, key));
    },
    onRevoked: (invocation, keyId) => {
      const facts = this.#factsOf(invocation.secretId);
      this.story.push(`   ${keyId} is revoked`);
      for (const [name, onRevoked] of CHECKS.onRevoked) {
        this.#judge(name, onRevoked(facts, invocation, keyId));
      }
      invocation.revokedKeys.push(keyId);
      // Somebody opted in to that; and it may have been stored in another secret, too.
      if (!isIssued(facts, keyId)) for (const each of this.all) each.revoked.add(keyId);
    },
    onAccepted: (invocation, keyId, mayPing) => {
      const { acceptances } = this.#factsOf(invocation.secretId);
      invocation.accepted.add(keyId);
      acceptances.push({ keyId, memory: invocation.sandbox.memory, at: this.simulation.now, mayPing });
    },
    onAnswer: (invocation, action, answer, about) => {
      const looks = LOOKS[action];
      if (answer !== 'good' && looks) invocation.looksDue.set(action, new Set(looks));
      const isIssue = action === 'RefreshApiToken' || action === 'GenerateApiKey';
      if (isIssue && answer !== 'good' && answer !== 'throttled') invocation.mayHaveIssued += 1;
      if (answer !== 'good' && answer !== 'denied') {
        invocation.unanswered.add(action);
        invocation.failedAt.set(action, this.simulation.now);
      }
      // A ping may take its time, in which others do what they do.
      if (action === 'Get') invocation.looksDue.set('AWSCURRENT', new Set(['DescribeSecret']));
      if (action === 'ListApiKeys' || action === 'RevokeApiKey') {
        invocation.looksDue.set('RevokeApiKey', new Set(['DescribeSecret']));
      }
      if (answer === 'good') noteWork(invocation, action, about);
      noteSweep(invocation, action, answer);
    },
  };

  #actsDue(): PlannedAct[] {
    return this.#acts.filter(({ at }) => at <= this.calls);
  }

  #mishapOf(action: string, step: Work | 'unknown'): Mishap | undefined {
    const planned = this.#mishaps.find(({ at }) => at === this.calls);
    if (planned?.stays) this.#staying.set(`${step} ${action}`, planned.mishap);
    return planned?.mishap ?? this.#staying.get(`${step} ${action}`);
  }

  #nextDecision(): number {
    const { order } = this.schedule;
    return order[this.#decisions++ % order.length] ?? 0;
  }

  #nextSandbox(): Sandbox {
    const { sandboxes } = this.schedule;
    const index = sandboxes[this.#invoked++ % sandboxes.length] ?? 0;
    while (this.#sandboxes.length <= index) this.#sandboxes.push(emptySandbox());
    const sandbox = this.#sandboxes[index] as Sandbox;
    return sandbox.isBusy ? this.#freshSandbox() : sandbox;
  }

  #freshSandbox(): Sandbox {
    const sandbox = emptySandbox();
    this.#sandboxes.push(sandbox);
    return sandbox;
  }
}

/** What an event says about which secret it is, in whatever shape. */
function secretIn(event: unknown): unknown {
  if (typeof event !== 'object' || event === null) return undefined;
  const fields = event as Record<string, unknown>;
  const { SecretId, CheckSecrets, RevokeRetiredKeys, momento_auth_token_secret_name: named } = fields;
  const several = [CheckSecrets ?? RevokeRetiredKeys].flat();
  return SecretId ?? named ?? several.find((each) => !String(each).startsWith('another'));
}

function isCheck(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'CheckSecrets' in event;
}

/** What is left of the step after that is about older keys. */
function noteWork(invocation: Invocation, action: string, about: string | undefined): void {
  const { step, seen, versionId, calls } = invocation;
  const isFoundCurrent = action === 'DescribeSecret' && calls === 1 && seen?.current === versionId;
  const isDone =
    (step === 'createSecret' && action === 'PutSecretValue') ||
    (step === 'finishSecret' && (isFoundCurrent || (action === 'UpdateSecretVersionStage' && about === 'AWSCURRENT')));
  invocation.hasDoneItsWork ||= isDone;
}

/** After what may have issued a key that nobody holds, it has to be looked for. */
function noteSweep({ looksDue }: Invocation, action: string, answer: 'good' | Symptom): void {
  const mayHaveIssued = action === 'GenerateApiKey' && !['good', 'throttled', 'refused', 'denied'].includes(answer);
  const isAgain = looksDue.has(SWEEP) && action === 'PutSecretValue';
  if (mayHaveIssued || isAgain) looksDue.set(SWEEP, new Set(['ListApiKeys']));
}

function emptySandbox(): Sandbox {
  return { memory: createMemory(), notBegun: new Set(), isBusy: false };
}
