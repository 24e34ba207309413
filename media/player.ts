import {cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {findView} from '../source/rehearsal/view.js';
import {program} from '../test/commands/program.js';
import {Server} from '../test/commands/server.js';
import {Terminal} from '../test/terminal.js';
import {screenSvg} from './record.js';
import {likeText} from './screen-text.js';
import {patch, type Script, type Step} from './scripts.js';

/** A screen that a script keeps. */
export type Shot = {
	readonly name: string;
	/** What two plays have in common. */
	readonly text: string;
	readonly svg: string;
	readonly isPicture: boolean;
};

export type Frame = {readonly svg: string; readonly milliseconds: number};

export type Played = {readonly shots: readonly Shot[]; readonly frames: readonly Frame[]};

/** Where the program is started. */
export type Stage = {
	wrap(argv: readonly string[]): readonly string[];
	/** Arguments that every start has. */
	readonly args: readonly string[];
	close(): Promise<void>;
};

const size = {columns: 96, rows: 28} as const;
const patience = {server: 60_000, host: 600_000} as const;
const locales = {en: 'en_US.UTF-8', ja: 'ja_JP.UTF-8', 'zh-Hant': 'zh_TW.UTF-8'} as const;

/** Every picture is of a host of this name, whatever the machine is called. */
const renamed = ['unshare', '--uts', 'sh', '-c', 'hostname omflow && exec "$@"', 'sh'];

/**
A server with OMFLOW 1.1.6.3 and the archive of 1.2.0.0, on which one run was tried and blocked: by a file of
the customer's, and by its only package source, which cannot be reached.
*/
export async function serverStage(): Promise<Stage> {
	const server = await Server.open();
	try {
		const archive = await server.addPatch('omflow_patch_1_2_0_0.tar.gz', {
			'omflow_patch/patch.sh': '#!/bin/bash\n',
			'omflow_patch/server/omflow/syscom/version.bin': 'version=1.2.0.0\n',
		});
		await cp(server.path(archive), server.path(patch));
		for (const path of ['/etc/apt/sources.list.d', '/var/lib/apt/lists']) {
			await rm(server.path(path), {recursive: true, force: true});
		}

		await writeFile(server.path('/etc/apt/sources.list'), 'deb http://packages.example.com/debian bookworm main\n');
		// One that is wanted, whether this machine has it or not.
		const status = server.path('/var/lib/dpkg/status');
		const packages = (await readFile(status, 'utf8')).split('\n\n');
		await writeFile(status, packages.filter(each => !each.startsWith('Package: apache2-dev\n')).join('\n\n'));
		const custom = server.path('/opt/omflow/server/omcustom');
		await mkdir(custom, {recursive: true});
		await writeFile(join(custom, 'urls.py'), 'from django.conf.urls import url\n');
		const stage = {wrap: (argv: readonly string[]) => server.wrap(argv), args: [], close: () => server.close()};
		const blocked = spawn(stage, ['upgrade', '--patch', patch, '--yes'], 'en', true);
		await blocked.waitForExit(patience.server);
		await blocked.close();
		return stage;
	} catch (error) {
		await server.close();
		throw error;
	}
}

/** This very machine, with an empty place for runs. */
export async function hostStage(): Promise<Stage> {
	const state = await mkdtemp(join(tmpdir(), 'omflow-tui-media-'));
	return {
		wrap: argv => argv,
		args: ['--state-dir', state],
		async close() {
			await (await findView(join(state, 'rehearsal', 'view')))?.close();
			await rm(state, {recursive: true, force: true});
		},
	};
}

/** Plays a script to its end and returns the screens it keeps, in their order. */
export async function play(script: Script, stage: Stage): Promise<Played> {
	const shots: Shot[] = [];
	const frames: Frame[] = [];
	let terminal: Terminal | undefined;
	try {
		for (const step of script.steps) {
			if ('start' in step) {
				terminal = spawn(stage, step.start, script.language, script.isTold);
			} else if (terminal === undefined) {
				throw new Error(`${script.name} does not begin with a start.`);
			} else if ('kill' in step) {
				await terminal.close();
			} else {
				await act(terminal, step, script, {shots, frames});
			}
		}
	} finally {
		await terminal?.close();
	}

	return {shots, frames};
}

async function act(
	terminal: Terminal,
	step: Exclude<Step, {start: unknown} | {kill: unknown}>,
	{language, stage}: Script,
	{shots, frames}: {readonly shots: Shot[]; readonly frames: Frame[]},
): Promise<void> {
	if ('wait' in step) {
		await terminal.waitFor(step.wait, patience[stage]);
		// A frame may come in pieces.
		await terminal.waitFor(() => !terminal.emulator.modes.synchronizedOutputMode, patience[stage]);
	} else if ('keys' in step) {
		terminal.send(step.keys);
	} else if ('frame' in step) {
		frames.push({svg: screenSvg(terminal, language), milliseconds: step.frame});
	} else if ('end' in step) {
		await terminal.waitForExit(patience[stage]);
	} else {
		const [name, isPicture] = 'picture' in step ? [step.picture, true] : [step.screen, false];
		const text = likeText(terminal.screen(), 'isLive' in step && step.isLive === true);
		shots.push({name, text, isPicture, svg: screenSvg(terminal, language)});
	}
}

function spawn(stage: Stage, args: readonly string[], language: Script['language'], isTold: boolean): Terminal {
	const told = isTold ? ['--lang', language] : [];
	const argv = stage.wrap([...renamed, process.execPath, program, ...args, ...stage.args, ...told]);
	const [command = '', ...rest] = argv;
	return Terminal.spawn(command, rest, {...size, env: {LANG: locales[language], LC_ALL: undefined}});
}
