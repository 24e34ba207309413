import {resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {defaultStateDirectory} from '../engine/places.js';
import {isLanguage, type Language, languages, list, t} from '../locales/index.js';
import {type SampleShape, sampleShapes} from '../rehearsal/sample-shape.js';

/** A command line that cannot be understood; ends with exit status 2. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

export type Arguments = {
	readonly command: string | undefined;
	readonly positionals: readonly string[];
	/** Files, or folders of them. */
	readonly patches: readonly string[];
	readonly to: string | undefined;
	/** Versions to pass on the way, in order. */
	readonly via: readonly string[];
	/** SHA-256 of the only archive. */
	readonly sha256: string | undefined;
	/** Where OMFLOW is, if that is not to be found out. */
	readonly base: string | undefined;
	readonly sample: boolean;
	readonly shape: SampleShape;
	readonly python3Link: boolean;
	readonly drill: boolean;
	/** Minutes within which the new version has to be kept; else it is taken back. */
	readonly confirmTimeout: number | undefined;
	/** What `restore` is to do instead of putting a backup back. */
	readonly list: boolean;
	readonly check: boolean;
	readonly remove: boolean;
	/** A kit to take packages and archives from; a file or a folder. */
	readonly kit: string | undefined;
	/** Folders to make one of. */
	readonly debs: string | undefined;
	readonly wheels: string | undefined;
	/** What `kit` is to write, and how `kit build` is to make it. */
	readonly output: string | undefined;
	readonly sign: string | undefined;
	readonly sources: string | undefined;
	readonly index: string | undefined;
	readonly credentials: string | undefined;
	readonly ca: string | undefined;
	readonly yes: boolean;
	readonly json: boolean;
	readonly ascii: boolean;
	readonly color: boolean;
	/** Else what was chosen on this machine, or the locale's. */
	readonly lang: Language | undefined;
	readonly state: string;
	readonly help: boolean;
	readonly version: boolean;
};

/** Reads the command line. Throws a `UsageError` that says what is wrong with it. */
export function readArguments(argv: readonly string[]): Arguments {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(argv);
	} catch (error) {
		throw new UsageError(sentenceFor(error as NodeJS.ErrnoException));
	}

	const {values, positionals} = parsed;
	const shape = values.shape ?? 'B';
	if (!isShape(shape)) {
		throw new UsageError(
			t('--shape is one of {shapes}, not “{shape}”.', {shapes: Object.keys(sampleShapes).join(', '), shape}),
		);
	}

	const digest = values.sha256?.toLowerCase();
	if (digest !== undefined && !/^[\da-f]{64}$/.test(digest)) {
		throw new UsageError(t('--sha256 wants the 64 hexadecimal digits that sha256sum prints.'));
	}

	const confirmTimeout = minutesOf(values['confirm-timeout']);
	const command = positionals[0];
	const misplaced = misplacedOption(command, values) ?? misplacedInKit(command, positionals[1], values);
	if (misplaced) {
		throw new UsageError(misplaced);
	}

	return {
		command,
		positionals: positionals.slice(1),
		patches: values.patch ?? [],
		to: values.to,
		via: values.via ?? [],
		sha256: digest,
		base: absolute(values.base),
		sample: values.sample ?? false,
		shape,
		python3Link: values['python3-link'] ?? false,
		drill: values.drill ?? false,
		confirmTimeout,
		list: values.list ?? false,
		check: values.check ?? false,
		remove: values.remove ?? false,
		kit: absolute(values.kit),
		debs: absolute(values.debs),
		wheels: absolute(values.wheels),
		output: absolute(values.output),
		sign: absolute(values.sign),
		sources: absolute(values.sources),
		index: values.index,
		credentials: absolute(values.credentials),
		ca: absolute(values.ca),
		yes: values.yes ?? false,
		json: values.json ?? false,
		ascii: values.ascii ?? false,
		color: !(values['no-color'] ?? false) && !process.env.NO_COLOR,
		lang: languageIn(values.lang),
		state: resolve(values['state-dir'] ?? defaultStateDirectory),
		help: values.help ?? false,
		version: values.version ?? false,
	};
}

/** What decides about the language, of a command line that may be wrong otherwise. */
export function languageWishes(argv: readonly string[]): Pick<Arguments, 'lang' | 'state'> {
	const {values} = parseArgs({
		args: [...argv],
		strict: false,
		options: {lang: {type: 'string'}, 'state-dir': {type: 'string'}},
	});
	const state = values['state-dir'];
	return {
		lang: typeof values.lang === 'string' && isLanguage(values.lang) ? values.lang : undefined,
		state: resolve(typeof state === 'string' ? state : defaultStateDirectory),
	};
}

function absolute(path: string | undefined): string | undefined {
	return path === undefined ? undefined : resolve(path);
}

/** Longer than anybody waits, and short enough to be counted by every clock. */
const mostMinutes = 7 * 24 * 60;

function minutesOf(text: string | undefined): number | undefined {
	if (text === undefined) {
		return undefined;
	}

	const minutes = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (minutes < 1 || minutes > mostMinutes) {
		throw new UsageError(
			t('--confirm-timeout wants whole minutes from 1 to {mostMinutes}, not “{text}”.', {mostMinutes, text}),
		);
	}

	return minutes;
}

