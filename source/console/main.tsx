import type {RunState} from '../engine/state.js';
import {canShow} from '../locales/locale.js';
import {App} from './app.js';
import type {Connection} from './connection.js';
import {isSpoken, Session, type TerminalOptions, wantsAscii} from './session.js';
import {Store} from './store.js';
import {createTheme} from './theme.js';

export type {Connection} from './connection.js';
export {type HomeChoice, type HomeOptions, runHome} from './home.js';
export {promptPath} from './path-prompt.js';
export {runBackups} from './screens/backups.js';
export {runEvidence} from './screens/evidence.js';
export {runFindings} from './screens/findings.js';

/** The same terminal, kept from one screen to the next until its session is closed. */
export function keepTerminal(options: TerminalOptions): TerminalOptions & {readonly session: Session} {
	return {...options, session: new Session(options, {isKept: true})};
}

const inEnglish = {ja: 'Japanese', 'zh-Hant': 'Chinese'} as const;

export type ConsoleOptions = TerminalOptions & {readonly connection: Connection};

export type ConsoleResult = {
	/**
	`quit`: the person left and the run goes on; `lost`: the worker or the terminal is gone; `findings`: the person wants
	to see what blocked the run, and to come back.
	*/
	readonly reason: 'quit' | 'ended' | 'lost' | 'findings';
	readonly state: RunState;
};

/** Shows a run until the person leaves or the terminal goes away. Never ends the run. */
export async function runConsole(options: ConsoleOptions): Promise<ConsoleResult> {
	const {connection} = options;
	const theme = createTheme({ascii: wantsAscii(options), color: options.color, isSpoken: isSpoken()});
	const session = options.session ?? new Session(options);
	const {screen} = session;
	const size = {columns: screen.columns, rows: screen.rows};
	// A clock that ticks would be read aloud each second.
	const spoken = connection.state().language ?? 'en';
	const store = new Store(connection, theme.glyphs, size, {
		isTicking: !isSpoken(),
		// In English, since nothing else can be read here.
		...(spoken === 'en' || canShow(process.env)
			? {}
			: {notice: `This run speaks ${inEnglish[spoken]}. To read it, log in with a terminal and a locale in UTF-8.`}),
	});
	let hungUp = false;
	let wantsFindings = false;
	const onLost = () => {
		hungUp = true;
	};
	const onResizing = () => store.resize(screen.columns, screen.rows);
	screen.on('lost', onLost);
	screen.on('resizing', onResizing);
	store.use({
		redraw: () => session.redraw(),
		suspend: async () => session.suspend(),
		edit: async (name, text) => session.edit(name, text),
		showAlone: async lines => session.showAlone(lines),
		leave: () => session.end(),
		showFindings() {
			wantsFindings = true;
			session.end();
		},
		isFull: () => screen.isFull,
		written: () => screen.written,
	});
	try {
		await session.show(() => <App store={store} theme={theme} />);
	} finally {
		screen.off('lost', onLost);
		screen.off('resizing', onResizing);
		store.close();
	}

	const state = connection.state();
	const isLost = hungUp || connection.lost !== undefined;
	if (wantsFindings && !hungUp) {
		return {reason: 'findings', state};
	}

	return {reason: state.status === 'ended' ? 'ended' : isLost ? 'lost' : 'quit', state};
}
