import {createHash} from 'node:crypto';
import {readFile, rm, stat} from 'node:fs/promises';
import {homedir, hostname} from 'node:os';
import {basename, dirname, resolve} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {createRun} from '../engine/launch.js';
import {kitPlaces, newRunId, type Plan, places} from '../engine/places.js';
import {removeTree, writeDurably} from '../host/files.js';
import {networkEnvironment, pipPatience} from '../host/pip.js';
import {type BuildFacts, buildPaths} from '../kit/build/facts.js';
import {isKitPath} from '../kit/manifest.js';
import {type KitRequest, longestRequest, readRequest} from '../kit/request.js';
import {t} from '../locales/index.js';
import {parseVersion} from '../omflow/version.js';
import {type Driven, drive} from './drive.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {alone, closeRun, goOn, isUnfinished, knownRuns, prepareState, refuseWhenLocked, unfinishedRun} from './runs.js';
import {wantsConsole} from './terminal.js';
import {type Arguments, UsageError} from './usage.js';
import {version} from './version.js';
import {archivesOf, targetOf} from './way.js';

/**
Builds the kit that a server asks for, or goes on with the one that is not finished. A run like any other: it outlives the
connection, and what was fetched is not fetched again.
*/
export async function buildKit(given: Arguments): Promise<number> {
	const [, named] = given.positionals;
	const {state} = kitPlaces(given.state);
	if (named === undefined && !(await unfinishedRun(state))) {
		throw new UsageError(t('Which request? Name the file that “omflow-tui kit request” wrote on the server.'));
	}

	await prepareState(state);
	const begun = await alone(given.state, () => begin(given, named === undefined ? undefined : resolve(named), state));
	const {outcome, status} = await drive(begun, given);
	if (outcome) {
		await alone(given.state, () => tidy(state));
	}

	if (outcome === 'kept' && wantsConsole(given)) {
		process.stdout.write(`${t('Copy it to the server, and type there: omflow-tui kit check KIT')}\n`);
	}

	return status;
}

async function begin(given: Arguments, file: string | undefined, state: string): Promise<Driven> {
	const unattended = !wantsConsole(given);
	const unfinished = await unfinishedRun(state);
	const wanted = file === undefined ? undefined : await wantedFrom(given, file);
	if (!wanted && isChanged(given)) {
		throw new UsageError(t('To change how the kit is built, name the request again: omflow-tui kit build REQUEST …'));
	}

	if (unfinished && (!wanted || isSame(unfinished.plan, wanted.plan))) {
		if (unattended) {
			await refuseWhenLocked(state, 'omflow-tui kit build');
		}

		process.stderr.write(
			`omflow-tui: ${t('the kit {output} is not finished; going on with it.', {output: String(unfinished.plan.options.output)})}\n`,
		);
		await lendAgent(places.run(state, unfinished.id));
		return goOn({state, id: unfinished.id, unattended});
	}

	if (!wanted || file === undefined) {
		throw new Refusal(
			t('The kit that was not finished is so by now. Name a request to build another one.'),
			exitStatus.locked,
		);
	}

	await refuseWhenLocked(state, 'omflow-tui kit build');
	if (unfinished) {
		// It had changed nothing.
		process.stderr.write(
			`omflow-tui: ${t('the kit {output} was not finished and is given up; what it had fetched serves this one.', {output: String(unfinished.plan.options.output)})}\n`,
		);
		await closeRun(state, unfinished.id);
	}

	await tidy(state);
	const id = await newRunId(state);
	const run = await createRun(state, {...wanted.plan, id}, {'request.json': wanted.text});
	await lendAgent(run);
	return goOn({state, id, unattended});
}

/** What a build that is over has put together is in its archive, and what it has fetched in the cache. */
async function tidy(state: string): Promise<void> {
	for (const run of await knownRuns(state)) {
		const directory = places.run(state, run.id);
		if (!isUnfinished(run)) {
			await Promise.all([buildPaths.kit, buildPaths.work].map(path => removeTree(path({directory}))));
		}
	}
}

/** The worker has none of this session, and the next session has another. */
async function lendAgent(run: string): Promise<void> {
	const socket = process.env.SSH_AUTH_SOCK;
	await (socket ? writeDurably(buildPaths.agent(run), socket) : rm(buildPaths.agent(run), {force: true}));
}

type Wanted = {readonly plan: Omit<Plan, 'id'>; readonly text: string};

