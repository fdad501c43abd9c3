/** Steps through the fields of one packet and remembers the first thing that is wrong. */

import { problems, type WireProblem } from "./problems";
import { topicFilterProblem, topicNameProblem } from "./topics";
import { utf8Problem } from "./utf8";

/**
 * After the first problem the reader stands at its end, and every further read gives 0. So a check reads field after
 * field and asks for {@link FieldReader.problem} once.
 */
export class FieldReader {
	problem: WireProblem | undefined = undefined;

	/**
	 * @param bytes where the fields are
	 * @param at the next byte to read
	 * @param end the first byte that does not belong to the fields any more
	 * @param userProperties how many of them there may be
	 */
	constructor(
		readonly bytes: Buffer,
		public at: number,
		public end: number,
		private userProperties = Number.POSITIVE_INFINITY,
	) {}

	/** Is there another field to read? */
	get more(): boolean {
		return this.at < this.end && this.problem === undefined;
	}

	fail(problem: WireProblem): void {
		this.problem ??= problem;
		this.at = this.end;
	}

	/** Call after the last field. */
	finish(): WireProblem | undefined {
		if (this.at < this.end) this.fail(problems.trailingBytes);
		return this.problem;
	}

	byte(): number {
		return this.#has(1) ? (this.bytes[this.at++] as number) : 0;
	}

	uint16(): number {
		if (!this.#has(2)) return 0;
		const value = ((this.bytes[this.at] as number) << 8) | (this.bytes[this.at + 1] as number);
		this.at += 2;
		return value;
	}

	uint32(): number {
		if (!this.#has(4)) return 0;
		const value = this.bytes.readUInt32BE(this.at);
		this.at += 4;
		return value;
	}

	/** A variable byte integer in the fewest bytes that hold it. [MQTT-1.5.5-1] */
	varint(): number {
		let value = 0;
		for (let shift = 0; shift < 28; shift += 7) {
			const byte = this.byte();
			if (byte < 0x80) {
				if (byte === 0 && shift > 0) this.fail(problems.numberNotMinimal);
				return this.problem ? 0 : value | (byte << shift);
			}
			value |= (byte & 0x7f) << shift;
		}
		this.fail(problems.numberTooLong);
		return 0;
	}

	packetId(): void {
		if (this.uint16() === 0) this.fail(problems.packetIdZero);
	}

	/** Two bytes of length and that many bytes of anything. */
	binary(): void {
		this.#sized();
	}

	/** A text that nobody needs to have decoded. */
	text(): void {
		const from = this.#sized();
		this.#check(utf8Problem(this.bytes, from, this.at));
	}

	/** A text, decoded. */
	string(): string {
		const from = this.#sized();
		this.#check(utf8Problem(this.bytes, from, this.at));
		return this.problem ? "" : this.bytes.toString("utf8", from, this.at);
	}

	/** Name and value. */
	userProperty(): void {
		if (--this.userProperties < 0) this.fail(problems.userProperties);
		this.text();
		this.text();
	}

	/** @returns its length in bytes: an empty name is the caller's to judge */
	topicName(maxLevels: number): number {
		const from = this.#sized();
		const length = this.at - from;
		this.#check(topicNameProblem(this.bytes, from, this.at, maxLevels));
		return length;
	}

	/** @returns the offset of its first byte */
	topicFilter(maxLevels: number): number {
		const from = this.#sized();
		this.#check(topicFilterProblem(this.bytes, from, this.at, maxLevels));
		return from;
	}

	/** @returns the offset behind the two length bytes; `at` is moved behind the whole field */
	#sized(): number {
		const length = this.uint16();
		const from = this.at;
		if (this.#has(length)) this.at = from + length;
		return this.problem ? this.at : from;
	}

	#has(count: number): boolean {
		if (this.at + count <= this.end) return true;
		this.fail(problems.truncated);
		return false;
	}

	#check(problem: WireProblem | undefined): void {
		if (problem) this.fail(problem);
	}
}
