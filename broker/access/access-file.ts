/** The file `access.json`: loaded, watched, and written in one step; what is broken is never taken over. */

import { dirname } from "node:path";
import { FlowbrokerError, toFlowbrokerError } from "../errors";
import { whyUnreadable } from "../file-reason";
import { makeFolders } from "../make-folders";
import { decodeText } from "./decode-text";
import { BrokenDocumentError, parseDocument, serialiseDocument } from "./document";
import { withFileLock } from "./file-lock";
import type { FileProblem } from "./file-problem";
import { type AccessDocument, emptyDocument } from "./model";
import { WatchedFile } from "./watched-file";
import { writeAtomically } from "./write-atomically";

export interface AccessFileOptions {
	/** What holds while there is no file yet. */
	readonly whenMissing: AccessDocument;
	/** After each change, by whomever. `silent`: sessions need not be checked against it. */
	readonly onDocument: (now: AccessDocument, before: AccessDocument, silent: boolean) => void;
	readonly onProblem: (problem: FileProblem) => void;
}

/** Makes a new document of the present one, or throws to leave everything as it is. */
export type Edit = (document: AccessDocument) => AccessDocument;

interface Job {
	readonly edit: Edit;
	readonly silent: boolean;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

export class AccessFile {
	readonly #file: WatchedFile;
	#document: AccessDocument = emptyDocument;
	#problem: FileProblem | undefined;
	#loaded = false;
	#jobs: Job[] = [];
	/** Reading and writing go one after the other. */
	#work: Promise<void> = Promise.resolve();

	constructor(
		path: string,
		private readonly options: AccessFileOptions,
	) {
		const onMaybeChanged = () => void this.reload();
		this.#file = new WatchedFile(path, { onMaybeChanged, onProblem: options.onProblem });
	}

	get path(): string {
		return this.#file.path;
	}

	/** What holds now: the last content that was valid. Until there is one, nobody may do anything. */
	get document(): AccessDocument {
		return this.#document;
	}

	/** Why the file's present content is not used; `undefined` when it is. */
	get problem(): FileProblem | undefined {
		return this.#problem;
	}

