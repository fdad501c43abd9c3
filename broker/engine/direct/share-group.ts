/** The members of one shared subscription, who take turns. [MQTT-4.8.2] */

import type { Subscription } from "./router";

export class ShareGroup {
	readonly #members: Subscription[] = [];
	#next = 0;

	get size(): number {
		return this.#members.length;
	}

	add(member: Subscription): void {
		this.#members.push(member);
	}

	remove(member: Subscription): void {
		const at = this.#members.indexOf(member);
		if (at === -1) return;
		this.#members.splice(at, 1);
		if (at < this.#next) this.#next--;
	}

	/**
	 * The next who is connected, may receive the topic and reads what it is sent; then one who is connected and slow;
	 * then one whose session waits for it.
	 * @returns undefined when nobody can take the message
	 */
	pick(topic: string): Subscription | undefined {
		return (
			this.#turn(({ session: { client } }) => client?.hasRoom === true && client.mayReceive(topic)) ??
			this.#turn(({ session: { client } }) => client?.mayReceive(topic) === true) ??
			this.#turn(({ session, qos }) => session.client === undefined && qos > 0)
		);
	}

	/** Is anybody connected who may receive the topic? */
	hasConnected(topic: string): boolean {
		return this.#members.some(({ session: { client } }) => client?.mayReceive(topic) === true);
	}

	#turn(fits: (member: Subscription) => boolean): Subscription | undefined {
		const count = this.#members.length;
		for (let step = 0; step < count; step++) {
			const at = (this.#next + step) % count;
			const member = this.#members[at] as Subscription;
			if (!fits(member)) continue;
			this.#next = (at + 1) % count;
			return member;
		}
		return undefined;
	}
}
