import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RotationEvent } from '../../src/local/secrets-manager/index.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import { createMemory } from '../../src/rotation/memory.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';
import { type StepName, steps } from '../../src/rotation/steps.ts';
import type { Change, Facts } from './facts.ts';
import { invariants } from './invariants.ts';
import type { Invocation, Sandbox } from './invocation.ts';
import type { Mishap, PlannedMishap, Symptom } from './mishaps.ts';
import { perform } from './operator.ts';
import { simulatedClient, simulatedKind, simulatedStore, type Witness } from './ports.ts';
import { CALM, nameOf, type PlannedAct, type Schedule } from './schedule.ts';
import { Simulation } from './simulation.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';

/** A step as it is run: the function's own, or a broken one. */
export type RunStep = (step: StepName, rotation: Rotation, client: SecretsManagerClient) => Promise<string>;

export const realSteps: RunStep = (step, rotation) => steps[step](rotation);

export interface Violation {
  invariant: string;
  detail: string;
  /** What had happened until then, a line each. */
  story: string[];
}

const STARTS_AT = Date.UTC(2030, 0, 1);

/** The calls that change something, and what has to be looked at before one that failed is made again. */
const LOOKS: Record<string, string[]> = {
  RefreshApiToken: ['DescribeSecret', 'GetSecretValue'],
  PutSecretValue: ['DescribeSecret'],
  UpdateSecretVersionStage: ['DescribeSecret'],
};

/** The services, the sandboxes of the function, and whoever else acts, as a schedule has it. */
export class World {
  readonly schedule: Schedule;
  /** What Lambda gives each invocation. */
  remainingMs: number;
  readonly simulation = new Simulation<Invocation>(STARTS_AT);
  readonly standIns: StandIns;
  readonly facts: Facts;
  readonly violations: Violation[] = [];
  readonly story: string[] = [];
  readonly invocations: Invocation[] = [];
  /** The rotation that the service runs, or will try again. */
  rotation: { versionId: string; hasFailed: boolean } | undefined;
  /** How many calls have arrived. */
  calls = 0;
  /** How many checks of an invariant were made. */
  checks = 0;
  /** Which mishaps struck which calls of which steps. */
  readonly struck: { step: StepName; action: string; mishap: Mishap }[] = [];
  #mishaps: readonly PlannedMishap[];
  #acts: PlannedAct[];
  readonly #staying = new Map<string, Mishap>();
  readonly #sandboxes: Sandbox[] = [];
  #invoked = 0;
  #decisions = 0;
  readonly #run: RunStep;

  constructor(schedule: Schedule, run: RunStep) {
    this.schedule = schedule;
    this.remainingMs = schedule.remainingMs;
    this.#run = run;
    this.#mishaps = schedule.mishaps;
    this.#acts = [...schedule.acts].sort((a, b) => a.at - b.at);
    const now = () => new Date(this.simulation.now);
    this.standIns = createStandIns(schedule, now, (_, event) => this.invoke(event));
    this.standIns.service.events.subscribe((event) => {
      if (event.type === 'rotationStarted') this.rotation = { versionId: event.versionId, hasFailed: false };
      if (event.type === 'rotationFailed') this.rotation = { versionId: event.versionId, hasFailed: true };
      if (event.type === 'rotationSucceeded' || event.type === 'rotationAbandoned') this.rotation = undefined;
    });
    this.facts = {
      world: this,
      last: this.standIns.snapshot(),
      wereCurrent: new Set(),
      madeCurrentByHand: new Set(),
      movedByHand: new Set(),
      currentMovedAt: 0,
      putByHand: new Set(),
      revoked: new Set(),
      stored: new Set(),
      issuedBy: new Map(),
      acceptances: [],
      rotationTokens: [],
      acts: 0,
      latestEvent: undefined,
      accepted: new Map(),
    };
    // The older key, which an operator could go back to.
    this.simulation.now += 60_000;
    if (schedule.start === 'good') this.byHand('the older key', () => this.putByHand(this.standIns.freshValue()));
    this.facts.madeCurrentByHand.clear();
    this.facts.acts = 0;
    this.simulation.now += 60_000;
  }

  /** Runs a step, as the service's event asks for it. Rejects when the step fails, or its sandbox is killed. */
  invoke(event: RotationEvent, apart = false): Promise<unknown> {
    this.facts.latestEvent = event;
    if (event.RotationToken !== undefined) this.facts.rotationTokens.push(event.RotationToken);
    const sandbox = apart ? this.#freshSandbox() : this.#nextSandbox();
    if (this.invocations.every(({ ended, isDead }) => ended || isDead)) this.simulation.now += this.schedule.gapMs;
    sandbox.isBusy = true;
    const invocation: Invocation = {
      step: event.Step,
      versionId: event.ClientRequestToken,
      sandbox,
      startedAt: this.simulation.now,
      endsAt: this.simulation.now + this.remainingMs,
      seen: undefined,
      issued: [],
      looksDue: new Map(),
      accepted: new Set(),
      warnings: [],
      ended: undefined,
      leftOver: 0,
      isDead: false,
      onDeath: undefined,
    };
    this.invocations.push(invocation);
    return new Promise((resolve, reject) => {
      invocation.onDeath = () => reject(new Error('Runtime.ExitError'));
      this.#runStep(invocation, event).then(resolve, reject);
    });
  }

