/** Tells the others that this process lives, finds out who does not, and does for the dead what they left undone. */

import type { RedisLink } from "./redis-link";

/** Milliseconds between two beats of a process. */
export const BEAT = 2_000;
/**
 * Beats of this process during which another one's are missing before it is taken for dead. Counted here, and only while
 * Redis answers: when Redis was away, nobody has died of it. Ten seconds: a process that is stopped for less, by a
 * large flow or a busy machine, keeps its clients.
 */
const MISSED = 5;

export interface PulseEvents {
	/** The others took this process for dead: its clients were said to have left. */
	buried(): void;
	/** The will is due. */
	due(clientId: string): void;
	/** Once with each beat. */
	beat(): void;
	fault(error: Error): void;
}

export class Pulse {
	readonly #link: RedisLink;
	readonly #events: PulseEvents;
	readonly #others = new Map<string, { count: number; missed: number }>();
	#count = 0;
	#timer: NodeJS.Timeout | undefined;
	#beating: Promise<void> = Promise.resolve();

	constructor(link: RedisLink, events: PulseEvents) {
		this.#link = link;
		this.#events = events;
	}

	async start(): Promise<void> {
		this.#count = 0;
		this.#others.clear();
		await this.#beat();
		this.#timer = setInterval(() => {
			this.#beating = this.#beating.then(() => this.#beat()).catch(this.#events.fault);
		}, BEAT).unref();
	}

	/** Says goodbye. Does not resolve while Redis is away. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#beating;
		await this.#bury(this.#link.process);
	}

	async #beat(): Promise<void> {
		const answer = await this.#link.run("beat", this.#link.process, Date.now());
		const [count, beats, due] = answer as [number, Buffer[], Buffer[]];
		const isBuried = count !== this.#count + 1 && this.#count > 0;
		this.#count = count;
		if (isBuried) this.#events.buried();
		for (const process of this.#missing(beats)) await this.#bury(process);
		for (const id of due) this.#events.due(String(id));
		this.#events.beat();
	}

	/** @returns those whose beats are missing for too long */
	#missing(beats: readonly Buffer[]): string[] {
		const living = new Map<string, number>();
		for (let at = 0; at < beats.length; at += 2) living.set(String(beats[at]), Number(beats[at + 1]));
		living.delete(this.#link.process);
		for (const process of this.#others.keys()) if (!living.has(process)) this.#others.delete(process);
		const dead: string[] = [];
		for (const [process, count] of living) {
			const before = this.#others.get(process);
			const missed = before?.count === count ? before.missed + 1 : 0;
			this.#others.set(process, { count, missed });
			if (missed >= MISSED) dead.push(process);
		}
		return dead;
	}

	async #bury(process: string): Promise<void> {
		await this.#link.run("bury", process, Date.now());
		this.#others.delete(process);
	}
}
