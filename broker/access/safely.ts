/** Calls of functions that others gave us: what they throw must not stop our own work. */

/** @returns a function that calls the given one, and makes a warning of what it throws */
export function safely<T>(listener: (value: T) => void): (value: T) => void {
	return (value) => {
		try {
			listener(value);
		} catch (error) {
			process.emitWarning(String(error instanceof Error ? error.stack : error));
		}
	};
}
