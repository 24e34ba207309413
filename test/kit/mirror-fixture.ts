import {createHash} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Runner} from '../../source/host/process.js';
import {type Mirror, type MirrorOptions, startMirror} from '../lab/mirror.js';

export const user = 'vera';
export const password = 'hunter2';
/** A file of credentials, for apt and pip alike. */
export const netrc = 'machine 127.0.0.1 login vera password hunter2\n';
export const wrongNetrc = netrc.replace('hunter2', 'hunter3');

/** A mirror that goes with the test. */
export async function mirrorFor(t: TestContext, options: Omit<MirrorOptions, 'user' | 'password'>): Promise<Mirror> {
	const mirror = await startMirror({user, password, ...options});
	t.after(() => mirror.stop());
	return mirror;
}

/** What was asked of the mirror from a number on, for paths of a kind. */
export function asked(mirror: Mirror, kind: RegExp, from = 0): string[] {
	return mirror.requests
		.slice(from)
		.filter(({path}) => kind.test(path))
		.map(({method, status, authorized, path}) => `${method} ${path} ${status}${authorized ? '' : ' unauthorized'}`);
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256(file: string): Promise<string> {
	return createHash('sha256')
		.update(await readFile(file))
		.digest('hex');
}

/** Makes a package of one file, which hardly compresses, and returns its path. */
export async function makeDeb(
	runner: Runner,
	folder: string,
	name: string,
	version: string,
	bytes: number,
): Promise<string> {
	const tree = join(folder, `../${name}-tree`);
	await mkdir(join(tree, 'DEBIAN'), {recursive: true});
	const fields = [`Package: ${name}`, `Version: ${version}`, 'Architecture: all', 'Maintainer: x <x@example.org>'];
	await writeFile(join(tree, 'DEBIAN/control'), `${fields.join('\n')}\nDescription: x\n more of x\n`);
	const noise = Array.from({length: Math.ceil(bytes / 32)}, (_, index) =>
		createHash('sha256').update(`${name}${index}`).digest(),
	);
	await writeFile(join(tree, name), Buffer.concat(noise));
	const deb = join(folder, `${name}_${version.replace(':', '%3a')}_all.deb`);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', tree, deb]);
	return deb;
}
