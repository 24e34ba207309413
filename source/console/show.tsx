import {Box, useInput} from 'ink';
import type {ReactNode} from 'react';
import {keyNames} from './key-names.js';
import {isSpoken, Session, type TerminalOptions, wantsAscii} from './session.js';
import {createTheme, type Theme, ThemeProvider} from './theme.js';

/** Shows a screen that is no run's, over the whole terminal, until it calls `end`. */
export async function showScreen(
	options: TerminalOptions,
	content: (end: () => void, columns: number, rows: number) => ReactNode,
): Promise<void> {
	const theme: Theme = createTheme({
		ascii: wantsAscii(options),
		color: options.color,
		isSpoken: isSpoken(),
	});
	const session = options.session ?? new Session(options);
	const {screen} = session;
	const redraw = () => session.redraw();
	screen.on('resize', redraw);
	try {
		await session.show(() => (
			<ThemeProvider value={theme}>
				<Standing session={session} />
				<Box flexDirection="column" width={screen.columns} height={screen.rows} overflow="hidden">
					{content(() => session.end(), screen.columns, screen.rows)}
				</Box>
			</ThemeProvider>
		));
	} finally {
		screen.off('resize', redraw);
	}
}

/** The same for a screen that says how it was left; `otherwise` where the terminal went away. */
export async function showUntilLeft<How>(
	options: TerminalOptions,
	otherwise: How,
	content: (onLeave: (how: How) => void, columns: number, rows: number) => ReactNode,
): Promise<How> {
	let left = otherwise;
	await showScreen(options, (end, columns, rows) => {
		const onLeave = (how: How) => {
			left = how;
			end();
		};
		return content(onLeave, columns, rows);
	});
	return left;
}

/** The keys that are the terminal's on every screen. */
function Standing({session}: {readonly session: Session}) {
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			if (name === 'ctrl-l') {
				session.redraw();
			} else if (name === 'ctrl-z') {
				void session.suspend();
			}
		}
	});
	return null;
}
