import {Box, Text, useIsScreenReaderEnabled} from 'ink';
import type {RunState} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {Rows} from '../components/lines.js';
import {contentOf, StepPane} from '../components/step-pane.js';
import {Steps} from '../components/steps.js';
import type {Layout} from '../layout.js';
import {type Line, paragraph} from '../lines.js';
import {blockedStep, type View} from '../model.js';
import {type Glyphs, useTheme} from '../theme.js';

/** Above the pane, what needs the person although something else is shown. */
export function bannerLines(
	state: RunState,
	options: {
		readonly driving: boolean;
		readonly lost?: string | undefined;
		readonly columns: number;
		readonly glyphs: Glyphs;
	},
): Line[] {
	const {columns, glyphs} = options;
	if (options.lost !== undefined && state.status !== 'ended') {
		return [
			...paragraph(
				t('{warning} {lost} Press q to leave.', {warning: glyphs.severity.warning, lost: options.lost}),
				columns,
				'bad',
			),
			[],
		];
	}

	if (state.status === 'ended' && blockedStep(state)) {
		return [...paragraph(`${glyphs.severity.blocker} ${t('Enter shows each finding.')}`, columns, 'warn'), []];
	}

	if (state.question !== undefined) {
		const text = options.driving
			? t('A question waits. Enter shows it.')
			: t('A question waits. Enter shows it; t lets this console answer.');
		return [...paragraph(`${glyphs.status.asking} ${text}`, columns, 'warn'), []];
	}

	return options.driving || state.status === 'ended'
		? []
		: [...paragraph(t('You are watching; another console drives. t takes over.'), columns, 'quiet'), []];
}

/** Steps at the left, what is known about the selected one at the right. */
export function Run({
	state,
	view,
	driving,
	lost,
	layout,
	now,
}: {
	readonly state: RunState;
	readonly view: View;
	readonly driving: boolean;
	readonly lost: string | undefined;
	readonly layout: Layout;
	readonly now: number;
}) {
	const {glyphs, style} = useTheme();
	const isSpoken = useIsScreenReaderEnabled();
	const banner = bannerLines(state, {driving, lost, columns: layout.right - 1, glyphs});
	const content = contentOf(state, view, layout.right - 1, glyphs, {driving, now});
	return (
		<Box flexDirection={isSpoken ? 'column' : 'row'} height={layout.body} flexShrink={0}>
			<Steps
				state={state}
				selected={view.selected}
				focused={view.side === 'steps'}
				columns={layout.left}
				rows={layout.body}
			/>

			<Box width={1} height={layout.body} flexShrink={0} aria-hidden>
				<Text {...style({tone: 'quiet'})}>{Array.from({length: layout.body}, () => glyphs.vertical).join('\n')}</Text>
			</Box>

			<Box flexDirection="column" marginLeft={1} width={layout.right}>
				<Rows lines={banner} rows={banner.length} />

				<StepPane
					content={content}
					view={view}
					columns={layout.right - 1}
					rows={layout.body - banner.length}
					now={now}
				/>
			</Box>
		</Box>
	);
}
