import {sayInAscii} from '../console/charset.js';
import {UnreadableFile} from '../engine/kept-file.js';
import {isDiskFull} from '../host/files.js';
import {t} from '../locales/index.js';
import {speakAsAsked} from './language.js';
import {exitStatus, harmlessLines, type RunEnded} from './plain.js';
import {Refusal} from './refusal.js';
import {rejoin} from './rejoin.js';
import {type Arguments, languageWishes, readArguments, UsageError} from './usage.js';

/**
Carries out a command line and returns the exit status. Commands are loaded when they are called: a
console that only attaches must not wait for what a worker needs.
*/
export async function main(argv: readonly string[]): Promise<number> {
	// A reader that went away, or a terminal that closed, is no reason to end with a stack trace.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', () => {});
		sayInAscii(stream, process.env);
	}

	try {
		if (argv[0] === 'worker') {
			return await (await import('./worker.js')).worker(argv.slice(1));
		}

		if (argv[0] === 'resume') {
			return await (await import('./resume.js')).resume(argv.slice(1));
		}

		if (argv[0] === 'view-init') {
			const {viewInit} = await import('../rehearsal/view-init.js');
			return await viewInit(argv[1] ?? '', argv[2] ?? '').then(() => 0);
		}

		return await carryOut(argv);
	} catch (error) {
		return explain(error, argv.includes('--json'));
	}
}

/** Says why nothing was done, or no more, and returns the exit status for it. */
function explain(error: unknown, json: boolean): number {
	if (error instanceof UsageError) {
		process.stderr.write(`omflow-tui: ${t('{message}\nSee omflow-tui --help.', {message: error.message})}\n`);
		return exitStatus.usage;
	}

	// What cannot be read now cannot be read by the next worker either.
	const isBlocked = error instanceof UnreadableFile;
	const status = error instanceof Refusal ? error.status : exitStatus[isBlocked ? 'blocked' : 'needs-attention'];
	const message = isDiskFull(error)
		? error.path
			? t('The disk is full: there is no room for {path}. Make room and start omflow-tui again.', {path: error.path})
			: t('The disk is full. Make room and start omflow-tui again.')
		: error instanceof Error
			? error.message
			: String(error);
	// It may quote what comes from elsewhere, such as a request.
	process.stderr.write(`omflow-tui: ${harmlessLines(message)}\n`);
	// Whoever reads events waits for the last one, also of a run that did not begin.
	const outcome = (['blocked', 'needs-attention'] as const).find(name => exitStatus[name] === status);
	if (json && outcome) {
		const ended: RunEnded = {time: Date.now(), event: 'run-ended', outcome, message, downtimeSeconds: 0};
		process.stdout.write(`${JSON.stringify(ended)}\n`);
	}

	return status;
}

type Command = (given: Arguments) => Promise<number>;

const commands: ReadonlyMap<string | undefined, Command> = new Map<string | undefined, Command>([
	[undefined, async given => (await rejoin(given)) ?? (await import('./home.js')).home(given)],
	['upgrade', async given => (await rejoin(given)) ?? (await import('./upgrade.js')).upgrade(given)],
	['rehearse', async given => (await rejoin(given)) ?? (await import('./rehearse.js')).rehearse(given)],
	['check', async given => (await import('./check.js')).check(given)],
	[
		'restore',
		async given =>
			(await (isAside(given) ? undefined : rejoin(given))) ?? (await import('./restore.js')).restore(given),
	],
	['kit', async given => (await import('./kit.js')).kit(given)],
	['rollback', async given => (await import('./rollback.js')).rollback(given)],
	['status', async given => (await import('./status.js')).status(given)],
]);

/** What only looks at backups, or removes one, joins no run. */
function isAside({check, list, remove}: Arguments): boolean {
	return check || list || remove;
}

/** How many words may follow a command: only backups, requests and kits are named without an option. */
function wordsOf({command, list, positionals: [word]}: Arguments): number {
	if (command === 'kit') {
		return word === 'build' || word === 'check' ? 2 : 1;
	}

	return command === 'restore' && !list ? 1 : 0;
}

async function carryOut(argv: readonly string[]): Promise<number> {
	// First, so that what is wrong with the arguments is said in that language too.
	await speakAsAsked(languageWishes(argv));
	const given = readArguments(argv);
	if (given.help) {
		process.stdout.write(`${(await import('./help.js')).help()}\n`);
		return 0;
	}

	if (given.version) {
		process.stdout.write(`${(await import('./version.js')).version}\n`);
		return 0;
	}

	const command = commands.get(given.command);
	if (!command) {
		throw new UsageError(t('There is no command “{command}”.', {command: given.command}));
	}

	const extra = given.positionals[wordsOf(given)];
	if (extra !== undefined) {
		const hint = /\.t(?:ar\.)?gz$/i.test(extra) ? t(' An archive is given with --patch {extra}', {extra}) : '';
		throw new UsageError(t('“{extra}” is one word too many.{hint}', {extra, hint}));
	}

	return command(given);
}
