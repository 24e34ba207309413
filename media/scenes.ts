/**
Takes the readme's pictures from the real program: `npm run media` rehearses the upgrade of the sample
server in a pseudo-terminal, answers like a person, and saves the screens of telling moments.
*/
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {findView} from '../source/rehearsal/view.js';
import {keys, Terminal} from '../test/terminal.js';
import {saveScreen} from './record.js';

const program = fileURLToPath(new URL('../dist/omflow-tui.mjs', import.meta.url));
const patience = 600_000;
const state = await mkdtemp(join(tmpdir(), 'omflow-tui-media-'));
const terminal = Terminal.spawn(process.execPath, [program, 'rehearse', '--sample', '--state-dir', state], {
	columns: 96,
	rows: 28,
});

/** Waits for a moment and keeps its screen as media/NAME.png. */
async function picture(name: string, moment: Parameters<Terminal['waitFor']>[0]): Promise<void> {
	await terminal.waitFor(moment, patience);
	await saveScreen(terminal, fileURLToPath(new URL(`${name}.png`, import.meta.url)));
	process.stdout.write(`media/${name}.png\n`);
}

try {
	// Not while addresses of package sources are on the screen: they differ from place to place.
	await picture('packages', screen => /Installing[\s\S]* [4-9]\d %/.test(screen) && !screen.includes('://'));
	await picture('requirements', 'These Python packages will be installed');
	terminal.send('a');
	await picture('python-packages', /Python packages \[6][\s\S]*(fetching|building|ready)/);
	await picture('site', 'Apache will load the module from the new environment');
	terminal.send(keys.enter);
	await terminal.waitFor('Use these lines?', patience);
	terminal.send(keys.enter);
	await picture('before-the-window', 'Stop OMFLOW and upgrade');
	terminal.send(`${keys.down}${keys.enter}`);
	await picture('window', /Run patch.sh \[8b][\s\S]*\[3\/6]/);
	await picture('decision', 'Keep 1.2.0.0');
	terminal.send(`${keys.down}${keys.enter}`);
	await picture('rolled-back', 'The run is over');
	terminal.send('q');
	await terminal.waitForExit(patience);
} finally {
	await terminal.close();
	await (await findView(join(state, 'rehearsal', 'view')))?.close();
	await rm(state, {recursive: true, force: true});
}
