import {access, constants, realpath} from 'node:fs/promises';
import path from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {type Placed, readConfiguration} from './apache-includes.js';

export type Apache = {
	readonly kind: 'debian' | 'redhat';
	/** For example `/etc/apache2`. */
	readonly root: string;
	readonly mainFile: string;
	/** Program that tests and controls it; a full path when it is installed where it belongs. */
	readonly control: string;
};

/** Everything about mod_wsgi in a host's Apache. */
export type Wsgi = {
	readonly apache: Apache;
	readonly serverRoot: string;
	/** Active lines that load mod_wsgi; a working server has exactly one. */
	readonly loadModules: readonly Placed[];
	readonly daemonProcesses: readonly Placed[];
	readonly pythonHomes: readonly Placed[];
	readonly pythonPaths: readonly Placed[];
	readonly scriptAliases: readonly Placed[];
	/** Those of the lines above that name OMFLOW's directory. */
	readonly own: readonly Placed[];
	/** Apache's main log. */
	readonly errorLog: string;
	/** The log of the virtual host of the own lines, where it has one. */
	readonly siteErrorLog?: string;
	/** Content of every file of the configuration, by real path, as it was read. */
	readonly files: ReadonlyMap<string, Buffer>;
	readonly findings: readonly Finding[];
};

const layouts = [
	{kind: 'debian', root: '/etc/apache2', main: 'apache2.conf', controls: ['apache2ctl', 'apachectl']},
	{kind: 'redhat', root: '/etc/httpd', main: 'conf/httpd.conf', controls: ['apachectl', 'httpd']},
] as const;

/** Where mod_wsgi of a distribution's package lies, in contrast to one from pip. */
const distributionModule = /(^|\/)modules\/mod_wsgi(_python3)?\.so$/;

/** Finds Apache by its configuration; undefined when there is none. Runs nothing. */
export async function findApache(configRoot?: string): Promise<Apache | undefined> {
	for (const layout of layouts) {
		const root = configRoot ?? layout.root;
		const mainFile = path.join(root, layout.main);
		if (await exists(mainFile)) {
			return {kind: layout.kind, root, mainFile, control: await findControl(layout.controls)};
		}
	}

	return undefined;
}

/**
Finds all that concerns mod_wsgi. Throws only when there is no Apache; what is wrong with the configuration
is among the findings, a blocker where it must be put right before an upgrade.

@param base - Where OMFLOW is; what lies elsewhere belongs to other sites.
*/
export async function findWsgi(configRoot?: string, base = '/opt/omflow'): Promise<Wsgi> {
	const apache = await findApache(configRoot);
	if (!apache) {
		throw new Error(
			t(
				"No Apache configuration was found in {httpd}. OMFLOW's server runs under Apache: name its configuration directory, or install it.",
				{httpd: configRoot ?? '/etc/apache2 or /etc/httpd'},
			),
		);
	}

	const {directives, files, serverRoot} = await readConfiguration(apache.mainFile, apache.root);
	// A file that is included twice holds one line to change, not two.
	const unique = directives.filter(
		(directive, index) =>
			index === directives.findIndex(other => other.file === directive.file && other.line === directive.line),
	);
	const named = (name: string) => unique.filter(directive => directive.name.toLowerCase() === name);
	const scriptAliases = [...named('wsgiscriptalias'), ...named('wsgiscriptaliasmatch')];
	const daemonProcesses = named('wsgidaemonprocess');
	const bases = [base, await realpath(base).catch(() => base)];
	const own = [...scriptAliases, ...daemonProcesses].filter(directive =>
		directive.values.some(value => bases.some(path => value === path || value.includes(`${path}/`))),
	);
	// Logs sent to a program or to syslog are no files.
	const logs = named('errorlog').filter(directive => !/^(\||syslog\b)/.test(directive.values[0] ?? '|'));
	const logFile = (directive: Placed | undefined) =>
		directive?.values[0] === undefined ? undefined : path.resolve(serverRoot, directive.values[0]);
	const siteLog = logs.findLast(directive =>
		own.some(line => isVirtualHost(line) && line.file === directive.file && line.sections[0] === directive.sections[0]),
	);
	const wsgi = {
		apache,
		serverRoot,
		files,
		loadModules: named('loadmodule').filter(directive => directive.values[0] === 'wsgi_module'),
		daemonProcesses,
		pythonHomes: named('wsgipythonhome'),
		pythonPaths: named('wsgipythonpath'),
		scriptAliases,
		own,
		errorLog: logFile(logs.findLast(directive => !isVirtualHost(directive))) ?? path.join(serverRoot, 'logs/error_log'),
		...(siteLog ? {siteErrorLog: logFile(siteLog) ?? ''} : {}),
	};
	return {...wsgi, findings: judge(wsgi, base)};
}

