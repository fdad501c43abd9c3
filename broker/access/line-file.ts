/** A file of lines that people edit: taken over as a whole when all its lines are good, and only then. */

import { type ErrorCode, FlowbrokerError } from "../errors";
import { whyUnreadable } from "../file-reason";
import { decodeText } from "./decode-text";
import type { FileProblem } from "./file-problem";
import type { LineProblem } from "./mosquitto-line";
import { WatchedFile } from "./watched-file";

export interface LineFileOptions<T> {
	/** Must not throw. */
	readonly parse: (text: string) => T;
	readonly use: (content: T) => void;
	/** Is the first content used even if some of its lines are bad? Only where a missing line takes rights away. */
	readonly goodLinesAtStart: boolean;
	readonly onProblem: (problem: FileProblem) => void;
}

/** What can be done with the file whatever its content is. */
export type ReloadedFile = Pick<LineFile<never>, "errors" | "start" | "stop" | "reload">;

/** So many lines of one file are told of; after that only how many more there are. */
const TOLD = 20;

export class LineFile<T extends { readonly problems: readonly LineProblem[] }> {
	readonly #file: WatchedFile;
	#errors: readonly FileProblem[] = [];
	#loaded = false;
	#work: Promise<void> = Promise.resolve();

	constructor(
		path: string,
		private readonly options: LineFileOptions<T>,
	) {
		const onMaybeChanged = () => void this.reload();
		this.#file = new WatchedFile(path, { onMaybeChanged, onProblem: options.onProblem });
	}

	/** Why the present content, or a part of it, is not used; empty when it is. */
	get errors(): readonly FileProblem[] {
		return this.#errors;
	}

	/** Begins to watch, and reads the file. One that cannot be used is a problem, not an error. */
	async start(): Promise<void> {
		this.#file.start();
		await this.reload();
	}

	async stop(): Promise<void> {
		this.#file.stop();
		await this.#work;
	}

	/** Takes over what is in the file now, if it is valid. */
	reload(): Promise<void> {
		this.#work = this.#work.then(() => this.#takeOver());
		return this.#work;
	}

	async #takeOver(): Promise<void> {
		try {
			const bytes = await this.#file.readIfChanged();
			if (!bytes) return;
			const text = decodeText(bytes);
			if (text === undefined) return this.#tell([this.#broken(null, "it is not text in UTF-8", "error")]);
			this.#take(this.options.parse(text));
		} catch (cause) {
			const gone = (cause as NodeJS.ErrnoException).code === "ENOENT";
			const code = gone ? "ACCESS_FILE_MISSING" : "ACCESS_FILE_UNREADABLE";
			const why = gone ? "does not exist" : `can't be read: ${whyUnreadable(cause)}`;
			const sentence = `The file ${this.#file.path} ${why}. ${this.#consequence()}`;
			this.#tell([this.#problem(null, code, sentence, "error", cause)]);
		}
	}

	#take(content: T): void {
		const good = content.problems.every(({ severity }) => severity !== "error");
		this.#tell(
			content.problems.map(({ line, text, reason, severity }) =>
				this.#broken(line, `line ${line} (${text}): ${reason}`, severity),
			),
		);
		if (!good && (this.#loaded || !this.options.goodLinesAtStart)) return;
		this.#loaded = true;
		this.options.use(content);
	}

	#tell(problems: readonly FileProblem[]): void {
		this.#errors = problems.filter(({ severity }) => severity === "error");
		for (const problem of problems.slice(0, TOLD)) this.options.onProblem(problem);
		const more = problems.length - TOLD;
		if (more > 0) this.options.onProblem(this.#broken(null, `${more} more lines have problems`, "error"));
	}

	#broken(line: number | null, reason: string, severity: FileProblem["severity"]): FileProblem {
		const end = severity === "error" ? ` ${this.#consequence()}` : "";
		return this.#problem(line, "MOSQUITTO_FILE_BROKEN", `${this.#file.path}: ${reason}.${end}`, severity);
	}

	#problem(
		line: number | null,
		code: ErrorCode,
		sentence: string,
		severity: FileProblem["severity"],
		cause?: unknown,
	): FileProblem {
		return { file: this.#file.path, line, severity, error: new FlowbrokerError(code, sentence, cause) };
	}

	#consequence(): string {
		if (this.#loaded) return "What was in the file before stays in force.";
		return this.options.goodLinesAtStart
			? "Who stands there cannot log in."
			: "Until it is repaired nothing is allowed.";
	}
}
