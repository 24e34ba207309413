import {language, t} from '../locales/index.js';
import type {Expected} from './state.js';

/** A time that is expected, as one says it: `8 s`, `3 min`, `1 h 20 min`. Rounded up: nobody is to be told too little. */
export function roughly(milliseconds: number): string {
	const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
	if (seconds < 90) {
		return t('{seconds} s', {seconds});
	}

	const minutes = Math.ceil(seconds / 60);
	return minutes < 90
		? t('{minutes} min', {minutes})
		: t('{hours} h {minutes} min', {hours: Math.floor(minutes / 60), minutes: minutes % 60});
}

/** What an expectation is taken from, to be put in brackets behind it. */
export function sourceOf({at, from}: Expected): string {
	if (from === 'sizes') {
		return t('by the sizes');
	}

	if (at === undefined) {
		return t('as in earlier runs');
	}

	return from === 'rehearsal'
		? t('as in the rehearsal of {day}', {day: day(at)})
		: t('as in the run of {day}', {day: day(at)});
}

function day(at: number): string {
	// English is the language here and not a country; the day comes first as elsewhere on the screen.
	const name = language() === 'en' ? 'en-GB' : language();
	return new Intl.DateTimeFormat(name, {day: 'numeric', month: 'short'}).format(at);
}
