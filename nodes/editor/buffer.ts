/** Stands in for Node's Buffer in the browser, as far as shared code needs it. The build puts it where Buffer is used. */

export const Buffer = {
	byteLength: (text: string): number => new TextEncoder().encode(text).length,
};
