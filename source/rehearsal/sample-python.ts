import {chmod, glob, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Runner} from '../host/process.js';
import {exists} from './sample-place.js';

/** A Python with which the old environment can be built. */
export type OldPython = {
	/** Full path of the interpreter. */
	readonly path: string;
	/** For example `3.8`. */
	readonly minor: string;
	/** Packages to install first: a distribution's Python comes without venv and headers. */
	readonly packages: readonly string[];
};

/** Best first: 3.8 is what OMFLOW 1.1.6 was documented with, and Django 2.2 runs on all of these. */
const minors = ['3.8', '3.9', '3.7', '3.10'];

const distributionFolders = ['/usr/bin', '/usr/local/bin'];

/** Where version managers put interpreters, below a home folder; `*` is the version. */
const managers = [
	'.pyenv/versions/*/bin',
	'.asdf/installs/python/*/bin',
	'.local/share/mise/installs/python/*/bin',
	'.local/share/uv/python/*/bin',
];

/** Prints what mod_wsgi and venv need of an interpreter, as JSON. */
const question = `
import json, os, sys, sysconfig
def has(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False
# Debian has its libraries in a folder for each architecture, which LIBDIR does not say.
folder = sysconfig.get_config_var('LIBDIR') or ''
folders = [folder, os.path.join(folder, sysconfig.get_config_var('MULTIARCH') or '')]
library = sysconfig.get_config_var('LDLIBRARY') or ''
print(json.dumps({
    'minor': '%d.%d' % sys.version_info[:2],
    'modules': all(has(name) for name in ('ssl', 'sqlite3', 'zlib', 'ctypes', 'pyexpat')),
    'venv': has('venv') and has('ensurepip'),
    'headers': os.path.exists(os.path.join(sysconfig.get_paths()['include'], 'Python.h')),
    'shared': library.endswith('.so') and any(os.path.exists(os.path.join(each, library)) for each in folders),
    'prefix': sys.base_prefix,
}))`;

type Abilities = {
	readonly minor: string;
	readonly modules: boolean;
	readonly venv: boolean;
	readonly headers: boolean;
	readonly shared: boolean;
	readonly prefix: string;
};

/**
Finds the oldest suitable Python of this machine, or names Python 3.11 of the distribution where there is none:
Django 2.2 runs on it as well. Changes nothing.
*/
export async function findOldPython(runner: Runner): Promise<OldPython> {
	for (const minor of minors) {
		for (const path of await candidates(minor)) {
			const found = await askPython(runner, path);
			if (found?.minor !== minor || !found.modules) {
				continue;
			}

			if (found.venv && found.headers && found.shared) {
				return {path, minor, packages: []};
			}

			const {exitCode} = await runner.capture(['dpkg', '-S', path], {accept: [0, 1]});
			if (exitCode === 0) {
				return {path, minor, packages: withHeaders(minor)};
			}
		}
	}

	return {path: '/usr/bin/python3.11', minor: '3.11', packages: withHeaders('3.11')};
}

/**
Lets Apache's user reach an interpreter that lies in somebody's home: adds the search bit for others on the way.
Only ever called inside a view.

@returns the folders that were opened
*/
export async function openPath(runner: Runner, python: string): Promise<string[]> {
	const found = await askPython(runner, python);
	const opened: string[] = [];
	for (let folder = found?.prefix ?? dirname(python); folder !== '/'; folder = dirname(folder)) {
		const {mode} = await stat(folder);
		if ((mode & 0o001) === 0) {
			await chmod(folder, (mode & 0o7777) | 0o001);
			opened.unshift(folder);
		}
	}

	return opened;
}

async function candidates(minor: string): Promise<string[]> {
	const name = `python${minor}`;
	const paths = distributionFolders.map(folder => `${folder}/${name}`);
	for (const home of ['/root', '/home/*']) {
		for (const manager of managers) {
			const found: string[] = [];
			for await (const path of glob(`${home}/${manager}/${name}`)) {
				found.push(path);
			}

			paths.push(...found.sort().reverse());
		}
	}

	const there = await Promise.all(paths.map(async path => ((await exists(path)) ? path : undefined)));
	return there.filter(path => path !== undefined);
}

async function askPython(runner: Runner, path: string): Promise<Abilities | undefined> {
	const {exitCode, stdout} = await runner.capture([path, '-I', '-c', question], {accept: [0, 1, 126, 127]});
	return exitCode === 0 ? (JSON.parse(stdout) as Abilities) : undefined;
}

function withHeaders(minor: string): string[] {
	return [`python${minor}`, `python${minor}-dev`, `python${minor}-venv`];
}
