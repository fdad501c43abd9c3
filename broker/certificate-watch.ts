/** Tells in good time that the certificate of a listener is about to expire: more often when the end comes near. */

import type { ListenerState } from "./listeners/listener";

/** Days before the end at which it is told, once each. */
const DAYS = [30, 14, 7, 3, 2, 1, 0] as const;
/** Milliseconds between two looks. */
const LOOK_EVERY = 3_600_000;

/** A listener with its certificate. */
export type CertifiedListener = ListenerState & Required<Pick<ListenerState, "certificate">>;

/** A certificate with so many days left deserves a look. */
export function isNearItsEnd({ certificate }: ListenerState): boolean {
	return certificate !== undefined && certificate.daysLeft <= DAYS[0];
}

export class CertificateWatch {
	readonly #listeners: () => readonly ListenerState[];
	readonly #tell: (listener: CertifiedListener) => void;
	/** What was told last, by listener: of which certificate, and the days that were left. */
	readonly #told = new Map<string, { readonly certificate: string; readonly days: number }>();
	#timer: NodeJS.Timeout | undefined;

	constructor(listeners: () => readonly ListenerState[], tell: (listener: CertifiedListener) => void) {
		this.#listeners = listeners;
		this.#tell = tell;
	}

	start(): void {
		this.look();
		this.#timer = setInterval(() => this.look(), LOOK_EVERY).unref();
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#told.clear();
	}

	/** To be called also when a listener has another certificate. */
	look(): void {
		for (const listener of this.#listeners())
			if (listener.certificate) this.#judge({ ...listener, certificate: listener.certificate });
	}

	#judge(listener: CertifiedListener): void {
		const { subject, notAfter, daysLeft } = listener.certificate;
		const certificate = `${notAfter} ${subject}`;
		const days = DAYS.findLast((each) => daysLeft <= each);
		if (days === undefined) return;
		const before = this.#told.get(listener.name);
		if (before?.certificate === certificate && before.days <= days) return;
		this.#told.set(listener.name, { certificate, days });
		this.#tell(listener);
	}
}
