/** Computes argon2id in worker threads, so that nobody else waits. The only file that touches hash-wasm. */

import { Worker } from "node:worker_threads";
import { FlowbrokerError } from "../errors";
import type { Argon2Cost } from "./password-hash";

export interface Argon2Job extends Argon2Cost {
	readonly password: Buffer;
	readonly salt: Buffer;
	/** Bytes of the result. */
	readonly length: number;
}

/** Code of its own rather than a file, so that it runs compiled and from source alike. */
const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const { argon2id } = require(workerData.library);
parentPort.on("message", async (job) => {
	try {
		parentPort.postMessage({ hash: await argon2id({ ...job, outputType: "binary" }) });
	} catch (error) {
		parentPort.postMessage({ error: String(error) });
	}
});`;

/** How long a worker without work keeps its memory, in milliseconds. */
const IDLE = 10_000;

interface Idle {
	readonly worker: Worker;
	readonly timer: NodeJS.Timeout;
}

/** Workers that come with the work and go when there is none. How many run at once is up to the caller. */
export class Argon2 {
	readonly #idle: Idle[] = [];
	readonly #busy = new Map<Worker, (error: Error) => void>();
	#closed = false;

	/** @throws FlowbrokerError PASSWORD_HASHING_FAILED when there is too little memory, or it was closed meanwhile */
	async hash(job: Argon2Job): Promise<Buffer> {
		if (this.#closed) throw failed("password hashing was stopped");
		const worker = this.#take();
		try {
			const hash = await this.#ask(worker, job);
			this.#putBack(worker);
			return hash;
		} catch (error) {
			void worker.terminate();
			throw error;
		} finally {
			this.#busy.delete(worker);
		}
	}

	/** Takes work again after {@link close}. */
	open(): void {
		this.#closed = false;
	}

	/** Ends all workers; work under way fails. */
	async close(): Promise<void> {
		this.#closed = true;
		const workers = [...this.#busy.keys(), ...this.#idle.map(({ worker }) => worker)];
		for (const fail of this.#busy.values()) fail(failed("password hashing was stopped"));
		for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
		await Promise.all(workers.map((worker) => worker.terminate()));
	}

	#take(): Worker {
		const idle = this.#idle.pop();
		if (!idle) return this.#start();
		clearTimeout(idle.timer);
		idle.worker.ref();
		return idle.worker;
	}

	#start(): Worker {
		const library = require.resolve("hash-wasm/dist/argon2.umd.min.js");
		const worker = new Worker(WORKER, { eval: true, execArgv: [], workerData: { library } });
		// One that ends by itself must neither end the process nor be given work.
		worker.on("error", () => {});
		worker.on("exit", () => this.#forget(worker));
		return worker;
	}

	#forget(worker: Worker): void {
		const at = this.#idle.findIndex((idle) => idle.worker === worker);
		for (const { timer } of at === -1 ? [] : this.#idle.splice(at, 1)) clearTimeout(timer);
	}

	#ask(worker: Worker, { password, salt, length, memory, iterations, parallelism }: Argon2Job): Promise<Buffer> {
		return new Promise((resolve, reject) => {
			const ended = (error: unknown) => reject(failed("the worker thread ended", error));
			this.#busy.set(worker, reject);
			worker.once("error", ended);
			worker.once("exit", ended);
			worker.once("message", (answer: { hash?: Uint8Array; error?: string }) => {
				worker.off("error", ended);
				worker.off("exit", ended);
				if (answer.hash) resolve(Buffer.from(answer.hash));
				else reject(failed("there may be too little memory", answer.error));
			});
			worker.postMessage({ password, salt, iterations, parallelism, memorySize: memory, hashLength: length });
		});
	}

	#putBack(worker: Worker): void {
		worker.unref();
		const retire = () => {
			this.#forget(worker);
			void worker.terminate();
		};
		this.#idle.push({ worker, timer: setTimeout(retire, IDLE).unref() });
	}
}

function failed(why: string, cause?: unknown): FlowbrokerError {
	return new FlowbrokerError("PASSWORD_HASHING_FAILED", `The password could not be checked: ${why}.`, cause);
}
