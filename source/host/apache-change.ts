import {realpath, stat} from 'node:fs/promises';
import {t} from '../locales/index.js';

import {type Argument, changedLines, type Edit, optionOf, partOf, replaceText, splice} from './apache-config.js';
import type {Placed} from './apache-includes.js';
import {findApache, type Wsgi} from './apache-wsgi.js';
import {writeDurably} from './files.js';
import type {Runner} from './process.js';

export type ProposedFile = {
	/** Real path. */
	readonly path: string;
	readonly before: Buffer;
	readonly after: Buffer;
	/** Indexes of changed lines, from 0. */
	readonly changed: readonly number[];
};

export type NewPlaces = {
	/** The virtual environment, for example `/opt/omflow/python`; it keeps its path. */
	readonly environment: string;
	/** The new module's file, as `mod_wsgi-express module-location` says. */
	readonly module: string;
	/** Minor version of the new Python, for example `3.11`. */
	readonly python: string;
};

/**
The configuration for a new environment at the old path: the module's path, and in python-path those
components that name the environment's old `lib/pythonX.Y`. Everything else stays byte for byte. Files that
need no change are left out, so the result is empty when all is done. Throws when it is not clear which
line loads mod_wsgi.
*/
export function proposeEdits(wsgi: Wsgi, places: NewPlaces): ProposedFile[] {
	const [load, ...more] = wsgi.loadModules;
	if (!load || more.length > 0) {
		const lines = wsgi.loadModules.map(directive => `${directive.file}:${directive.line}`).join(', ');
		throw new Error(
			load
				? t('More than one line loads mod_wsgi ({lines}), and Apache takes only the first. Leave one of them active.', {
						lines,
					})
				: t("No active line loads mod_wsgi. Add LoadModule wsgi_module {module} on top of OMFLOW's site file.", {
						module: places.module,
					}),
		);
	}

	const edits = new Map<string, Edit[]>();
	const change = (directive: Placed, edit: Edit) => {
		edits.set(directive.file, [...(edits.get(directive.file) ?? []), edit]);
	};

	const [, module] = load.arguments;
	if (module && load.values[1] !== places.module) {
		change(load, replaceText(module, places.module));
	}

	const move = mover(places);
	for (const directive of wsgi.daemonProcesses) {
		for (const [index, argument] of directive.arguments.entries()) {
			const option = optionOf(argument);
			if (option && ['python-path', 'python-home'].includes(option.key)) {
				const resolved = directive.values[index]?.slice(option.key.length + 1) ?? '';
				for (const edit of move(option.value, resolved)) {
					change(directive, edit);
				}
			}
		}
	}

	for (const directive of [...wsgi.pythonPaths, ...wsgi.pythonHomes]) {
		for (const [index, argument] of directive.arguments.entries()) {
			for (const edit of move(argument, directive.values[index] ?? '')) {
				change(directive, edit);
			}
		}
	}

	return [...edits].map(([file, fileEdits]) => {
		const before = wsgi.files.get(file) ?? Buffer.alloc(0);
		const after = splice(before, fileEdits);
		return {path: file, before, after, changed: changedLines(before, after)};
	});
}

/** Arguments: pairs of from and to, `--`, the command. 125 says that a mount failed, not the command. */
const inView = `
while [ "$1" != -- ]; do
	mount --bind "$1" "$2" || exit 125
	shift 2
done
shift
exec "$@"
`;

/**
Tries a configuration before it is put in place: in a private mount namespace the drafts, and what `binds`
names, lie over the real paths, and Apache itself is asked. It must accept the configuration, load mod_wsgi
exactly once and list it. Nothing is started, and nothing outside of the namespace changes.
*/
export async function testDraft(
	runner: Runner,
	draft: {
		/** `path` is the real file, `draft` the file to try in its place. */
		readonly files: ReadonlyArray<{readonly path: string; readonly draft: string}>;
		/** Directories to lay over others, for example the staged environment. */
		readonly binds: ReadonlyArray<{readonly from: string; readonly to: string}>;
		/** Default: that of the host's Apache. */
		readonly control?: string;
	},
): Promise<{readonly ok: boolean; readonly output: string}> {
	const mounts = draft.binds.flatMap(({from, to}) => [from, to]);
	for (const file of draft.files) {
		mounts.push(file.draft, await realpath(file.path));
	}

	const control = draft.control ?? (await findApache())?.control ?? 'apachectl';
	const ask = (argument: string) =>
		runner.capture(
			['unshare', '-m', '--propagation', 'private', '--', 'sh', '-c', inView, 'sh', ...mounts, '--', control, argument],
			{accept: anyExitCode, shownAs: t('{control} {argument} (with the draft in place)', {control, argument})},
		);
	const syntax = await ask('-t');
	const said = (syntax.stdout + syntax.stderr).trim();
	if (syntax.exitCode !== 0) {
		return {ok: false, output: said};
	}

	// A second LoadModule is only worth a notice to Apache, but the wrong one may be the first.
	if (/AH01574:.*wsgi_module/.test(said)) {
		return {ok: false, output: t('{said}\nmod_wsgi is loaded twice; Apache would take the first one.', {said})};
	}

	const modules = await ask('-M');
	const isListed = modules.exitCode === 0 && /^\s*wsgi_module\b/m.test(modules.stdout);
	return {
		ok: isListed,
		output: isListed
			? said
			: t('{said}\n{stderr}\nApache does not list wsgi_module.', {said, stderr: modules.stderr}).trim(),
	};
}

/**
Puts new content into an existing file so that at any moment, a power cut included, either the old or the
new content is there whole. Mode and owner stay; a link stays a link, its target is changed.
*/
export async function putInPlace(file: string, bytes: Uint8Array): Promise<void> {
	const target = await realpath(file);
	const {mode, uid, gid} = await stat(target);
	await writeDurably(target, bytes, {mode: mode & 0o7777, owner: {uid, gid}});
}

const anyExitCode = Array.from({length: 256}, (_, code) => code);

/** Parts of a value between colons, each with its own place in the file. */
function componentsOf(value: Argument): Argument[] {
	let position = 0;
	return value.text.split(':').map(text => {
		const component = partOf(value, position, position + text.length);
		position += text.length + 1;
		return component;
	});
}

/**
Makes the edits for a list of paths between colons. Only the part that names the environment's library is
replaced, the rest keeps its bytes; a path with a variable in it is replaced as a whole.
*/
function mover({environment, python}: NewPlaces): (value: Argument, resolved: string) => Edit[] {
	const root = environment.replace(/\/+$/, '');
	const library = `${root}/lib/python${python}`;
	const isLibrary = /^\/lib(?:64)?\/python\d+\.\d+(?=\/|$)/;
	return (value, resolved) => {
		const resolvedParts = resolved.split(':');
		const components = componentsOf(value);
		return components.flatMap((component, index) => {
			// A variable may stand for several paths; then the parts do not pair up and only plain ones are taken.
			const text = resolvedParts.length === components.length ? (resolvedParts[index] ?? '') : component.text;
			const found = text.startsWith(`${root}/`) ? isLibrary.exec(text.slice(root.length))?.[0] : undefined;
			if (found === undefined || root + found === library) {
				return [];
			}

			const length = root.length + found.length;
			return component.text === text
				? [replaceText(partOf(component, 0, length), library)]
				: [replaceText(component, library + text.slice(length))];
		});
	};
}
