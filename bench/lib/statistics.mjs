// Figures of many measurements.

export function percentile(numbers, share) {
	const sorted = numbers.toSorted((one, other) => one - other);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(numbers) {
	return percentile(numbers, 0.5);
}
