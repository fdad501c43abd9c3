// Preloaded into a process with --expose-gc: on SIGUSR2 it collects garbage and prints the memory that is left.
process.on("SIGUSR2", () => {
	global.gc();
	global.gc();
	const { heapUsed, rss } = process.memoryUsage();
	const megabytes = (bytes) => (bytes / 1_048_576).toFixed(1);
	const handles = process.getActiveResourcesInfo().length;
	console.log(`memory: heap ${megabytes(heapUsed)} MB, process ${megabytes(rss)} MB, ${handles} handles`);
});
