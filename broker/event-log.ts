/** What happened lately, for people to read: bounded, and what repeats is counted in place of listed. */

import type { EventEmitter } from "node:events";
import type { BridgeState } from "./bridge/bridge-options";
import type { BrokerEventMap, ClientInfo } from "./events";

/** What an entry is about. */
export const logKinds = [
	"state",
	"listener",
	"connected",
	"disconnected",
	"refused",
	"denied",
	"dropped",
	"retainedFull",
	"slowed",
	"banned",
	"expired",
	"bridge",
	"files",
	"fault",
] as const;
export type LogKind = (typeof logKinds)[number];

export interface LogEntry {
	/** The same when it is told again with another count. */
	readonly id: number;
	/** Milliseconds since 1970, of the last time. */
	readonly at: number;
	readonly kind: LogKind;
	readonly severity: "info" | "warning" | "error";
	/** `null` where it is about no client. */
	readonly clientId: string | null;
	/** `null` where there is none, or none is known. */
	readonly user: string | null;
	readonly address: string | null;
	/** Topic or topic filter. */
	readonly topic: string | null;
	/** Why, in words; may be empty. */
	readonly text: string;
	/** How often; for dropped messages: how many. */
	readonly count: number;
}

/** What has changed since the last look. */
export interface LogChanges {
	/** To be given with the next request. */
	readonly cursor: string;
	/** True when everything known before is out of date. */
	readonly restart: boolean;
	/** True when there are more changes already: ask again at once. */
	readonly more: boolean;
	/** Oldest change first. */
	readonly entries: readonly LogEntry[];
}

type News = Pick<LogEntry, "kind" | "severity"> &
	Partial<Pick<LogEntry, "clientId" | "user" | "address" | "topic" | "text" | "count">>;

interface Kept {
	readonly entry: LogEntry;
	readonly revision: number;
	/** For what may repeat. */
	readonly key: string | undefined;
}

/** Entries that are kept; the oldest goes first. */
const KEPT = 1_000;
/** Milliseconds within which the same counts as a repeat. */
const REPEAT = 60_000;
/** Milliseconds between the two reports of one refused login. */
const SAME_MOMENT = 1_000;

export class EventLog {
	readonly #now: () => number;
	/** Tells this log from that of a broker before. */
	readonly #period: number;
	/** By id, in the order of the last change. */
	readonly #entries = new Map<number, Kept>();
	/** What was told last of each bridge that runs, by id. */
	readonly #bridges = new Map<string, { readonly text: string; readonly dropped: number }>();
	readonly #repeats = new Map<string, number>();
	/** The entry that was told or counted last. */
	#last: LogEntry | undefined;
	#revision = 0;
	#id = 0;

	constructor(now: () => number = Date.now) {
		this.#now = now;
		this.#period = now();
	}