/** What an administrator should know about mod_wsgi before an upgrade. Throws as `findWsgi`. */
export async function apacheFindings(
	apache: Pick<Apache, 'root'>,
	options: {readonly base?: string} = {},
): Promise<Finding[]> {
	return [...(await findWsgi(apache.root, options.base)).findings];
}

/** A directive as an administrator finds it: file, line, text. */
export function showPlace(directive: Placed): string {
	return `${directive.file}:${directive.line}: ${directive.text}`;
}

function isVirtualHost(directive: Placed): boolean {
	return directive.sections.some(section => /^<VirtualHost\b/i.test(section));
}

function judge(wsgi: Omit<Wsgi, 'findings'>, base: string): Finding[] {
	const findings: Finding[] = [];
	const {loadModules} = wsgi;
	const [load] = loadModules;
	if (loadModules.length > 1) {
		findings.push({
			severity: 'blocker',
			id: 'apache-modules',
			sentence: t('{loadModules} active lines load mod_wsgi; Apache takes the first and ignores the others.', {
				loadModules: loadModules.length,
			}),
			evidence: loadModules.map(showPlace).join('\n'),
			remedy: t(
				'Leave one of them active: comment the others out, or run a2dismod wsgi for the one of the distribution.',
			),
		});
	} else if (!load) {
		findings.push({
			severity: 'blocker',
			id: 'apache-modules',
			sentence: t('No active line of the Apache configuration loads mod_wsgi.'),
			evidence: t('{size} files from {mainFile} on', {size: wsgi.files.size, mainFile: wsgi.apache.mainFile}),
			remedy: t("Add the line LoadModule wsgi_module with the module's path on top of OMFLOW's site file."),
		});
	}

	for (const module of loadModules.filter(candidate => distributionModule.test(candidate.values[1] ?? ''))) {
		findings.push({
			severity: 'warning',
			id: 'apache-distribution-module',
			sentence: t("mod_wsgi is loaded from the distribution's package, which is made for the system's Python."),
			evidence: showPlace(module),
			remedy: t(
				'The upgrade changes this line to the module of the new environment; keep that when an update of the package asks.',
			),
		});
	}

	if (wsgi.own.length === 0) {
		findings.push({
			severity: 'warning',
			id: 'apache-site',
			sentence: t('No WSGI line of the Apache configuration names {base}.', {base}),
			remedy: t("Enable OMFLOW's site, or check that OMFLOW is served in another way."),
		});
	}

	const others = [...wsgi.scriptAliases, ...wsgi.daemonProcesses].filter(directive => !wsgi.own.includes(directive));
	if (others.length > 0) {
		findings.push({
			severity: 'warning',
			id: 'apache-other-sites',
			sentence: t('Other sites use mod_wsgi too. Apache loads only one, so they will run on the new Python as well.'),
			evidence: others.map(showPlace).join('\n'),
			remedy: t('Check that they work with the new Python, or move them to another Apache first.'),
		});
	}

	return findings;
}

async function findControl(names: readonly string[]): Promise<string> {
	for (const name of names) {
		for (const directory of ['/usr/sbin', '/usr/bin', '/usr/local/sbin']) {
			const file = path.join(directory, name);
			if (await exists(file, constants.X_OK)) {
				return file;
			}
		}
	}

	return names[0] ?? 'apachectl';
}

async function exists(file: string, mode = constants.F_OK): Promise<boolean> {
	return access(file, mode).then(
		() => true,
		() => false,
	);
}
