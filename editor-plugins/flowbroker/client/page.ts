/** What every page of the sidebar is given, and what it has to be. */

import type { BrokerCall } from "./api";
import type { Translate } from "./text";

export const pageNames = ["overview", "clients", "access", "topics", "retained", "test", "log", "backup"] as const;
export type PageName = (typeof pageNames)[number];

export interface PageContext {
	/** Id of the broker's node. */
	readonly broker: string;
	readonly call: BrokerCall;
	readonly t: Translate;
	/** False for a login that may only look: then nothing is offered that changes something. */
	readonly mayChange: boolean;
	/** Goes to another page. @param topic that it shall be about */
	open(page: PageName, topic?: string): void;
	/** Reads everything anew at once, after a change. */
	refresh(): void;
}

/** A page about one broker, made anew for another broker. */
export interface Page {
	readonly element: HTMLElement;
	/** Milliseconds between two refreshes. */
	readonly pause: number;
	/** Rejects with an ApiError, which is shown above the page. */
	refresh(): Promise<void>;
	/** Takes a topic from another page. */
	take?(topic: string): void;
}

export type MakePage = (context: PageContext) => Page;
