import type {Past} from './history.js';
import type {Expected, StepState} from './state.js';

/**
How long a step is expected to take: as in the first of the past runs that did it in one go, else by its sizes. Nothing
when nobody can tell: a number without a ground would be believed.
*/
export function estimate(step: string, past: readonly Past[], bySizes?: number): Expected | undefined {
	for (const {at, from, worked} of past) {
		const milliseconds = worked[step];
		if (milliseconds !== undefined) {
			return {milliseconds, from, at};
		}
	}

	return bySizes === undefined ? undefined : {milliseconds: Math.round(bySizes), from: 'sizes'};
}

/** Before that a stage may be under way that is quick, and say nothing about the next. */
const enoughPercent = 50;

/**
The same while the step is under way and its program says by its own speed how long it still takes. The further it is the
more that counts, and the less what was expected before. A percentage alone says nothing: where most of the time goes
into one thing of many, it would be wrong all the time.
*/
export function estimateNow(
	expected: Expected | undefined,
	{pane, startedAt}: Pick<StepState, 'pane' | 'startedAt'>,
	now: number,
): Expected | undefined {
	if (pane?.kind !== 'progress' || startedAt === undefined) {
		return expected;
	}

	const {percent, secondsLeft} = pane;
	if (percent === undefined || percent < enoughPercent || secondsLeft === undefined) {
		return expected;
	}

	const whole = now - startedAt + secondsLeft * 1000;
	const weight = Math.min(1, percent / 100) ** 2;
	return expected
		? {...expected, milliseconds: Math.round(expected.milliseconds * (1 - weight) + whole * weight)}
		: {milliseconds: whole, from: 'sizes'};
}

/** Whether it is so much unlike what was told that it is worth telling: a second or two more is not. */
export function isNews(expected: Expected | undefined, told: Expected | undefined): boolean {
	if (!expected || !told) {
		return expected !== told;
	}

	const difference = Math.abs(expected.milliseconds - told.milliseconds);
	return expected.from !== told.from || difference > Math.max(2000, told.milliseconds * 0.15);
}

/** How sure a source is, the surest first. */
const sources: ReadonlyArray<Expected['from']> = ['rehearsal', 'earlier run', 'sizes'];

/**
What steps take together: what those that are done took, what the others are expected to. Nothing when that of one of them
is not known. Says the least sure source of those that matter.
*/
export function sumOf(steps: ReadonlyArray<Pick<StepState, 'status' | 'worked' | 'expected'>>): Expected | undefined {
	const parts: Expected[] = [];
	for (const {expected, status, worked} of steps) {
		const part =
			status === 'skipped'
				? nothing
				: status === 'done' && worked !== undefined
					? {...(expected ?? nothing), milliseconds: worked}
					: expected;
		if (!part) {
			return undefined;
		}

		parts.push(part);
	}

	const all = together(parts);
	const from = sources.findLast(source => together(parts.filter(part => part.from === source)) > all * share);
	if (from === undefined) {
		return undefined;
	}

	const telling = parts.filter(part => part.milliseconds > 0 && sources.indexOf(part.from) <= sources.indexOf(from));
	const [at, ...others] = new Set(telling.map(part => part.at));
	return {milliseconds: all, from, ...(at === undefined || others.length > 0 ? {} : {at})};
}

function together(parts: readonly Expected[]): number {
	return parts.reduce((sum, {milliseconds}) => sum + milliseconds, 0);
}

/** A part of the whole that is too small to make it less sure. */
const share = 0.1;

/** What a step takes that is not wanted. */
export const nothing: Expected = {milliseconds: 0, from: 'sizes'};
