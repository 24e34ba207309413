import {useApp} from 'ink';
import {type ReactNode, useEffect} from 'react';
import type {RunState} from '../engine/state.js';
import {App} from './app.js';
import type {Connection} from './connection.js';
import {isSpoken, Session, type TerminalOptions, wantsAscii} from './session.js';
import {Store} from './store.js';
import {createTheme} from './theme.js';

export type {Connection} from './connection.js';
export {type HomeOptions, promptPath, runHome} from './home.js';

export type ConsoleOptions = TerminalOptions & {readonly connection: Connection};

export type ConsoleResult = {
	/** `quit`: the person left and the run goes on; `lost`: the worker or the terminal is gone. */
	readonly reason: 'quit' | 'ended' | 'lost';
	readonly state: RunState;
};

/** Shows a run until the person leaves or the terminal goes away. Never ends the run. */
export async function runConsole(options: ConsoleOptions): Promise<ConsoleResult> {
	const {connection} = options;
	const theme = createTheme({ascii: wantsAscii(options), color: options.color, isSpoken: isSpoken()});
	const session = new Session(options);
	const {screen} = session;
	const size = {columns: screen.columns, rows: screen.rows};
	// A clock that ticks would be read aloud each second.
	const store = new Store(connection, theme.glyphs, size, {isTicking: !isSpoken()});
	let hungUp = false;
	screen.on('lost', () => {
		hungUp = true;
	});
	screen.on('resizing', () => store.resize(screen.columns, screen.rows));
	store.use({
		redraw: () => session.redraw(),
		suspend: async () => session.suspend(),
		edit: async (name, text) => session.edit(name, text),
		showAlone: async lines => session.showAlone(lines),
		leave: () => session.end(),
		isFull: () => screen.isFull,
		written: () => screen.written,
	});
	try {
		await session.show(() => (
			<Lending session={session}>
				<App store={store} theme={theme} />
			</Lending>
		));
	} finally {
		store.close();
	}

	const state = connection.state();
	const isLost = hungUp || connection.lost !== undefined;
	return {reason: state.status === 'ended' ? 'ended' : isLost ? 'lost' : 'quit', state};
}

/** Lets the session hand the terminal to another program: only a component can ask Ink for it. */
function Lending({session, children}: {readonly session: Session; readonly children: ReactNode}) {
	const {suspendTerminal} = useApp();
	useEffect(() => {
		session.onSuspend(async callback => suspendTerminal(callback));
	}, [session, suspendTerminal]);
	return children;
}
