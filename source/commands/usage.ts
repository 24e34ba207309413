import {resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {defaultStateDirectory} from '../engine/places.js';
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
	readonly yes: boolean;
	readonly json: boolean;
	readonly ascii: boolean;
	readonly color: boolean;
	readonly state: string;
	readonly help: boolean;
	readonly version: boolean;
};

const shapeLines = Object.entries(sampleShapes)
	.map(([name, {meaning}]) => `                    ${name.padEnd(11)} ${meaning}`)
	.join('\n');

export const help = `omflow-tui takes an OMFLOW server to its next version, and back if need be.

  omflow-tui                        the console; goes on with a run that is not over
  omflow-tui check [--patch FILE]   what is installed, and what would stand in the way; changes nothing
  omflow-tui upgrade --patch FILE   upgrade this server with the vendor's patch archive
  omflow-tui rehearse [--patch FILE]
                                    the same in a copy-on-write view of this host
  omflow-tui rehearse --sample      ... with a small sample server in it: try everything
  omflow-tui restore [BACKUP]       put a kept backup back, files and database together
  omflow-tui restore --list         the backups there are; --check BACKUP reads one through, --remove BACKUP deletes it
  omflow-tui rollback               take everything back that is not kept yet, also of a run that goes on elsewhere
  omflow-tui status                 what is known about the newest run

  --patch FILE      a patch archive, or a folder of them; may be given several times
  --to VERSION      the wanted version; else the newest there is an archive for
  --via VERSION     a version to pass on the way; may be given several times
  --sha256 DIGEST   what the archive must have; else FILE.sha256 beside it is asked, if it is there
  --base DIR        where OMFLOW is; else it is looked for
  --python3-link    let /usr/bin/python3 be Python 3.11 afterwards (the vendor's step 4)
  --drill           put the first copy back beside what is in service, to see that it can be and how long it takes
  --confirm-timeout MINUTES
                    with upgrade or rehearse: take everything back unless somebody keeps the new version in time;
                    with --yes too, a console may keep it
  --shape NAME      which sample server (B):
${shapeLines}
  --yes             no console: take the safe default of every question; with rollback, do not ask
  --json            one JSON object a line; with check and status, one object
  --state-dir DIR   where runs are kept (${defaultStateDirectory})
  --ascii           draw with ASCII only
  --no-color        no colours
  --help, --version

Exit status: 0 kept, or nothing to do, or rolled back by the command rollback; 1 failed and rolled back; 2 usage; 3 blocked by a finding;
4 needs attention; 5 stopped before the end; 75 another run holds the lock.`;

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
		throw new UsageError(`--shape is one of ${Object.keys(sampleShapes).join(', ')}, not “${shape}”.`);
	}

	const digest = values.sha256?.toLowerCase();
	if (digest !== undefined && !/^[\da-f]{64}$/.test(digest)) {
		throw new UsageError('--sha256 wants the 64 hexadecimal digits that sha256sum prints.');
	}

	const confirmTimeout = minutesOf(values['confirm-timeout']);
	const command = positionals[0];
	const misplaced = misplacedOption(command, values);
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
		base: values.base === undefined ? undefined : resolve(values.base),
		sample: values.sample ?? false,
		shape,
		python3Link: values['python3-link'] ?? false,
		drill: values.drill ?? false,
		confirmTimeout,
		list: values.list ?? false,
		check: values.check ?? false,
		remove: values.remove ?? false,
		yes: values.yes ?? false,
		json: values.json ?? false,
		ascii: values.ascii ?? false,
		color: !(values['no-color'] ?? false) && !process.env.NO_COLOR,
		state: resolve(values['state-dir'] ?? defaultStateDirectory),
		help: values.help ?? false,
		version: values.version ?? false,
	};
}

/** Longer than anybody waits, and short enough to be counted by every clock. */
const mostMinutes = 7 * 24 * 60;

function minutesOf(text: string | undefined): number | undefined {
	if (text === undefined) {
		return undefined;
	}

	const minutes = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (minutes < 1 || minutes > mostMinutes) {
		throw new UsageError(`--confirm-timeout wants whole minutes from 1 to ${mostMinutes}, not “${text}”.`);
	}

	return minutes;
}

function isShape(name: string): name is SampleShape {
	return Object.hasOwn(sampleShapes, name);
}

/** Node's own advice follows its first sentence, and fits other programs. */
function sentenceFor({code, message}: NodeJS.ErrnoException): string {
	const option = /'(?:-\w, )?(-[^' ]+)/.exec(message)?.[1];
	if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && option) {
		return /does not take/.test(message) ? `${option} takes no value.` : `${option} wants a value after it.`;
	}

	return code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && option ? `There is no option ${option}.` : message;
}

/** An option that would be passed over without a word, and why. */
function misplacedOption(command: string | undefined, values: ReturnType<typeof parse>['values']): string | undefined {
	if (values.sample && command !== 'rehearse') {
		return '--sample belongs to the command rehearse.';
	}

	if (values.sample && values.patch !== undefined) {
		return '--sample brings its own patch. Leave out --patch, or --sample.';
	}

	if (values.sample && values.base !== undefined) {
		return '--sample is always built in /opt/omflow. Leave out --base.';
	}

	if (values.sha256 !== undefined && values.patch?.length !== 1) {
		return '--sha256 belongs to one archive. Give it with one --patch FILE; beside several, put FILE.sha256 files.';
	}

	if (values.drill && command !== 'upgrade' && command !== 'rehearse') {
		return '--drill belongs to the commands upgrade and rehearse.';
	}

	const asked = (['list', 'check', 'remove'] as const).filter(name => values[name]);
	if (asked[0] && command !== 'restore') {
		return `--${asked[0]} belongs to the command restore.`;
	}

	if (asked.length > 1) {
		return `Give one of ${asked.map(name => `--${name}`).join(' and ')}.`;
	}

	if (values['confirm-timeout'] !== undefined && command !== 'upgrade' && command !== 'rehearse') {
		return '--confirm-timeout belongs to the commands upgrade and rehearse.';
	}

	if (values.shape !== undefined && !values.sample) {
		return '--shape is about the sample server. Give --sample too.';
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
			list: {type: 'boolean'},
			check: {type: 'boolean'},
			remove: {type: 'boolean'},
			yes: {type: 'boolean', short: 'y'},
			json: {type: 'boolean'},
			ascii: {type: 'boolean'},
			'no-color': {type: 'boolean'},
			'state-dir': {type: 'string'},
			help: {type: 'boolean', short: 'h'},
			version: {type: 'boolean'},
		},
	});
}
