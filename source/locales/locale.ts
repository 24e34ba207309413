import type {Language} from './index.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
Whether the locale says UTF-8, by the order POSIX gives: LC_ALL, LC_CTYPE, LANG, the first that is set.
Terminals cannot be asked, and their names say nothing about the session's encoding.
*/
export function isUtf8(env: Environment): boolean {
	return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}

/**
The language that the locale asks for, by LC_ALL, LC_MESSAGES, LANG, as gettext does. English where the session cannot
show another one: without UTF-8, and on the console of Linux itself, whose fonts have no more than 512 characters.
*/
export function languageOf(env: Environment): Language {
	if (!canShow(env)) {
		return 'en';
	}

	const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
	return /^ja\b|^ja_/i.test(locale) ? 'ja' : /^zh[_-](?:tw|hk|mo|hant)/i.test(locale) ? 'zh-Hant' : 'en';
}

/** Whether the session can show all languages there are. */
export function canShow(env: Environment): boolean {
	return isUtf8(env) && env.TERM !== 'linux';
}
