import {roughly, sourceOf} from '../engine/expected-words.js';
import {t} from '../locales/index.js';
import type {Facts, StepContext} from './facts.js';
import {purposes} from './purpose.js';
import type {PlannedHop} from './steps/agreement.js';
import type {Terms} from './terms.js';

/** Terms, and what they are for. */
export type TermsOf = Terms & {readonly archive: string; readonly to: string};

/** What is agreed to: the way, each step with the vendor's number, what can be taken back, and the terms whole. */
export function agreementText(context: StepContext, hops: readonly PlannedHop[], terms: readonly TermsOf[]): string {
	const isLong = hops.length > 1;
	return [
		...(isLong ? [[fromOf(context.facts), ...hops.map(({to}) => to)].join(' → ')] : []),
		outage(context, isLong),
		isLong
			? t('Everything can be taken back until you keep it, hop by hop.')
			: t('Everything can be taken back until you keep it.'),
		...hops.flatMap(hop => [
			'',
			...(isLong ? [t('From {from} to {to}:', {from: fromOf(hop.facts), to: hop.to})] : []),
			...stepsOf(context, hop),
		]),
		...terms.flatMap(each => ['', ...termsLines(each)]),
	].join('\n');
}

function fromOf({hops: [first]}: Facts): string {
	return first?.from ?? '';
}

function outage(context: StepContext, isLong: boolean): string {
	const expected = context.expectedOutage();
	if (!expected) {
		return isLong
			? t('OMFLOW is down once in each hop, for how long is not known yet. A rehearsal tells it.')
			: t('OMFLOW is down once, for how long is not known yet. A rehearsal tells it.');
	}

	const values = {time: roughly(expected.milliseconds), source: sourceOf(expected)};
	return isLong
		? t('OMFLOW is down once in each hop, the first time for about {time} ({source}).', values)
		: t('OMFLOW is down once, for about {time} ({source}).', values);
}

function stepsOf(context: StepContext, {facts, steps}: PlannedHop): string[] {
	const inHop = {...context, facts};
	return steps
		.filter(step => !step.wanted || step.wanted(inHop))
		.map(({documented, id, title}, index) => {
			const name = t(title) + (documented === undefined ? '' : ` [${documented}]`);
			const purpose = purposes[id];
			return `${index + 1}. ${name}${purpose === undefined ? '' : `: ${t(purpose)}`}`;
		});
}

function termsLines({archive, bytes, name, sha256, text, to}: TermsOf): string[] {
	return [
		t("The vendor's terms for {to}: {name} in {archive}", {to, name, archive}),
		`SHA-256 ${sha256}`,
		'',
		text === undefined
			? t('It is too long to be shown here ({size} KiB). Read it in the archive before you agree.', {
					size: Math.ceil(bytes / 1024),
				})
			: text.trimEnd(),
	];
}
