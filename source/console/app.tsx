import {Box, useCursor, useInput, usePaste} from 'ink';
import {useSyncExternalStore} from 'react';
import {announcement} from './announcement.js';
import {Footer} from './components/footer.js';
import {Header} from './components/header.js';
import {Rows, Rule} from './components/lines.js';
import {keyNames} from './key-names.js';
import {headerRows} from './layout.js';
import {width} from './lines.js';
import {beneath} from './model.js';
import {confirmPage} from './screens/confirm.js';
import {helpLines} from './screens/help.js';
import {Log, searchColumn} from './screens/log.js';
import {openQuestion, type Page} from './screens/question.js';
import {Run} from './screens/run.js';
import {Small} from './screens/small.js';
import type {Snapshot, Store} from './store.js';
import {type Glyphs, type Theme, ThemeProvider} from './theme.js';

/** The run screen: header, one of the screens, footer. */
export function App({store, theme}: {readonly store: Store; readonly theme: Theme}) {
	const shot = useSyncExternalStore(store.subscribe, store.snapshot);
	const {setCursorPosition} = useCursor();
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			store.press(name);
		}
	});
	usePaste(text => store.paste(text));
	const {layout} = shot;
	if (layout.small) {
		setCursorPosition(undefined);
		return <Small columns={layout.columns} rows={layout.rows} />;
	}

	const page = pageOf(shot, theme.glyphs);
	setCursorPosition(cursorOf(shot, page));
	const isRun = page === undefined && shot.view.log === undefined;
	const tee = (side: 'teeDown' | 'teeUp') => (isRun ? {tee: {at: layout.left, side}} : {});
	return (
		<ThemeProvider value={theme}>
			<Box flexDirection="column" width={layout.columns} height={layout.rows} overflow="hidden">
				<Header state={shot.state} lost={shot.lost !== undefined} now={shot.now} columns={layout.columns} />
				<Rule columns={layout.columns} {...tee('teeDown')} />
				<Body shot={shot} page={page} />
				<Rule columns={layout.columns} {...tee('teeUp')} label={ahead(shot, theme.glyphs)} labelTone="warn" />
				<Footer
					state={shot.state}
					view={shot.view}
					driving={shot.driving}
					columns={layout.columns}
					stop={layout.stop}
					now={shot.now}
				/>
			</Box>
		</ThemeProvider>
	);
}

/** What comes next, in as many words as there is room for, in the line above the footer: it takes no row. */
function ahead({layout, lost, state}: Snapshot, {horizontal}: Glyphs): string {
	const begin = horizontal === '' ? '' : `${horizontal} `;
	const forms = lost === undefined ? announcement(state) : [];
	const found = forms.find(text => width(begin + text) + 2 <= layout.columns);
	return found === undefined ? '' : begin + found;
}

function Body({shot, page}: {readonly shot: Snapshot; readonly page: Page | undefined}) {
	const {layout, state, view, log} = shot;
	if (page !== undefined) {
		return (
			<Box height={layout.body} paddingX={1} flexShrink={0}>
				<Rows lines={page.lines} rows={layout.body} />
			</Box>
		);
	}

	if (view.log !== undefined && log !== undefined) {
		const title = state.steps.find(step => step.id === view.log?.step)?.title ?? view.log.step;
		return <Log log={log} title={title} typing={view.log.typing} columns={layout.columns} rows={layout.body} />;
	}

	return <Run state={state} view={view} driving={shot.driving} lost={shot.lost} layout={layout} now={shot.now} />;
}

/** The screens that are text from edge to edge; none of them for the run and the log. */
function pageOf(shot: Snapshot, glyphs: Glyphs): Page | undefined {
	const {layout, state, view} = shot;
	const size = {columns: layout.columns - 2, rows: layout.body, glyphs};
	if (view.help !== undefined) {
		return {lines: helpLines(glyphs, size.columns, beneath(view, state)).slice(view.help)};
	}

	if (view.confirm !== undefined) {
		return confirmPage(state, view.confirm.yes, size);
	}

	return openQuestion(shot, glyphs);
}

function cursorOf(shot: Snapshot, page: Page | undefined): {x: number; y: number} | undefined {
	if (page?.cursor !== undefined) {
		return {x: 1 + page.cursor.column, y: headerRows + page.cursor.row};
	}

	const typing = page === undefined ? shot.view.log?.typing : undefined;
	return typing === undefined ? undefined : {x: searchColumn(typing), y: headerRows};
}
