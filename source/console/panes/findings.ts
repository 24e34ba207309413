import type {Finding} from '../../engine/state.js';
import {severityWord} from '../../engine/words.js';
import {t} from '../../locales/index.js';
import {harmless} from '../harmless.js';
import {fit, type Line, paragraph, plain, wrap} from '../lines.js';
import {type Glyphs, severityTone} from '../theme.js';

const MOST_EVIDENCE = 4;

/** Severity and sentence, the evidence quoted below, then what to do. Blockers first. */
export function findingLines(findings: readonly Finding[], columns: number, glyphs: Glyphs): Line[] {
	const order = {blocker: 0, warning: 1, info: 2};
	return findings
		.toSorted((a, b) => order[a.severity] - order[b.severity])
		.flatMap((finding, index) => [
			...(index > 0 && (finding.evidence || finding.remedy) ? [plain('')] : []),
			...findingLine(finding, columns, glyphs),
		]);
}

function findingLine(finding: Finding, columns: number, glyphs: Glyphs): Line[] {
	const tone = severityTone[finding.severity];
	const word =
		finding.health === 'unknown'
			? `${t('cannot tell')}: `
			: finding.severity === 'info'
				? ''
				: `${t(severityWord[finding.severity])}: `;
	const clean = (text: string) => harmless(text, glyphs.dot);
	const sentence = wrap(word + clean(finding.sentence), Math.max(8, columns - 2));
	const evidence = (finding.evidence ?? '').split('\n').filter(line => line.trim() !== '');
	return [
		...sentence.map(
			(part, index): Line =>
				index === 0
					? [
							{text: `${glyphs.severity[finding.severity]} `, tone},
							{text: part.slice(0, word.length), tone},
							{text: part.slice(word.length)},
						]
					: plain(`  ${part}`),
		),
		...evidence
			.slice(0, MOST_EVIDENCE)
			.map(line => plain(fit(`  ${glyphs.vertical} ${clean(line)}`, columns, glyphs.more), 'quiet')),
		...(finding.remedy === undefined
			? []
			: paragraph(`${glyphs.arrow} ${clean(finding.remedy)}`, columns, 'accent', 2)),
	];
}
