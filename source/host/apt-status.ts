import {t} from '../locales/index.js';

/**
What apt says about its progress on the descriptor named by `APT::Status-Fd`. The lines are described in
apt's own `progress-reporting.md`; the samples in the tests were recorded from apt 2.6.
*/
export type StatusLine =
	| {readonly kind: 'download'; readonly percent: number; readonly message: string}
	| {readonly kind: 'install'; readonly package: string; readonly percent: number; readonly message: string}
	| {readonly kind: 'error'; readonly package: string; readonly message: string}
	/** dpkg asks what to do with a configuration file; with our options it never does. */
	| {readonly kind: 'conffile'; readonly path: string; readonly message: string}
	/** A package source is a disc that is not in its drive. */
	| {readonly kind: 'media'; readonly disc: string; readonly drive: string; readonly message: string};

/** Undefined for what is not a status line. */
export function parseStatusLine(line: string): StatusLine | undefined {
	const media = /^media-change:\s*(.*?):(\/[^:]*):(.*)$/.exec(line);
	if (media) {
		return {kind: 'media', disc: media[1] ?? '', drive: media[2] ?? '', message: (media[3] ?? '').trim()};
	}

	const match = /^(dlstatus|pmstatus|pmerror|pmconffile):(.+?):(\d+(?:\.\d+)?):(.*)$/.exec(line);
	if (!match) {
		return undefined;
	}

	const [, word, subject = '', percentText, rest = ''] = match;
	const percent = Math.min(100, Number(percentText));
	const message = rest.trim();
	switch (word) {
		case 'dlstatus':
			return {kind: 'download', percent, message};
		case 'pmstatus':
			return {kind: 'install', package: subject, percent, message};
		case 'pmerror':
			return {kind: 'error', package: subject, message};
		default:
			return {kind: 'conffile', path: subject, message};
	}
}

export type AptProgress = {
	readonly stage: 'lists' | 'download' | 'install';
	/** 0 to 100 over download and installation together, never less than before. Absent for lists: apt knows none. */
	readonly percent?: number;
	/** The package being installed; while downloading the count, for example `10 of 47`. */
	readonly current?: string;
	/** apt's own words, for example `Unpacking libapr1 (amd64)`, or whom it waits for. */
	readonly doing?: string;
	readonly bytesPerSecond?: number;
	/** For the stage, from its speed until now. */
	readonly secondsLeft?: number;
	/** What went wrong, as apt or a package says. */
	readonly problem?: string;
};

/** Share of the download in the whole; about what a full set takes on an ordinary line. */
const downloadShare = 40;
/** An estimate from less than this is a guess. */
const secondsUntilEstimate = 2;

export type Clock = {
	/** Seconds since the stage began. */
	readonly elapsed: number;
	/** Bytes the download has, for its rate. */
	readonly downloadBytes?: number;
};

/** The progress after one more line; the same object when the line says nothing new. */
export function advance(progress: AptProgress, line: StatusLine, clock: Clock): AptProgress {
	switch (line.kind) {
		case 'error':
			return {...progress, problem: `${line.package}: ${line.message}`};
		case 'media':
			return {
				...progress,
				problem: t('The disc {disc} is asked for in {drive}.', {disc: line.disc, drive: line.drive}),
			};
		case 'conffile':
			return {...progress, problem: t('The package asks what to do with {path}.', {path: line.path})};
		default:
	}

	if (progress.stage === 'lists') {
		return {...progress, doing: line.message};
	}

	// Without a download to do, apt-get install still reports one that is complete at once.
	if ((line.kind === 'download') !== (progress.stage === 'download')) {
		return progress;
	}

	const estimate = clock.elapsed >= secondsUntilEstimate && line.percent > 0;
	const whole =
		line.kind === 'download'
			? (line.percent * downloadShare) / 100
			: downloadShare + (line.percent * (100 - downloadShare)) / 100;
	const current = line.kind === 'download' ? /(\d+ of \d+)$/.exec(line.message)?.[1] : line.package;
	return {
		stage: progress.stage,
		percent: Math.max(progress.percent ?? 0, Math.round(whole * 10) / 10),
		...(current === undefined || current === 'dpkg-exec' ? {} : {current}),
		doing: line.message,
		...(line.kind === 'download' && clock.downloadBytes && clock.elapsed > 0
			? {bytesPerSecond: Math.round((clock.downloadBytes * line.percent) / 100 / clock.elapsed)}
			: {}),
		...(estimate ? {secondsLeft: Math.round((clock.elapsed * (100 - line.percent)) / line.percent)} : {}),
		...(progress.problem === undefined ? {} : {problem: progress.problem}),
	};
}

/** Where a stage begins, before its first line. */
export function beginning(stage: AptProgress['stage']): AptProgress {
	return stage === 'lists' ? {stage} : {stage, percent: stage === 'download' ? 0 : downloadShare};
}
