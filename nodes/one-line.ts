/** Text of clients and other brokers for Node-RED's log: none of it may look like a line of its own. */

export function oneLine(text: string): string {
	return text.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
