// node bench/chart.mjs REPORT.json CHART.svg: processor time beside Mosquitto's, as bars, of a report of `npm run bench`.
import { readFileSync, writeFileSync } from "node:fs";

const [input, output] = process.argv.slice(2);
const { machine, mosquitto, rounds, cases } = JSON.parse(readFileSync(input, "utf8"));

/** The figure of each case that is processor time. */
const bars = cases.flatMap(({ title, rows }) => {
	const base = rows[0].figures;
	const ours = rows.find(({ name }) => name.startsWith("flowbroker"))?.figures ?? {};
	return Object.keys(base)
		.filter((key) => key.includes("CPU") && base[key] > 0 && ours[key] !== undefined)
		.map((key) => ({
			label: key.startsWith("CPU") ? title : `${title}: ${key.split(":")[0]}`,
			ratio: ours[key] / base[key],
		}));
});

const LEFT = 330;
const UNIT = 160;
const STEP = 26;
const MOST = 2.2;
const text = (x, y, words, more = "") =>
	`<text x="${x}" y="${y}" ${more}>${words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
const rows = bars.map(({ label, ratio }, at) => {
	const y = 56 + at * STEP;
	const width = Math.max(2, Math.min(ratio, MOST) * UNIT);
	const color = ratio <= 1 ? "#2a7d4f" : "#b0562a";
	return (
		text(LEFT - 8, y + 14, label, 'text-anchor="end"') +
		`<rect x="${LEFT}" y="${y}" width="${width}" height="18" fill="${color}"/>` +
		text(LEFT + width + 6, y + 14, `${ratio.toFixed(2)} x`)
	);
});
const height = 56 + bars.length * STEP + 34;
const width = LEFT + MOST * UNIT + 70;
writeFileSync(
	output,
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${text(12, 22, "Processor time of flowbroker beside Mosquitto = 1, in the same run; shorter is better", 'font-weight="bold"')}
<line x1="${LEFT + UNIT}" y1="46" x2="${LEFT + UNIT}" y2="${height - 34}" stroke="#888" stroke-dasharray="4 3"/>
${rows.join("\n")}
${text(12, height - 12, `${machine}; ${mosquitto}; median of ${rounds} rounds`, 'fill="#555" font-size="11"')}
</svg>
`,
);
