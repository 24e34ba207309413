import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {tryCommand} from './commands.js';

/** The certificates of the distribution and, after update-ca-certificates, the host's own. */
const bundle = '/etc/ssl/certs/ca-certificates.crt';

/** A package source in the words of sources.list. */
export type Source = {readonly uri: string; readonly suite: string; readonly components: string};

/**
What a machine needs in order to reach package sources from where this one stands. Corporate networks
have their own certificate authority, proxies and mirrors; a server in the lab must know them as well,
in its configuration files, since `sudo` drops the variables.
*/
export type Settings = {
	readonly codename: string;
	readonly sources: readonly Source[];
	/** Text of certificates beyond the distribution's. */
	readonly certificates: readonly string[];
	readonly pip: string;
	readonly environment: string;
	readonly apt: string;
};

export async function readSettings(): Promise<Settings> {
	const codename = /^VERSION_CODENAME=(.*)$/m.exec(await text('/etc/os-release'))?.[1] ?? '';
	const certificates = await readCertificates();
	return {
		codename,
		sources: await readSources(codename),
		certificates,
		pip: await readPip(certificates.length > 0),
		environment: readEnvironment(certificates.length > 0),
		apt: await readApt(),
	};
}

/** The host's name servers at this moment; a stub on the loopback address is of no use to others. */
export async function readResolver(): Promise<string> {
	return (await text('/run/systemd/resolve/resolv.conf')) || (await text('/etc/resolv.conf'));
}

async function readSources(codename: string): Promise<Source[]> {
	const sources: Source[] = [];
	const folder = '/etc/apt/sources.list.d';
	const names = await readdir(folder).catch(() => []);
	for (const file of ['/etc/apt/sources.list', ...names.map(name => path.join(folder, name))]) {
		const content = await text(file);
		if (file.endsWith('.sources')) {
			sources.push(...content.split(/\n\s*\n/).flatMap(parseStanza));
		} else if (file.endsWith('.list')) {
			sources.push(...content.split('\n').flatMap(parseLine));
		}
	}

	const ours = new RegExp(`^${codename}(-updates|-security)?$`);
	return sources
		.filter(({suite, components}) => ours.test(suite) && components.split(' ').includes('main'))
		.sort((a, b) => a.suite.length - b.suite.length || a.uri.localeCompare(b.uri));
}

function parseStanza(stanza: string): Source[] {
	const field = (name: string) =>
		new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
	if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') {
		return [];
	}

	const components = field('Components').join(' ');
	return field('URIs').flatMap(uri => field('Suites').map(suite => ({uri, suite, components})));
}

function parseLine(line: string): Source[] {
	const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
	return match ? [{uri: match[1] ?? '', suite: match[2] ?? '', components: (match[3] ?? '').trim()}] : [];
}

async function readCertificates(): Promise<string[]> {
	const folder = '/usr/local/share/ca-certificates';
	const names = (await readdir(folder, {recursive: true}).catch(() => [])).filter(name => name.endsWith('.crt'));
	const named = [process.env.PIP_CERT, process.env.SSL_CERT_FILE].filter(file => file && file !== bundle);
	const contents = await Promise.all([...names.sort().map(name => path.join(folder, name)), ...named].map(text));
	// One certificate a file is all that update-ca-certificates promises to take.
	const each = contents.flatMap(
		content => content.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [],
	);
	return [...new Set(each)];
}

async function readPip(ownCertificates: boolean): Promise<string> {
	const home = process.env.HOME ?? '/root';
	const files = [process.env.PIP_CONFIG_FILE, '/etc/pip.conf', `${home}/.config/pip/pip.conf`, `${home}/.pip/pip.conf`];
	let config = '';
	for (const file of files) {
		config ||= await text(file);
	}

	const wanted: Record<string, string | undefined> = {
		'index-url': process.env.PIP_INDEX_URL,
		proxy: process.env.PIP_PROXY,
		...(ownCertificates || /^\s*cert\s*=/m.test(config) ? {cert: bundle} : {}),
	};
	for (const [key, value] of Object.entries(wanted)) {
		if (value) {
			config = config.replace(new RegExp(`^\\s*${key}\\s*=.*\\n?`, 'm'), '');
			config = config.includes('[global]')
				? config.replace('[global]', () => `[global]\n${key} = ${value}`)
				: `[global]\n${key} = ${value}\n${config}`;
		}
	}

	return config;
}

function readEnvironment(ownCertificates: boolean): string {
	const lines: string[] = [];
	for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
		const value = process.env[name];
		if (value) {
			lines.push(`${name}="${value}"`);
		}
	}

	if (ownCertificates) {
		lines.push(
			...['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'].map(name => `${name}="${bundle}"`),
		);
	}

	return lines.map(line => `${line}\n`).join('');
}

/** Proxies and leniency towards old mirrors; flat settings only, lists have empty names. */
async function readApt(): Promise<string> {
	const {stdout} = await tryCommand(['apt-config', 'dump']);
	const wanted = /^Acquire::(?:https?(?:::[^:]+)?::(?:Proxy|CaInfo|Verify-\w+)|Check-\S+|Retries) ".+";$/i;
	return stdout
		.split('\n')
		.filter(line => wanted.test(line))
		.map(line => `${line.replace(/(::CaInfo) ".*"/i, `$1 "${bundle}"`)}\n`)
		.join('');
}

async function text(file: string | undefined): Promise<string> {
	return file ? readFile(file, 'utf8').catch(() => '') : '';
}
