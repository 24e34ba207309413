import {access, open, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {type LinkState, pythonLink} from '../host/alternatives.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

export type Python3Places = {
	readonly link: string;
	/** Names the distribution's own version. */
	readonly defaults: string;
	/** Is there when the package python3-apt is. */
	readonly aptModule: string;
	/** Tools of the distribution that are run by `/usr/bin/python3`. */
	readonly tools: readonly string[];
};

const real: Python3Places = {
	link: '/usr/bin/python3',
	defaults: '/usr/share/python3/debian_defaults',
	aptModule: '/usr/lib/python3/dist-packages/apt/__init__.py',
	tools: [
		'/usr/bin/add-apt-repository',
		'/usr/bin/unattended-upgrade',
		'/usr/lib/command-not-found',
		'/usr/share/command-not-found/command-not-found',
		'/usr/sbin/netplan',
		'/usr/bin/apt-listchanges',
	],
};

/**
Whether `/usr/bin/python3` is the distribution's own. The vendor's step 4 switches it, after which tools of the
distribution fail, maintainer scripts of packages among them.
*/
export async function python3({runner}: Subject, places = real): Promise<readonly Finding[]> {
	const {link} = places;
	const state = await pythonLink(link).catch((error: Error) => error);
	const own = /^default-version\s*=\s*(python3\.\d+)\s*$/m.exec(
		await readFile(places.defaults, 'utf8').catch(() => ''),
	)?.[1];
	const difference = differenceOf(link, state, own);
	if (!difference) {
		return [];
	}

	const broken = await isBroken();
	const hurt = broken ? (await Promise.all(places.tools.map(runsBy))).flat() : [];
	return [
		{
			severity: 'warning',
			id: 'python3-switched',
			sentence:
				difference +
				(hurt.length > 0 ? t(' It does not find apt_pkg, so {hurt} cannot run.', {hurt: hurt.join(', ')}) : ''),
			...(broken ? {evidence: broken} : {}),
			remedy: await remedyFor(link, own),
		},
	];

	/** What Python says when tools that need apt's module cannot run; undefined when they can, or need none. */
	async function isBroken(): Promise<string | undefined> {
		if (
			!(await access(places.aptModule).then(
				() => true,
				() => false,
			))
		) {
			return undefined;
		}

		try {
			await runner.capture([link, '-I', '-c', 'import apt_pkg'], {timeout: 5000});
			return undefined;
		} catch (error) {
			const last = (error as {lastOutput?: string}).lastOutput?.split('\n').at(-1);
			return last || (error as Error).message;
		}
	}
}

function differenceOf(link: string, state: LinkState | Error | undefined, own: string | undefined): string | undefined {
	if (state instanceof Error) {
		return t("{link} is a file and not a link, so it is not the distribution's own.", {link});
	}

	if (!state) {
		return t('There is no {link}.', {link});
	}

	if (!state.interpreter) {
		return t('{link} leads to {target}, which is not there.', {link, target: state.target});
	}

	if (state.managed) {
		return t('{link} was switched by update-alternatives; it is {interpreter} now.', {
			link,
			interpreter: basename(state.interpreter),
		});
	}

	return own !== undefined && basename(state.interpreter) !== own
		? t('{link} is {interpreter} and not {own}, which the distribution uses.', {
				link,
				interpreter: basename(state.interpreter),
				own,
			})
		: undefined;
}

async function remedyFor(link: string, own: string | undefined): Promise<string> {
	if (own === undefined) {
		return t(
			'Put back the Python of the distribution; do not use “update-alternatives --remove”, which deletes the link.',
		);
	}

	const isThere = await access(join(dirname(link), own)).then(
		() => true,
		() => false,
	);
	const install = isThere ? '' : `apt-get install --reinstall ${own}-minimal && `;
	return t('Run “{install}ln -sfn {own} {link}”; do not use “update-alternatives --remove”, which deletes the link.', {
		install,
		own,
		link,
	});
}

/** Name of a tool that is there and whose first line names Python 3. */
async function runsBy(tool: string): Promise<string[]> {
	const file = await open(tool).catch(() => undefined);
	if (!file) {
		return [];
	}

	try {
		const {buffer, bytesRead} = await file.read(Buffer.alloc(80), 0, 80, 0);
		return /^#! ?(?:\/usr\/bin\/python3|\/usr\/bin\/env python3)\b(?!\.)/.test(buffer.toString('utf8', 0, bytesRead))
			? [basename(tool)]
			: [];
	} finally {
		await file.close();
	}
}