  async #runStep(invocation: Invocation, event: RotationEvent): Promise<string> {
    const link = { invocation, simulation: this.simulation, standIns: this.standIns, witness: this.#witness };
    const { sandbox, versionId, step } = invocation;
    const rotation: Rotation = {
      secretId: event.SecretId,
      versionId,
      rotationToken: event.RotationToken,
      store: simulatedStore(link),
      kind: simulatedKind(link),
      memory: sandbox.memory.of(event.SecretId, versionId),
      budget: startBudget(this.simulation.clockOf(invocation), this.remainingMs),
      overlapMs: 3_600_000,
      report: { warn: (message) => invocation.warnings.push(message), measure: () => {} },
    };
    try {
      const outcome = await this.#run(step, rotation, simulatedClient(link, 3000));
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
      if (this.#actsDue().length > 0) {
        for (const { act } of this.#actsDue().splice(0, 1)) {
          this.#acts.shift();
          this.byHand(nameOf(act), () => perform(this, act));
        }
        continue;
      }
      const call = arriving[Math.floor(odd / 2) % arriving.length];
      if (call === undefined) return this.#requireEnd();
      const mishap = this.#mishapOf(call.action, call.caller.step);
      this.calls += 1;
      this.story.push(`${this.calls - 1}. ${call.caller.step} ${call.action}${mishap ? `: ${mishap}` : ''}`);
      if (mishap) this.struck.push({ step: call.caller.step, action: call.action, mishap });
      this.simulation.process(call, mishap, () => this.kill(call.caller));
    }
  }

  #requireEnd(): void {
    const hung = this.invocations.find(({ ended, isDead }) => ended === undefined && !isDead);
    if (hung === undefined) return;
    this.violate('ends-in-time', `${hung.step} waits for nothing, and never ends`);
    this.kill(hung);
  }

  /** From here on all goes well, and nobody else acts. */
  faultsStop(): void {
    this.#mishaps = [];
    this.#staying.clear();
    for (const { act } of this.#acts.splice(0)) this.byHand(nameOf(act), () => perform(this, act));
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

  /** Somebody else changes something. What the service refuses is refused. */
  byHand(what: string, work: () => void): void {
    const before = this.standIns.snapshot();
    let isRefused = false;
    try {
      work();
    } catch {
      isRefused = true;
    }
    this.story.push(`   by hand: ${what}${isRefused ? ' (refused)' : ''}`);
    this.facts.acts += 1;
    const after = this.standIns.snapshot();
    if (after.current !== undefined && after.current !== before.current) {
      this.facts.madeCurrentByHand.add(after.current);
      this.facts.currentMovedAt = this.simulation.now;
      if (!what.startsWith('put') && !what.startsWith('aws')) this.facts.movedByHand.add(after.current);
    }
    this.#check({ by: undefined, action: what, before, after });
  }

  putByHand(value: string, versionId = this.standIns.newVersionId(), stages?: string[]): string {
    const RotationToken = this.facts.rotationTokens.at(-1);
    this.standIns.service.call('PutSecretValue', {
      SecretId: this.standIns.secretId,
      SecretString: value,
      ClientRequestToken: versionId,
      ...(stages && { VersionStages: stages }),
      ...(RotationToken && { RotationToken }),
    });
    this.facts.putByHand.add(versionId);
    return versionId;
  }

  violate(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail, story: [...this.story] });
  }

  #check(change: Change): void {
    const { facts, standIns } = this;
    facts.last = change.after;
    if (change.after.current !== undefined) facts.wereCurrent.add(change.after.current);
    for (const id of Object.keys(change.after.stages)) {
      const key = standIns.keyIn(id);
      if (key) facts.stored.add(key.id);
    }
    for (const [name, { onChange }] of Object.entries(invariants)) {
      if (onChange) this.#judge(name, onChange(facts, change));
    }
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
    this.story.push(`   ${invocation.step} ${'error' in ended ? 'fails' : 'is done'}: ${says}`);
    for (const [name, { onEnd }] of Object.entries(invariants)) {
      if (onEnd) this.#judge(name, onEnd(this.facts, invocation));
    }
  }

  readonly #witness: Witness = {
    onCall: (invocation, action, label) => {
      for (const [name, { onCall }] of Object.entries(invariants)) {
        if (onCall) this.#judge(name, onCall(this.facts, invocation, action, label));
      }
      for (const due of invocation.looksDue.values()) due.delete(action);
    },
    onEffect: (invocation, action) => {
      const before = this.facts.last;
      this.#check({ by: invocation, action, before, after: this.standIns.snapshot() });
    },
    onIssued: (invocation, keyId) => {
      invocation.issued.push(keyId);
      this.facts.issuedBy.set(keyId, invocation);
    },
    onAccepted: (invocation, keyId, mayPing) => {
      invocation.accepted.add(keyId);
      this.facts.acceptances.push({ keyId, memory: invocation.sandbox.memory, at: this.simulation.now, mayPing });
    },
    onAnswer: (invocation, action, answer: 'good' | Symptom) => {
      const looks = LOOKS[action];
      if (answer !== 'good' && looks) invocation.looksDue.set(action, new Set(looks));
      // A ping may take its time, in which others do what they do.
      if (action === 'Get') invocation.looksDue.set('AWSCURRENT', new Set(['DescribeSecret']));
    },
  };

  #actsDue(): PlannedAct[] {
    return this.#acts.filter(({ at }) => at <= this.calls);
  }

  #mishapOf(action: string, step: StepName): Mishap | undefined {
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

function emptySandbox(): Sandbox {
  return { memory: createMemory(), isBusy: false };
}
