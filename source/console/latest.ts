import {useRef, useState} from 'react';

/** State that is read as the last key left it: several keys, or what was waited for, may come before the next frame. */
export function useLatest<State>(initial: State): {readonly shown: State; now(): State; change(next: State): void} {
	const [shown, setShown] = useState(initial);
	const latest = useRef(initial);
	return {
		shown,
		now: () => latest.current,
		change(next) {
			latest.current = next;
			setShown(next);
		},
	};
}
