/** A small chart of the last values, as SVG. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 240;
const HEIGHT = 48;

export interface Chart {
	readonly element: SVGSVGElement;
	/** One more value for each line. @param label for screen readers */
	add(values: readonly number[], label: string): void;
}

/** Values that are kept of each line. */
const SIZE = 60;

/** @param classes one for each line. @param fromZero shows how far from zero the values are, not only how they differ */
export function chart(classes: readonly string[], fromZero: boolean): Chart {
	const element = document.createElementNS(SVG, "svg");
	element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
	element.setAttribute("preserveAspectRatio", "none");
	element.setAttribute("role", "img");
	element.setAttribute("class", "flowbroker-chart");
	const lines = classes.map((name) => {
		const path = document.createElementNS(SVG, "polyline");
		path.setAttribute("class", name);
		element.append(path);
		return { path, values: [] as number[] };
	});
	return {
		element,
		add(values, label) {
			for (const [at, line] of lines.entries()) line.values = [...line.values, values[at] ?? 0].slice(-SIZE);
			const all = lines.flatMap((line) => line.values);
			const lowest = Math.min(...all, ...(fromZero ? [0] : []));
			// Where all values are the same, they are shown at the bottom.
			const highest = Math.max(...all) > lowest ? Math.max(...all) : lowest + 1;
			for (const { path, values: shown } of lines) {
				const points = shown.map((value, at) => {
					// The newest value is at the right edge.
					const x = WIDTH - ((shown.length - 1 - at) * WIDTH) / (SIZE - 1);
					const y = HEIGHT - 2 - ((value - lowest) / (highest - lowest)) * (HEIGHT - 4);
					return `${x.toFixed(1)},${y.toFixed(1)}`;
				});
				path.setAttribute("points", points.join(" "));
			}
			element.setAttribute("aria-label", label);
		},
	};
}
