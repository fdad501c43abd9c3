/** Publishes requests and waits for their answers: knows which answer belongs to which request, and for how long to wait. */

import { randomBytes } from "node:crypto";
import { type Delivery, FlowbrokerError, type Message, toFlowbrokerError } from "../../broker";
import type { FlowClient } from "../flow-client";
import type { AnswerPlan } from "./answer-plan";
import { AnswerTopics } from "./answer-topics";

export interface Request {
	readonly message: Message;
	readonly plan: AnswerPlan;
	/** Milliseconds; they count from the moment at which the request is published. */
	readonly timeout: number;
}

interface Waiting extends Request {
	readonly resolve: (answer: Delivery) => void;
	readonly reject: (problem: FlowbrokerError) => void;
	filter: string | undefined;
	timer: NodeJS.Timeout | undefined;
}

export class Requester {
	/** How many requests may be without answer. */
	readonly #limit: number;
	readonly #prefix = randomBytes(6).toString("hex");
	#count = 0;
	/** Published ones, by the id that their answer brings. */
	readonly #asked = new Map<string, Waiting>();
	/** Those that have to wait for an answer to another one, oldest first. */
	readonly #line = new Set<Waiting>();
	readonly #topics = new AnswerTopics(
		(delivery, plan) => this.#answered(delivery, plan),
		(filter, problem) => this.#refused(filter, problem),
	);
	#client: FlowClient | undefined;

	constructor(limit: number) {
		this.#limit = limit;
	}

	/** A topic for answers that no other node has. */
	get ownTopic(): string {
		return `flowbroker/response/${this.#prefix}`;
	}

	/** What was asked before goes on waiting: an answer may have been kept for this node. */
	attach(client: FlowClient | undefined): void {
		this.#client = client;
		this.#topics.attach(client);
	}

	/**
	 * @returns the answer
	 * Rejects with a {@link FlowbrokerError}: REQUEST_UNANSWERED, REQUESTS_FULL, or why the request could not be sent.
	 */
	ask(request: Request): Promise<Delivery> {
		return new Promise((resolve, reject) => {
			const waiting: Waiting = { ...request, resolve, reject, filter: undefined, timer: undefined };
			if (this.#asked.size + this.#line.size >= this.#limit) {
				const sentence = `The request to "${request.message.topic}" was not sent: ${this.#limit} requests of this node have no answer yet, and the node allows no more.`;
				reject(new FlowbrokerError("REQUESTS_FULL", sentence));
			} else if (request.plan.oneAtATime && this.#asked.size > 0) {
				this.#line.add(waiting);
			} else {
				this.#begin(waiting);
			}
		});
	}

	/** Nobody waits any more. */
	close(): void {
		const all = [...this.#asked.values(), ...this.#line];
		this.#asked.clear();
		this.#line.clear();
		for (const waiting of all) {
			clearTimeout(waiting.timer);
			const sentence = `The request to "${waiting.message.topic}" has no answer: the node was stopped.`;
			waiting.reject(new FlowbrokerError("REQUEST_UNANSWERED", sentence));
		}
		this.attach(undefined);
	}

	#begin(waiting: Waiting): void {
		const client = this.#client;
		const { message, plan, timeout } = waiting;
		try {
			if (!client) throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run.");
			const ownId = `${this.#prefix}${(this.#count++).toString(36)}`;
			const question = plan.question(message, ownId);
			const id = plan.oneAtATime ? (plan.idOf(message) as string) : ownId;
			this.#topics.listen(question.filter, plan);
			waiting.filter = question.filter;
			this.#asked.set(id, waiting);
			waiting.timer = setTimeout(() => this.#fail(id, waiting, unanswered(waiting)), timeout);
			client.publish(question.message, (problem) => {
				if (problem) this.#fail(id, waiting, problem);
			});
		} catch (error) {
			waiting.reject(toFlowbrokerError(error, "ENGINE_FAULT", `The request to "${message.topic}" could not be sent.`));
			this.#next();
		}
	}

	#answered(delivery: Delivery, plan: AnswerPlan): void {
		const id = plan.idOf(delivery);
		const waiting = id === undefined ? undefined : this.#asked.get(id);
		if (waiting && id !== undefined) this.#settle(id, waiting, () => waiting.resolve(delivery));
	}

	/** The broker does not let this client hear the answers. */
	#refused(filter: string, problem: FlowbrokerError): void {
		for (const [id, waiting] of [...this.#asked]) if (waiting.filter === filter) this.#fail(id, waiting, problem);
	}

	#fail(id: string, waiting: Waiting, problem: FlowbrokerError): void {
		this.#settle(id, waiting, () => waiting.reject(problem));
	}

	#settle(id: string, waiting: Waiting, tell: () => void): void {
		// Something else was quicker.
		if (this.#asked.get(id) !== waiting) return;
		this.#asked.delete(id);
		clearTimeout(waiting.timer);
		if (waiting.filter !== undefined) this.#topics.leave(waiting.filter);
		tell();
		this.#next();
	}

	#next(): void {
		for (const waiting of this.#line) {
			if (this.#asked.size > 0) return;
			this.#line.delete(waiting);
			this.#begin(waiting);
		}
	}
}

function unanswered({ message: { topic }, timeout }: Waiting): FlowbrokerError {
	const time = timeout === 1000 ? "1 second" : `${timeout / 1000} seconds`;
	const sentence = `No answer to the request to "${topic}" came within ${time}. Check that somebody listens there and answers, or allow more time in the node.`;
	return new FlowbrokerError("REQUEST_UNANSWERED", sentence);
}