	/** Makes the directory if need be, reads the file and begins to watch. What goes wrong is a problem, not an error. */
	start(): Promise<void> {
		return this.#inTurn(async () => {
			// Without a directory, reading and watching fail too, and tell why.
			await makeFolders(dirname(this.path), 0o700).catch(() => {});
			// Before reading, so that no change is missed.
			this.#file.start();
			await this.#takeOver();
		});
	}

	/** Ends watching; resolves when what was asked for before is written. */
	async stop(): Promise<void> {
		// A start under way ends first, so that it leaves nothing behind.
		await this.#work;
		this.#file.stop();
		await this.#work;
	}

	/** Takes over what is in the file now, if it is valid. */
	reload(): Promise<void> {
		return this.#inTurn(() => this.#takeOver());
	}

	/**
	 * Changes the document; resolves when the change is on the disk and in force. Changes that come while another is
	 * being written are written together. Another process that changes the file in this way waits: nobody's change is lost.
	 * @param silent sessions need not be checked against this change
	 * @throws FlowbrokerError what the edit throws; ACCESS_FILE_BROKEN while somebody's broken edit is in the file, which
	 * would be lost; ACCESS_FILE_BUSY; ACCESS_FILE_UNWRITABLE
	 */
	change(edit: Edit, silent = false): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#jobs.push({ edit, silent, resolve, reject });
			if (this.#jobs.length === 1) void this.#inTurn(() => this.#writeLocked());
		});
	}

	#inTurn(work: () => Promise<void>): Promise<void> {
		this.#work = this.#work.then(work);
		return this.#work;
	}

	/** Nobody is told of a change before the lock is gone: a process may end as soon as it knows. */
	async #writeLocked(): Promise<void> {
		let tell = () => {};
		try {
			await withFileLock(this.path, async () => {
				tell = await this.#writeJobs();
			});
		} catch (cause) {
			const error = toFlowbrokerError(cause, "ACCESS_FILE_UNWRITABLE", this.#unwritable());
			for (const job of this.#jobs.splice(0)) job.reject(error);
		}
		tell();
	}

	/** @returns tells those who asked what came of it */
	async #writeJobs(): Promise<() => void> {
		await this.#takeOver();
		const jobs = this.#jobs;
		this.#jobs = [];
		const blocked = this.#problem?.error;
		if (blocked && blocked.code !== "ACCESS_FILE_MISSING") {
			return () => {
				for (const job of jobs) job.reject(blocked);
			};
		}
		const done: Array<() => void> = [];
		const steps: Array<{ job: Job; document: AccessDocument }> = [];
		for (const job of jobs) {
			try {
				steps.push({ job, document: job.edit(steps.at(-1)?.document ?? this.#document) });
			} catch (error) {
				done.push(() => job.reject(error));
			}
		}
		const last = steps.at(-1);
		try {
			if (last && last.document !== this.#document) await this.#write(last.document);
			for (const { job, document } of steps) {
				this.#use(document, job.silent);
				done.push(job.resolve);
			}
		} catch (cause) {
			const error = new FlowbrokerError("ACCESS_FILE_UNWRITABLE", this.#unwritable(), cause);
			done.push(
				...steps.map(
					({ job }) =>
						() =>
							job.reject(error),
				),
			);
		}
		return () => {
			for (const each of done) each();
		};
	}

	async #write(document: AccessDocument): Promise<void> {
		await writeAtomically(this.path, serialiseDocument(document));
		await this.#file.markSeen();
		this.#problem = undefined;
	}

	async #takeOver(): Promise<void> {
		try {
			const bytes = await this.#file.readIfChanged();
			if (!bytes) return;
			const text = decodeText(bytes);
			if (text === undefined) throw new BrokenDocumentError("It is not text in UTF-8.", null);
			// Some editors put a byte order mark in front.
			const document = parseDocument(text.replace(/^\ufeff/, ""));
			this.#problem = undefined;
			this.#loaded = true;
			this.#use(document, false);
		} catch (error) {
			if (!this.#loaded && (error as NodeJS.ErrnoException).code === "ENOENT") {
				this.#loaded = true;
				this.#use(this.options.whenMissing, false);
				return;
			}
			this.#problem = this.#describe(error);
			this.options.onProblem(this.#problem);
		}
	}

	#use(document: AccessDocument, silent: boolean): void {
		const before = this.#document;
		if (document === before) return;
		this.#document = document;
		this.#loaded = true;
		this.options.onDocument(document, before, silent);
	}

	#unwritable(): string {
		return `The change was not made: ${this.path} cannot be written. Is the disk full, or read only?`;
	}

	#describe(error: unknown): FileProblem {
		const kept = this.#loaded
			? "The users and rules from before stay in force."
			: "Until it is repaired nobody can log in.";
		const tell = (why: FlowbrokerError, line: number | null): FileProblem => ({
			file: this.path,
			line,
			severity: "error",
			error: why,
		});
		if (error instanceof BrokenDocumentError) {
			const sentence = `The access file ${this.path} is not used: ${error.message} ${kept}`;
			return tell(new FlowbrokerError("ACCESS_FILE_BROKEN", sentence, error), error.line);
		}
		if ((error as NodeJS.ErrnoException).code === "ENOENT") {
			const sentence = `The access file ${this.path} has disappeared. ${kept} The next change writes it again.`;
			return tell(new FlowbrokerError("ACCESS_FILE_MISSING", sentence, error), null);
		}
		const sentence = `The access file ${this.path} can't be read: ${whyUnreadable(error)}. ${kept}`;
		return tell(new FlowbrokerError("ACCESS_FILE_UNREADABLE", sentence, error), null);
	}
}
