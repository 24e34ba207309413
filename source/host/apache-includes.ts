import {readdir, readFile, realpath, stat} from 'node:fs/promises';
import path from 'node:path';
import {type Directive, readDirectives} from './apache-config.js';

/** A directive that Apache takes into account, and where it stands. */
export type Placed = Directive & {
	/** Real path of the file: what a link in `sites-enabled` points to. */
	readonly file: string;
	/** Path by which Apache reaches it. */
	readonly via: string;
	/** The arguments with variables replaced as far as they are known. */
	readonly values: readonly string[];
};

export type Configuration = {
	/** In the order in which Apache reads them. */
	readonly directives: readonly Placed[];
	/** Content of every file read, by real path. */
	readonly files: ReadonlyMap<string, Buffer>;
	readonly serverRoot: string;
};

type Walk = {
	serverRoot: string;
	readonly variables: Map<string, string>;
	/** Names given to `Define`, which `IfDefine` asks for. */
	readonly defined: Set<string>;
	readonly directives: Placed[];
	readonly files: Map<string, Buffer>;
	wsgiLoaded: boolean;
};

/** Apache's own limit (AP_MAX_INCLUDE_DEPTH) is 20. */
const deepest = 20;

/**
Reads a configuration as Apache would: follows Include and IncludeOptional (files, directories, wildcards,
relative to ServerRoot), replaces variables, and leaves out what an IfDefine, or an IfModule about mod_wsgi,
switches off. Other conditions count as true, so that nothing is overlooked. Reads files only; runs nothing.
*/
export async function readConfiguration(mainFile: string, configRoot: string): Promise<Configuration> {
	const walk: Walk = {
		serverRoot: configRoot,
		variables: await readEnvvars(path.join(configRoot, 'envvars')),
		defined: new Set(),
		directives: [],
		files: new Map(),
		wsgiLoaded: false,
	};
	await readInto(walk, mainFile, [], 0);
	return {directives: walk.directives, files: walk.files, serverRoot: walk.serverRoot};
}

async function readInto(walk: Walk, via: string, outer: readonly string[], depth: number): Promise<void> {
	const file = await realpath(via).catch(() => undefined);
	if (file === undefined || depth > deepest) {
		return;
	}

	const bytes = walk.files.get(file) ?? (await readFile(file));
	walk.files.set(file, bytes);
	// One entry a section that is open; false switches everything inside off.
	const active: boolean[] = [];
	for (const directive of readDirectives(bytes)) {
		active.length = Math.min(active.length, directive.sections.length);
		if (active.includes(false)) {
			active.push(...(directive.name.startsWith('<') ? [false] : []));
			continue;
		}

		const values = directive.arguments.map(argument => resolveVariables(argument.text, walk.variables));
		const placed: Placed = {...directive, sections: [...outer, ...directive.sections], file, via, values};
		if (directive.name.startsWith('<')) {
			active.push(holds(directive.name, values, walk));
			continue;
		}

		walk.directives.push(placed);
		await follow(walk, placed, depth);
	}
}

/** What a directive means for the rest of the reading. */
async function follow(walk: Walk, directive: Placed, depth: number): Promise<void> {
	const [first = '', second = ''] = directive.values;
	switch (directive.name.toLowerCase()) {
		case 'serverroot': {
			walk.serverRoot = first;
			break;
		}

		case 'define': {
			walk.defined.add(first);
			walk.variables.set(first, second);
			break;
		}

		case 'undefine': {
			walk.defined.delete(first);
			walk.variables.delete(first);
			break;
		}

		case 'loadmodule': {
			walk.wsgiLoaded ||= first === 'wsgi_module';
			break;
		}

		case 'include':
		case 'includeoptional': {
			for (const file of await expand(path.resolve(walk.serverRoot, first))) {
				await readInto(walk, file, directive.sections, depth + 1);
			}

			break;
		}

		default:
	}
}

function holds(name: string, values: readonly string[], walk: Walk): boolean {
	const condition = values[0] ?? '';
	const negated = condition.startsWith('!');
	const subject = negated ? condition.slice(1) : condition;
	if (/^<ifdefine$/i.test(name)) {
		return walk.defined.has(subject) !== negated;
	}

	if (/^<ifmodule$/i.test(name) && ['wsgi_module', 'mod_wsgi.c'].includes(subject)) {
		return walk.wsgiLoaded !== negated;
	}

	return true;
}

function resolveVariables(text: string, variables: ReadonlyMap<string, string>): string {
	return text.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => variables.get(name) ?? whole);
}

/** Debian's `envvars` is a shell script; its plain assignments are what configurations use. */
async function readEnvvars(file: string): Promise<Map<string, string>> {
	const text = await readFile(file, 'latin1').catch(() => '');
	return new Map(
		[...text.matchAll(/^\s*(?:export\s+)?(APACHE_\w+)=(["']?)([^\s"'`(]*)\2\s*$/gm)].map(
			([, name = '', , value = '']) => [name, value.replaceAll(/\$\{?SUFFIX\}?/g, '')],
		),
	);
}

/** Files an Include names, sorted as Apache does: a directory stands for all files below it. */
async function expand(pattern: string): Promise<string[]> {
	let paths = ['/'];
	for (const segment of pattern.split('/').filter(Boolean)) {
		if (/[*?[]/.test(segment)) {
			const matcher = wildcard(segment);
			const found: string[] = [];
			for (const directory of paths) {
				const names = await readdir(directory).catch(() => []);
				found.push(
					...names
						.filter(name => matcher.test(name))
						.sort(byBytes)
						.map(name => path.join(directory, name)),
				);
			}

			paths = found;
		} else {
			paths = paths.map(directory => path.join(directory, segment));
		}
	}

	const files: string[] = [];
	for (const file of paths) {
		files.push(...(await filesBelow(file)));
	}

	return files;
}

async function filesBelow(file: string): Promise<string[]> {
	const found = await stat(file).catch(() => undefined);
	if (!found) {
		return [];
	}

	if (!found.isDirectory()) {
		return [file];
	}

	const files: string[] = [];
	for (const name of (await readdir(file)).sort(byBytes)) {
		files.push(...(await filesBelow(path.join(file, name))));
	}

	return files;
}

function byBytes(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** `fnmatch` with FNM_PERIOD: a leading dot is matched only by a dot. */
function wildcard(segment: string): RegExp {
	const source = segment
		.replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
		.replaceAll('[!', '[^')
		.replaceAll('*', '.*')
		.replaceAll('?', '.');
	try {
		return new RegExp(`^${/^[*?[]/.test(segment) ? String.raw`(?!\.)` : ''}${source}$`, 's');
	} catch {
		return /^(?!)/;
	}
}