function languageIn(name: string | undefined): Language | undefined {
	if (name !== undefined && !isLanguage(name)) {
		throw new UsageError(
			t('--lang is one of {languages}, not “{name}”.', {languages: Object.keys(languages).join(', '), name}),
		);
	}

	return name;
}

function isShape(name: string): name is SampleShape {
	return Object.hasOwn(sampleShapes, name);
}

/** Node's own advice follows its first sentence, and fits other programs. */
function sentenceFor({code, message}: NodeJS.ErrnoException): string {
	const option = /'(?:-\w, )?(-[^' ]+)/.exec(message)?.[1];
	if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && option) {
		return /does not take/.test(message)
			? t('{option} takes no value.', {option})
			: t('{option} wants a value after it.', {option});
	}

	return code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && option ? t('There is no option {option}.', {option}) : message;
}

/** An option that would be passed over without a word, and why. */
function misplacedOption(command: string | undefined, values: ReturnType<typeof parse>['values']): string | undefined {
	if (values.sample && command !== 'rehearse') {
		return t('--sample belongs to the command rehearse.');
	}

	if (values.sample && values.patch !== undefined) {
		return t('--sample brings its own patch. Leave out --patch, or --sample.');
	}

	if (values.sample && values.base !== undefined) {
		return t('--sample is always built in /opt/omflow. Leave out --base.');
	}

	if (values.sha256 !== undefined && values.patch?.length !== 1) {
		return t('--sha256 belongs to one archive. Give it with one --patch FILE; beside several, put FILE.sha256 files.');
	}

	if (values.drill && command !== 'upgrade' && command !== 'rehearse') {
		return t('--drill belongs to the commands upgrade and rehearse.');
	}

	const asked = (['list', 'check', 'remove'] as const).filter(name => values[name]);
	if (asked[0] && command !== 'restore') {
		return t('--{asked} belongs to the command restore.', {asked: asked[0]});
	}

	if (asked.length > 1) {
		return t('Give one of {asked}.', {asked: list(asked.map(name => `--${name}`))});
	}

	if (values['confirm-timeout'] !== undefined && command !== 'upgrade' && command !== 'rehearse') {
		return t('--confirm-timeout belongs to the commands upgrade and rehearse.');
	}

	if (values.shape !== undefined && !values.sample) {
		return t('--shape is about the sample server. Give --sample too.');
	}

	return undefined;
}

/** Options by which a kit is made or used, and the commands that heed them. */
const kitOptions = {
	kit: ['upgrade', 'rehearse', 'check'],
	debs: ['upgrade', 'rehearse', 'check', 'kit check'],
	wheels: ['upgrade', 'rehearse', 'check', 'kit check', 'kit build'],
	output: ['kit request', 'kit build', 'kit freeze'],
	sign: ['kit build'],
	sources: ['kit build'],
	index: ['kit build'],
	credentials: ['kit build'],
	ca: ['kit build'],
} as const;

function misplacedInKit(
	command: string | undefined,
	word: string | undefined,
	values: ReturnType<typeof parse>['values'],
): string | undefined {
	const full = command === 'kit' ? `kit ${word ?? ''}` : (command ?? '');
	for (const [name, commands] of Object.entries(kitOptions)) {
		if (values[name as keyof typeof kitOptions] !== undefined && !(commands as readonly string[]).includes(full)) {
			return t('--{name} belongs to {commands}.', {name, commands: commands.join(', ')});
		}
	}

	if (values.kit !== undefined && (values.debs ?? values.wheels) !== undefined) {
		return t('A kit has all its packages. Leave out --debs and --wheels, or --kit.');
	}

	if (values.sample && (values.kit ?? values.debs ?? values.wheels) !== undefined) {
		return t('--sample builds a server of its own, which needs the network. Leave out the kit, or --sample.');
	}

	return undefined;
}

function parse(argv: readonly string[]) {
	return parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			patch: {type: 'string', multiple: true},
			to: {type: 'string'},
			via: {type: 'string', multiple: true},
			sha256: {type: 'string'},
			base: {type: 'string'},
			sample: {type: 'boolean'},
			shape: {type: 'string'},
			'python3-link': {type: 'boolean'},
			drill: {type: 'boolean'},
			'confirm-timeout': {type: 'string'},
			kit: {type: 'string'},
			debs: {type: 'string'},
			wheels: {type: 'string'},
			output: {type: 'string'},
			sign: {type: 'string'},
			sources: {type: 'string'},
			index: {type: 'string'},
			credentials: {type: 'string'},
			ca: {type: 'string'},
			list: {type: 'boolean'},
			check: {type: 'boolean'},
			remove: {type: 'boolean'},
			yes: {type: 'boolean', short: 'y'},
			json: {type: 'boolean'},
			ascii: {type: 'boolean'},
			'no-color': {type: 'boolean'},
			lang: {type: 'string'},
			'state-dir': {type: 'string'},
			help: {type: 'boolean', short: 'h'},
			version: {type: 'boolean'},
		},
	});
}
