import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {aptEnvironment} from './apt-run.js';
import {isThere} from './files.js';
import type {Runner} from './process.js';

export type UnfinishedPackage = {
	readonly name: string;
	/** dpkg's word for how far it came, for example `half-configured`; see dpkg(1). */
	readonly status: string;
};

/**
The packages of this host as lines of name, version, architecture and state, tab between, with `manual` at the end for
those that were asked for.
*/
export async function packageList(runner: Runner): Promise<string> {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg's.
	const format = '${Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n';
	if (!(await isThere('/usr/bin/dpkg-query'))) {
		return (await runner.capture(['rpm', '-qa', '--qf', '%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\tinstalled\\n']))
			.stdout;
	}

	const [packages, manual] = await Promise.all([
		runner.capture(['dpkg-query', '-W', '-f', format], {env: aptEnvironment}),
		runner.capture(['apt-mark', 'showmanual'], {env: aptEnvironment, accept: [0, 100]}),
	]);
	const asked = new Set(manual.stdout.split('\n').map(name => name.replace(/:.*/, '')));
	return packages.stdout.replaceAll(/^([^\t\n]+)\t.*$/gm, (line, name: string) =>
		asked.has(name) ? `${line}\tmanual` : line,
	);
}

/** States between not there and installed; `config-files` is what a removed package leaves and harms nobody. */
const between = ['half-installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'];

/** Packages that dpkg began with and did not finish. Needs no lock; while dpkg works there are always some. */
export async function unfinishedPackages(runner: Runner): Promise<readonly UnfinishedPackage[]> {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg's.
	const format = '${binary:Package}\t${db:Status-Status}\n';
	const {stdout} = await runner.capture(['dpkg-query', '-W', '-f', format], {env: aptEnvironment, accept: [0, 1]});
	return stdout.split('\n').flatMap(line => {
		const [name = '', status = ''] = line.split('\t');
		return between.includes(status) ? [{name, status}] : [];
	});
}

/** Names of the packages that are on this host, whole or in parts, as apt takes them. Needs no lock. */
export async function installedPackages(runner: Runner): Promise<readonly string[]> {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg's.
	const format = '${binary:Package}\t${db:Status-Status}\n';
	const {stdout} = await runner.capture(['dpkg-query', '-W', '-f', format], {env: aptEnvironment});
	return stdout.split('\n').flatMap(line => {
		const [name = '', status = ''] = line.split('\t');
		return status === '' || status === 'not-installed' || status === 'config-files' ? [] : [name];
	});
}

/** dpkg keeps a journal in `updates/` while it works; apt refuses as long as there is one. */
export async function hasJournal(admin = '/var/lib/dpkg'): Promise<boolean> {
	const journal = await readdir(join(admin, 'updates')).catch(() => []);
	return journal.some(name => /^\d+$/.test(name));
}
