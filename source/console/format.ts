/** Time as `0:26`, `1:02:33`. */
export function duration(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	const two = (value: number) => String(value).padStart(2, '0');
	const hours = Math.floor(seconds / 3600);
	const minutes = Math.floor((seconds % 3600) / 60);
	return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Time with tenths, as `3.1 s`, `2:03.1`. */
export function tenths(milliseconds: number): string {
	const value = Math.max(0, Math.floor(milliseconds / 100)) / 10;
	if (value < 60) {
		return `${value.toFixed(1)} s`;
	}

	return `${duration(value * 1000)}.${Math.floor(milliseconds / 100) % 10}`;
}

/** Size in the units apt uses: `151 MB`, `2.3 kB`. */
export function bytes(size: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let value = size;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}

	return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Date and time to the minute, as `2026-11-26 15:26`: the same in every language, and in columns. */
export function dateTime(milliseconds: number): string {
	return new Date(milliseconds).toLocaleString('sv').slice(0, 16);
}