/** The plan for a request, before anything is made for a build that could only fail. */
async function wantedFrom(given: Arguments, file: string): Promise<Wanted> {
	const {request, text} = await readable(file);
	const archives = await archivesOf(given);
	const brought = targetOf(archives, {to: given.to});
	if (brought && brought.text !== parseVersion(request.to).text) {
		throw new Refusal(
			t(
				'The request is for {to}, and the newest archive brings {brought}. Name the archive for that version; one that is named after another leads there with --to {to}.',
				{to: request.to, brought: brought.text},
			),
			exitStatus.blocked,
		);
	}

	const output = given.output ?? resolve(`omflow-kit-${request.host}-${request.to}.tar.zst`);
	if (!/\.tar\.(?:zst|gz)$/.test(output)) {
		throw new UsageError(t('--output ends in .tar.zst or .tar.gz, and {output} does not.', {output: basename(output)}));
	}

	await refuseNames(
		archives.map(archive => archive.file),
		output,
	);
	const {ca, credentials, index, sign, sources, wheels} = given;
	for (const path of [sign, sources, credentials, ca]) {
		if (path !== undefined && !(await stat(path).catch(() => undefined))?.isFile()) {
			throw new Refusal(t('There is no file {path}.', {path}));
		}
	}

	for (const path of [wheels, dirname(output)]) {
		if (path !== undefined && !(await stat(path).catch(() => undefined))?.isDirectory()) {
			throw new Refusal(t('There is no folder {path}.', {path}));
		}
	}

	if (index !== undefined && !/^https?:\/\/[^@\s]+$/.test(index)) {
		throw new UsageError(
			t('--index wants the address of a package index, without user and password: those go into --credentials FILE.'),
		);
	}

	const options: Omit<BuildFacts, 'request'> = {
		patches: archives.map(archive => archive.file),
		output,
		program: version,
		cache: kitPlaces(given.state).cache,
		trusted: await trustedFiles(ca),
		pipConfigurations: [
			process.env.PIP_CONFIG_FILE,
			`${homedir()}/.config/pip/pip.conf`,
			`${homedir()}/.pip/pip.conf`,
		].filter(path => path !== undefined),
		...(ca ? {ca} : {}),
		...(credentials ? {credentials} : {}),
		...(index ? {index} : {}),
		...(sign ? {sign} : {}),
		...(sources ? {sources} : {}),
		...(wheels ? {wheels} : {}),
	};
	return {
		text,
		plan: {
			schema: 2,
			kind: 'kit',
			host: hostname(),
			to: request.to,
			hops: [{to: request.to, runbook: 'kit', options: {from: request.from}}],
			createdAt: Date.now(),
			unattended: !wantsConsole(given),
			networkEnvironment: {...pipPatience, ...(await networkEnvironment())},
			options: {...options, requested: createHash('sha256').update(text).digest('hex')},
		},
	};
}

/** Whether a build that is not finished is the one that is asked for again, with the same program. */
function isSame(begun: Plan, {options}: Omit<Plan, 'id'>): boolean {
	return isDeepStrictEqual(begun.options, JSON.parse(JSON.stringify(options)));
}

/** Whether a command line says how a kit is to be built. */
function isChanged({ca, credentials, index, output, patches, sign, sources, wheels}: Arguments): boolean {
	return [ca, credentials, index, output, sign, sources, wheels].some(Boolean) || patches.length > 0;
}

/** What could only fail when everything else is done. */
async function refuseNames(patches: readonly string[], output: string): Promise<void> {
	const strange = patches.find(path => !isKitPath(`patches/${basename(path)}`));
	if (strange) {
		throw new Refusal(
			t('{strange} has a name that no file of a kit has. Give it the name under which it was offered.', {strange}),
		);
	}

	const names = patches.map(path => basename(path));
	const twice = names.find((name, index) => names.indexOf(name) < index);
	if (twice) {
		throw new Refusal(t('There are two archives {twice}. Name one of them.', {twice}));
	}

	if ((await stat(output).catch(() => undefined))?.isDirectory()) {
		throw new Refusal(t('{output} is a folder. Name the file to write with --output.', {output}));
	}
}

async function readable(file: string): Promise<{readonly request: KitRequest; readonly text: string}> {
	const found = await stat(file).catch(() => undefined);
	if (!found?.isFile()) {
		throw new Refusal(
			t('There is no file {file}. Name the one that “omflow-tui kit request” wrote on the server.', {file}),
		);
	}

	if (found.size > longestRequest) {
		throw new Refusal(t('{file} is too large to be a request.', {file}), exitStatus.blocked);
	}

	try {
		const text = await readFile(file, 'utf8');
		return {request: readRequest(text), text};
	} catch (error) {
		throw new Refusal(
			t('{file} cannot be used. {message}', {file, message: (error as Error).message}),
			exitStatus.blocked,
		);
	}
}

/** Files with the certificates that this machine trusts, and the one that was named. */
async function trustedFiles(ca: string | undefined): Promise<string[]> {
	const named = ['PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'].map(name => process.env[name] ?? '');
	const paths = [...new Set(['/etc/ssl/certs/ca-certificates.crt', ...named, ca ?? ''].filter(Boolean))];
	const there = await Promise.all(
		paths.map(async path => ((await stat(path).catch(() => undefined))?.isFile() ? path : undefined)),
	);
	return there.filter(path => path !== undefined);
}