	/** Notes what these events tell, for as long as there are any. */
	follow(events: EventEmitter<BrokerEventMap>): void {
		events.on("state", (state) => this.#add({ kind: "state", severity: "info", text: state }));
		events.on("listener", ({ name, up, error }) => {
			const text = error ? `${name}: ${error.message}` : `${name} is ${up ? "open" : "closed"}`;
			this.#add({ kind: "listener", severity: error ? "error" : "info", text });
		});
		events.on("clientConnected", (client) => {
			this.#add({ kind: "connected", severity: "info", ...whoOf(client), text: client.listener });
		});
		events.on("clientDisconnected", (client, reason) => {
			this.#add({ kind: "disconnected", severity: "info", ...whoOf(client), text: reason });
		});
		events.on("clientRefused", ({ address, clientId, reason, count = 1 }) => {
			if (this.#isToldJustNow(address, clientId, reason)) return;
			this.#repeat({
				kind: "refused",
				severity: "warning",
				address,
				clientId: clientId ?? null,
				text: reason,
				count,
			});
		});
		events.on("denied", ({ clientId, user, address, action, topic, reason }) => {
			const who = { clientId, user, address, severity: "warning" } as const;
			if (action === "connect") this.#repeat({ ...who, kind: "refused", text: reason });
			else this.#repeat({ ...who, kind: "denied", topic, text: `${action}: ${reason}` });
		});
		events.on("queueFull", (clientId, full, count) => {
			const text =
				full === "all" ? "too many messages wait for all sessions together" : "too many messages wait for the session";
			this.#repeat({ kind: "dropped", severity: "warning", clientId, text, count });
		});
		events.on("retainedFull", (topic, count) => {
			this.#repeat({ kind: "retainedFull", severity: "warning", topic, count });
		});
		events.on("clientSlowed", (client, count) => {
			this.#repeat({ kind: "slowed", severity: "warning", ...whoOf(client), count });
		});
		events.on("banned", ({ clientId, user, address, reason }, count) => {
			this.#repeat({ kind: "banned", severity: "warning", clientId, user, address, text: reason, count });
		});
		events.on("certificateEnding", ({ name, certificate }) => {
			const text = `${name}: the certificate ends in ${certificate.daysLeft} days`;
			this.#repeat({ kind: "listener", severity: "warning", text });
		});
		events.on("sessionExpired", (clientId) => this.#add({ kind: "expired", severity: "info", clientId }));
		events.on("accessProblem", ({ error, severity }) => this.#repeat({ kind: "files", severity, text: error.message }));
		events.on("storeProblem", (problem) => {
			if (problem.kind === "working") this.#add({ kind: "files", severity: "info", text: "the disk works again" });
			else {
				const severity = problem.kind === "failing" ? "error" : "warning";
				this.#repeat({ kind: "files", severity, text: problem.error.message });
			}
		});
		events.on("bridge", (state) => this.#bridge(state));
		events.on("fault", ({ message }) => this.#repeat({ kind: "fault", severity: "error", text: message }));
	}

	/** Messages that a client did not get. Beside the events: it may be called for every message. */
	dropped(clientId: string, user: string | null, count: number): void {
		this.#repeat({ kind: "dropped", severity: "warning", clientId, user, text: "the client reads too slowly", count });
	}

	/** @param since the cursor of the answer before. @param most entries in the answer */
	changes(since: string, most: number): LogChanges {
		const [period, revision = 0] = since.split(".").map(Number);
		const restart = period !== this.#period;
		const from = restart ? 0 : revision;
		const fresh = [...this.#entries.values()].filter((kept) => kept.revision > from);
		const told = fresh.slice(0, most);
		return {
			cursor: `${this.#period}.${told.at(-1)?.revision ?? from}`,
			restart,
			more: fresh.length > told.length,
			entries: told.map(({ entry }) => entry),
		};
	}

	/** Told at every change: here only what people should know. */
	#bridge({ id, name, phase, server, error, dropped }: BridgeState): void {
		const before = this.#bridges.get(id);
		const text = `${name}: ${phase}${server === undefined ? "" : `, ${server}`}${error ? `. ${error.message}` : ""}`;
		if (phase === "stopped" || phase === "ended") this.#bridges.delete(id);
		else this.#bridges.set(id, { text, dropped });
		const lost = dropped - (before?.dropped ?? 0);
		if (lost > 0) {
			const why = `${name}: too many messages wait for the bridge`;
			this.#repeat({ kind: "dropped", severity: "warning", text: why, count: lost });
		}
		if (before?.text !== text) this.#add({ kind: "bridge", severity: error ? "error" : "info", text });
	}

	#add(news: News, key?: string): void {
		const id = ++this.#id;
		const entry: LogEntry = {
			clientId: null,
			user: null,
			address: null,
			topic: null,
			text: "",
			count: 1,
			...news,
			id,
			at: this.#now(),
		};
		this.#last = entry;
		this.#entries.set(id, { entry, revision: ++this.#revision, key });
		if (key !== undefined) this.#repeats.set(key, id);
		if (this.#entries.size > KEPT) this.#forget(this.#entries.entries().next().value as [number, Kept]);
	}

	/** Counts it where the same was told a short while ago. */
	#repeat(news: News): void {
		const { kind, clientId, user, address, topic, text } = news;
		const key = JSON.stringify([kind, clientId, user, address, topic, text]);
		const id = this.#repeats.get(key);
		const before = id === undefined ? undefined : this.#entries.get(id);
		const at = this.#now();
		if (id === undefined || !before || at - before.entry.at > REPEAT) {
			this.#add(news, key);
			return;
		}
		const entry = { ...before.entry, at, count: before.entry.count + (news.count ?? 1) };
		this.#last = entry;
		this.#entries.delete(id);
		this.#entries.set(id, { entry, revision: ++this.#revision, key });
	}

	/** A refused login is told twice: who it was is known only the first time. */
	#isToldJustNow(address: string, clientId: string | undefined, reason: string): boolean {
		const last = this.#last;
		return (
			last?.kind === "refused" &&
			last.address === address &&
			last.clientId === (clientId ?? null) &&
			last.text === reason &&
			this.#now() - last.at < SAME_MOMENT
		);
	}

	#forget([id, { key }]: [number, Kept]): void {
		this.#entries.delete(id);
		if (key !== undefined && this.#repeats.get(key) === id) this.#repeats.delete(key);
	}
}

function whoOf({ id, user, address }: ClientInfo): Pick<LogEntry, "clientId" | "user" | "address"> {
	return { clientId: id, user, address };
}
