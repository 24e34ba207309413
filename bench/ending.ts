/** What the bench still has to end and remove, newest last. */
const open: Array<() => Promise<void>> = [];

/** Has something ended when the bench is over, however it ends. Returns how to end it earlier. */
export function atEnd(end: () => Promise<void> | void): () => Promise<void> {
	const once = async () => {
		const index = open.indexOf(once);
		if (index !== -1) {
			open.splice(index, 1);
			await end();
		}
	};
	open.push(once);
	return once;
}

let ending: Promise<void> | undefined;

/** Ends everything, newest first; one that cannot be ended does not keep the others. For the end of the bench. */
export function endAll(): Promise<void> {
	ending ??= (async () => {
		for (let end = open.at(-1); end; end = open.at(-1)) {
			await end().catch(error => process.stderr.write(`Left behind: ${String(error)}\n`));
		}
	})();
	return ending;
}

for (const [signal, status] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	process.on(signal, () => void endAll().then(() => process.exit(status)));
}
