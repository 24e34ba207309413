import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {help, readArguments, UsageError} from './usage.js';

/**
Carries out a command line and returns the exit status. Commands are loaded when they are called: a
console that only attaches must not wait for what a worker needs.
*/
export async function main(argv: readonly string[]): Promise<number> {
	// A reader that went away, or a terminal that closed, is no reason to end with a stack trace.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', () => {});
	}

	try {
		if (argv[0] === 'worker') {
			return await (await import('./worker.js')).worker(argv.slice(1));
		}

		if (argv[0] === 'view-init') {
			const {viewInit} = await import('../rehearsal/view-init.js');
			return await viewInit(argv[1] ?? '', argv[2] ?? '').then(() => 0);
		}

		return await carryOut(argv);
	} catch (error) {
		if (error instanceof UsageError) {
			process.stderr.write(`omflow-tui: ${error.message}\nSee omflow-tui --help.\n`);
			return exitStatus.usage;
		}

		if (error instanceof Refusal) {
			process.stderr.write(`omflow-tui: ${error.message}\n`);
			return error.status;
		}

		process.stderr.write(`omflow-tui: ${error instanceof Error ? error.message : String(error)}\n`);
		return exitStatus['needs-attention'];
	}
}

async function carryOut(argv: readonly string[]): Promise<number> {
	const given = readArguments(argv);
	if (given.help) {
		process.stdout.write(`${help}\n`);
		return 0;
	}

	if (given.version) {
		process.stdout.write(`${(await import('./version.js')).version}\n`);
		return 0;
	}

	if (given.positionals.length > 0) {
		throw new UsageError(`“${given.positionals[0]}” is one word too many.`);
	}

	switch (given.command) {
		case undefined:
			return (await import('./home.js')).home(given);
		case 'upgrade':
			return (await import('./upgrade.js')).upgrade(given);
		case 'rehearse':
			return (await import('./rehearse.js')).rehearse(given);
		case 'status':
			return (await import('./status.js')).status(given);
		default:
			throw new UsageError(`There is no command “${given.command}”.`);
	}
}
