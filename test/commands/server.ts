import {execFile} from 'node:child_process';
import {chmod, cp, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {siteText} from '../../source/rehearsal/sample-site.js';
import {checkView, openView, type View} from '../../source/rehearsal/view.js';
import {program} from './program.js';

const execute = promisify(execFile);
const sample = fileURLToPath(new URL('../../source/rehearsal/sample/', import.meta.url));

/** Where the view sees what the test and the program inside share. */
const shared = '/var/lib/omflow-tui';

/** Why this machine cannot have a view; false where it can. */
export async function noView(): Promise<string | false> {
	return checkView(join(tmpdir(), 'omflow-tui-commands-view')).then(
		() => false as const,
		(error: Error) => error.message,
	);
}

/**
A server with OMFLOW 1.1.6.3 as far as a look at it goes: a view of this host with its files and an Apache
configuration in the right places, made in a moment. Nothing of it runs.
*/
export class Server {
	private constructor(
		readonly directory: string,
		readonly view: View,
	) {}

	static async open(): Promise<Server> {
		const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-commands-'));
		try {
			const places = {directory: join(directory, 'view'), stateDirectory: join(directory, 'shared')};
			const server = new Server(directory, await openView({...places, bundle: program}));
			await server.#install();
			return server;
		} catch (error) {
			await rm(directory, {recursive: true, force: true});
			throw error;
		}
	}

	/** A path of the server as this side can read and write it. */
	path(inside: string): string {
		return join(`/proc/${this.view.pid}/root`, inside);
	}

	/** Runs a program in the server and returns what it printed. */
	async exec(...argv: string[]): Promise<string> {
		const [command = '', ...rest] = this.view.enter(argv);
		return (await execute(command, rest)).stdout;
	}

	readonly wrap = (argv: readonly string[]) => this.view.enter(argv);

	async setVersion(version: string): Promise<void> {
		await writeFile(this.path('/opt/omflow/server/omflow/syscom/version.bin'), `version=${version}\n`);
	}

	/**
	Puts a patch archive into the server, made by tar from a folder with the files of `members`. Returns its path
	there. `change` may do something to it before.
	*/
	async addPatch(
		name: string,
		members: Readonly<Record<string, string>>,
		options: {readonly tar?: readonly string[]; readonly change?: (archive: string) => Promise<void>} = {},
	): Promise<string> {
		const folder = await mkdtemp(join(this.directory, 'shared', 'patch-'));
		for (const [path, text] of Object.entries(members)) {
			await mkdir(dirname(join(folder, 'in', path)), {recursive: true});
			await writeFile(join(folder, 'in', path), text);
		}

		const archive = join(folder, name);
		await execute('tar', ['-czf', archive, ...(options.tar ?? []), '-C', join(folder, 'in'), ...Object.keys(members)]);
		await options.change?.(archive);
		return archive.replace(join(this.directory, 'shared'), shared);
	}

	async close(): Promise<void> {
		await this.view.close();
		await rm(this.directory, {recursive: true, force: true});
	}

	async #install(): Promise<void> {
		const home = this.path('/opt/omflow');
		await rm(home, {recursive: true, force: true});
		await cp(join(sample, 'server'), join(home, 'server'), {recursive: true});
		for (const script of ['omflow_server', 'omflow_config.sh']) {
			await chmod(join(home, 'server', script), 0o755);
		}

		await writeFile(join(home, 'server/db.omflow'), '');
		await this.setVersion('1.1.6.3');
		await this.exec('/opt/omflow/server/omflow_config.sh', '127.0.0.1', '80', 'http');
		// An environment as far as a look at it goes; it waits as long as there is a pipe to wait at.
		await mkdir(join(home, 'python/bin'), {recursive: true});
		const python = '#!/bin/sh\n[ -p /run/hold ] && cat /run/hold\nexec /usr/bin/python3 "$@"\n';
		await writeFile(join(home, 'python/bin/python'), python, {mode: 0o755});
		const apache = this.path('/etc/apache2');
		await rm(apache, {recursive: true, force: true});
		await mkdir(join(apache, 'sites-enabled'), {recursive: true});
		await writeFile(
			join(apache, 'apache2.conf'),
			'ErrorLog /var/log/apache2/error.log\nIncludeOptional sites-enabled/*.conf\n',
		);
		const sitePackages = '/opt/omflow/python/lib/python3.8/site-packages';
		const module = `${sitePackages}/mod_wsgi/server/mod_wsgi.so`;
		await writeFile(join(apache, 'sites-enabled/django.conf'), siteText('B', {module, sitePackages}));
	}
}
