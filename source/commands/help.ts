import {pad, width} from '../console/lines.js';
import {defaultStateDirectory} from '../engine/places.js';
import {type Marked, mark, t} from '../locales/index.js';
import {sampleShapes} from '../rehearsal/sample-shape.js';

type Entry = readonly [syntax: string, meaning: Marked];

const commands: readonly Entry[] = [
	['omflow-tui', mark('the console; goes on with a run that is not over')],
	['omflow-tui check [--patch FILE]', mark('what is installed, and what would stand in the way; changes nothing')],
	['omflow-tui upgrade --patch FILE', mark('upgrade this server with the vendor’s patch archive')],
	['omflow-tui rehearse [--patch FILE]', mark('the same in a copy-on-write view of this host')],
	['omflow-tui rehearse --sample', mark('… with a small sample server in it: try everything')],
	['omflow-tui restore [BACKUP]', mark('put a kept backup back, files and database together')],
	['omflow-tui restore --list', mark('the backups there are')],
	['omflow-tui restore --check BACKUP', mark('reads one through')],
	['omflow-tui restore --remove BACKUP', mark('deletes one; nothing else ever does')],
	[
		'omflow-tui kit request',
		mark('what a connected machine must know to make a kit for this server without a network'),
	],
	[
		'omflow-tui kit build REQUEST --patch FILE',
		mark('… there: one archive with all packages; nothing is installed on that machine'),
	],
	['omflow-tui kit check KIT', mark('whether it is complete for this server; changes nothing')],
	['omflow-tui kit freeze', mark('the list of Python packages alone, rewritten for the new version')],
	['omflow-tui rollback', mark('take everything back that is not kept yet, also of a run that goes on elsewhere')],
	['omflow-tui status', mark('what is known about the newest run')],
];

const options: readonly Entry[] = [
	['--patch FILE', mark('a patch archive, or a folder of them; may be given several times')],
	['--to VERSION', mark('the wanted version; else the newest there is an archive for')],
	['--via VERSION', mark('a version to pass on the way; may be given several times')],
	['--sha256 DIGEST', mark('what the archive must have; else FILE.sha256 beside it is asked, if it is there')],
	['--base DIR', mark('where OMFLOW is; else it is looked for')],
	['--python3-link', mark('let /usr/bin/python3 be Python 3.11 afterwards (the vendor’s step 4)')],
	['--drill', mark('put the first copy back beside what is in service, to see that it can be and how long it takes')],
	[
		'--confirm-timeout MINUTES',
		mark(
			'with upgrade or rehearse: take everything back unless somebody keeps the new version in time; with --yes too, a console may keep it',
		),
	],
	[
		'--kit KIT',
		mark('with upgrade, rehearse or check: take all packages, and the patch archive, from a kit, without a network'),
	],
	[
		'--debs DIR, --wheels DIR',
		mark(
			'the same from folders with *.deb and *.whl files, also with kit check; with kit build --wheels adds to the kit',
		),
	],
	['--output FILE', mark('what kit request, kit build and kit freeze write')],
	['--sign KEY', mark('with kit build: sign the kit with this SSH key')],
	[
		'--sources FILE, --index URL',
		mark('with kit build: package sources, and an index of Python packages, instead of those that are configured'),
	],
	[
		'--credentials FILE, --ca FILE',
		mark('with kit build: users and passwords for both (as in netrc), and further certificates to trust'),
	],
	['--shape NAME', mark('which sample server (B):')],
	['--yes', mark('no console: take the safe default of every question; with rollback, do not ask')],
	['--json', mark('one JSON object a line; with check and status, one object')],
	['--state-dir DIR', mark('where runs are kept ({directory})')],
	['--lang en|ja|zh-Hant', mark('the language; else what was chosen at the first start, or that of the locale')],
	['--ascii', mark('draw with ASCII only')],
	['--no-color', mark('no colours')],
];

const statuses: readonly Entry[] = [
	['0', mark('kept, or nothing to do, or rolled back by the command rollback')],
	['1', mark('failed and rolled back')],
	['2', mark('the command line is wrong')],
	['3', mark('blocked by a finding')],
	['4', mark('needs attention')],
	['5', mark('stopped before the end')],
	['75', mark('another run holds the lock')],
];

/** What `--help` prints. */
export function help(): string {
	const shapes = Object.entries(sampleShapes).map(
		([name, {meaning}]) => `${' '.repeat(22)}${name.padEnd(12)}${t(meaning)}`,
	);
	return [
		t('omflow-tui takes an OMFLOW server to its next version, and back if need be.'),
		'',
		...commands.flatMap(entry => rows(entry, 36)),
		'',
		...options.flatMap(entry => [...rows(entry, 22), ...(entry[0].startsWith('--shape') ? shapes : [])]),
		'  --help, --version',
		'',
		t('Exit status:'),
		...statuses.flatMap(entry => rows(entry, 6)),
	].join('\n');
}

/** The meaning beside what is typed, or below it where that is long. */
function rows([syntax, meaning]: Entry, column: number): string[] {
	const text = t(meaning, {directory: defaultStateDirectory});
	const typed = `  ${syntax}`;
	return width(typed) < column ? [pad(typed, column) + text] : [typed, ' '.repeat(column) + text];
}
