import i18next from 'i18next';

/** The languages there are, by BCP 47 name, each as it calls itself. */
export const languages = {en: 'English', ja: '日本語', 'zh-Hant': '繁體中文'} as const;

export type Language = keyof typeof languages;

/** The values that a text names in braces. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** An English text is its own key, so that the code says what the screen says; English needs no file. */
const translator = i18next.createInstance({
	lng: 'en',
	fallbackLng: false,
	initAsync: false,
	resources: {en: {translation: {}}},
	keySeparator: false,
	nsSeparator: false,
	// Braces are enough. What is filled in is shown as it is, and never read as a text with values of its own.
	interpolation: {prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true},
	returnEmptyString: false,
});
void translator.init();

/**
The text in the language of this process, with its values. The text must be written out here, or be a `mark`ed one:
a test compares what is called with what is translated.
*/
export function t<const Text extends string>(
	text: Text,
	...values: [Names<Text>] extends [never] ? [] : [Readonly<Record<Names<Text>, string | number>>]
): string {
	return translator.t(text as string, (values[0] ?? {}) as Record<string, string | number>);
}

/** Names a text for translation where it is too early to translate: in tables that are made before the language is known. */
export function mark<const Text extends string>(text: Text): Text {
	return text;
}

export function language(): Language {
	return translator.language as Language;
}

/** From now on this process speaks that language. Only the languages that are used are loaded. */
export async function speak(name: Language): Promise<void> {
	if (name !== 'en') {
		const {default: texts} = await (name === 'ja'
			? import('./ja.json', {with: {type: 'json'}})
			: import('./zh-Hant.json', {with: {type: 'json'}}));
		translator.addResourceBundle(name, 'translation', texts);
	}

	await translator.changeLanguage(name);
}

/** A number with the separators of the language. */
export function number(value: number, fractionDigits = 0): string {
	return new Intl.NumberFormat(language(), {
		minimumFractionDigits: fractionDigits,
		maximumFractionDigits: fractionDigits,
	}).format(value);
}
