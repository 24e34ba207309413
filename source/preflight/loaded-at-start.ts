import {dirname, join, relative} from 'node:path';

/** A source file below the `omcustom` of a part, and what it imports whenever it is loaded. */
export type Module = {
	readonly file: string;
	/** The part's directory, in which `omcustom` is. */
	readonly root: string;
	/** Dotted names, as in `omcustom.a.b`; relative ones with their dots, as in `..b`. Some may name no module. */
	readonly imports: readonly string[];
};

/** Modules of an app that Django 4.2 imports by itself, where they are there. */
const entries = ['apps', 'models', 'admin', 'urls'];

/**
The files that a start of OMFLOW, or the migration before it, loads: what Django imports of an app, and what those
import of it in turn. Django's own are `apps` and `models` (AppConfig), `admin` (its autodiscover), `urls`, every file in
`migrations` that begins with neither _ nor ~ (MigrationLoader), and in `templatetags` (its check templates.E003).
*/
export function loadedAtStart(modules: readonly Module[]): ReadonlySet<string> {
	const byFile = new Map(modules.map(module => [module.file, module]));
	const loaded = new Set<string>();
	const load = (root: string, name: readonly string[]): void => {
		// A module's packages are loaded before it.
		for (let count = 1; count <= name.length; count++) {
			const path = join(root, ...name.slice(0, count));
			// Where both are there, Python takes the package.
			const file = [join(path, '__init__.py'), `${path}.py`].find(each => byFile.has(each));
			if (file !== undefined && !loaded.has(file)) {
				loaded.add(file);
				waiting.push(file);
			}
		}
	};
	const waiting: string[] = [];
	for (const root of new Set(modules.map(module => module.root))) {
		for (const name of entries) {
			load(root, ['omcustom', name]);
		}
	}

	for (const {file, root} of modules) {
		const place = relative(join(root, 'omcustom'), file);
		if (
			/^(?:migrations\/[^_~/.][^/.]*|templatetags\/(?:[\p{L}_][\p{L}\p{N}_]*\/)*[\p{L}_][\p{L}\p{N}_]*)\.py$/u.test(
				place,
			)
		) {
			load(root, ['omcustom', ...place.replace(/\.py$/, '').split('/')]);
		}
	}

	for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
		const {root, imports} = byFile.get(file) ?? {root: '', imports: []};
		for (const name of imports) {
			const absolute = absoluteName(name, relative(root, dirname(file)).split('/'));
			// All others are the vendor's, or Python's.
			if (absolute?.[0] === 'omcustom') {
				load(root, absolute);
			}
		}
	}

	return loaded;
}

/** Parts of an imported name, seen from within a package; undefined when it leads out of all packages. */
function absoluteName(name: string, within: readonly string[]): readonly string[] | undefined {
	const level = /^\.*/.exec(name)?.[0].length ?? 0;
	const rest = name.slice(level).split('.').filter(Boolean);
	return level === 0
		? rest
		: level > within.length
			? undefined
			: [...within.slice(0, within.length - level + 1), ...rest];
}
