import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {render} from 'ink-testing-library';
import {App} from '../../source/console/app.js';
import {Store} from '../../source/console/store.js';
import {createTheme} from '../../source/console/theme.js';
import {assertFrame} from './fixtures/frames.js';
import {packagesRunning, START} from './fixtures/states.js';

const gcc =
	'x86_64-linux-gnu-gcc -pthread -Wno-unused-result -Wsign-compare -DNDEBUG -g -fwrapv -O2 -Wall -I/usr/include/apache2 ' +
	'-I/opt/omflow/python/include -c src/server/mod_wsgi.c -o build/temp/mod_wsgi.o';
const log = ['building mod_wsgi', gcc, '編譯 mod_wsgi.c', 'error: Python.h: No such file or directory', 'failed', ''];

/** The log screen over a real file, once it shows what is waited for. */
async function frameOf(
	t: TestContext,
	{keys, wanted, columns = 80, rows = 24}: {keys: string[]; wanted: RegExp; columns?: number; rows?: number},
): Promise<string> {
	const logs = await mkdtemp(join(tmpdir(), 'log-frames-'));
	await writeFile(join(logs, 'packages.log'), log.join('\n'));
	const theme = createTheme({ascii: false, color: false});
	const state = {...packagesRunning(), logs};
	const connection = {state: () => state, driving: () => true, subscribe: () => () => {}, send: () => {}};
	const store = new Store(connection, theme.glyphs, {columns, rows}, {time: () => START + 80_300});
	const {lastFrame, unmount} = render(<App store={store} theme={theme} />);
	t.after(async () => {
		unmount();
		store.close();
		await rm(logs, {recursive: true});
	});
	for (const key of ['l', ...keys]) {
		store.press(key);
	}

	while (!wanted.test(lastFrame() ?? '')) {
		await new Promise<void>(resolve => {
			const end = store.subscribe(() => {
				end();
				// The frame is drawn after those who subscribed were told.
				setImmediate(resolve);
			});
		});
	}

	return lastFrame() ?? '';
}

for (const [name, options] of Object.entries({
	log: {keys: [], wanted: /failed/},
	'log-wrapped': {keys: ['w'], wanted: /mod_wsgi\.o/},
	'log-wrapped-small': {keys: ['w'], wanted: /mod_wsgi\.o/, columns: 60, rows: 16},
	'log-search': {keys: ['w', '/', ...'mod_wsgi.o', 'enter'], wanted: /further up/},
})) {
	test(`frame: ${name}`, async t => assertFrame(name, await frameOf(t, options)));
}
