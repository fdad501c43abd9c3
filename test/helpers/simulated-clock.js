/**
 * Preloaded into a runtime (`node --require`): the timers and dates of Node-RED's own nodes follow a clock that the test
 * moves, so that hours pass in milliseconds and always in the same order. Broker, sockets and everything else stay in
 * real time. A message `{ advance: milliseconds }` over the IPC channel moves the clock; `{ now }` answers.
 */

const Module = require("node:module");

const RealDate = Date;
let now = RealDate.parse(process.env.SIMULATED_NOW);
let sequence = 0;
/** Handle -> what is due when. */
const timers = new Map();

class Timer {
	constructor() {
		this.id = ++sequence;
	}
	ref() {
		return this;
	}
	unref() {
		return this;
	}
	hasRef() {
		return true;
	}
	[Symbol.toPrimitive]() {
		return this.id;
	}
}

function start(callback, delay, args, every) {
	const handle = new Timer();
	const wait = Math.max(1, Number(delay) || 0);
	timers.set(handle, { due: now + wait, callback, args, every: every ? wait : undefined });
	return handle;
}

class SimulatedDate extends RealDate {
	constructor(...args) {
		super(...(args.length === 0 ? [now] : args));
	}
	static now() {
		return now;
	}
}

globalThis.simulatedClock = {
	setTimeout: (callback, delay, ...args) => start(callback, delay, args, false),
	setInterval: (callback, delay, ...args) => start(callback, delay, args, true),
	clearTimeout: (handle) => void timers.delete(handle),
	clearInterval: (handle) => void timers.delete(handle),
	Date: SimulatedDate,
};

const steered = /@node-red[\\/]nodes[\\/]core[\\/](?:common|function)[\\/][^\\/]+\.js$/;
const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
	const names = "setTimeout, setInterval, clearTimeout, clearInterval, Date";
	// The function node hands them on to its functions.
	const text = steered.test(filename) ? `const { ${names} } = globalThis.simulatedClock; ${content}` : content;
	return compile.call(this, text, filename, ...rest);
};

/** The first timer that is due until then. */
function next(until) {
	let found;
	for (const entry of timers) {
		if (entry[1].due <= until && (!found || entry[1].due < found[1].due)) found = entry;
	}
	return found;
}

/** Node-RED hands messages on in turns of the event loop: a timer's consequences come before the next timer. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function advance(milliseconds) {
	const until = now + milliseconds;
	for (let entry = next(until); entry; entry = next(until)) {
		const [handle, { due, callback, args, every }] = entry;
		now = Math.max(now, due);
		if (every === undefined) timers.delete(handle);
		else timers.set(handle, { due: due + every, callback, args, every });
		callback(...args);
		for (let turns = 0; turns < 8; turns++) await turn();
	}
	now = until;
	process.send({ now });
}

process.on("message", (message) => {
	if (typeof message?.advance === "number") void advance(message.advance);
});
// A runtime whose test is gone goes, too; the channel alone does not keep it alive.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
