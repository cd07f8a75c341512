const secondsPerMinute = 60;
const secondsPerHour = 3600;
const secondsPerDay = 86_400;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** A stretch of time in its two largest units: `0.5s`, `41s`, `2m10s`, `1h05m`, `3d04h`. */
export const formatDuration = (seconds: number): string => {
	if (!Number.isFinite(seconds) || seconds < 0) {
		return '-';
	}

	if (seconds < 9.95) {
		return `${Number(seconds.toFixed(1))}s`;
	}

	const whole = Math.round(seconds);
	if (whole < secondsPerMinute) {
		return `${whole}s`;
	}

	if (whole < secondsPerHour) {
		return `${Math.floor(whole / secondsPerMinute)}m${twoDigits(whole % secondsPerMinute)}s`;
	}

	if (whole < secondsPerDay) {
		const minutes = Math.floor((whole % secondsPerHour) / secondsPerMinute);
		return `${Math.floor(whole / secondsPerHour)}h${twoDigits(minutes)}m`;
	}

	const hours = Math.floor((whole % secondsPerDay) / secondsPerHour);
	return `${Math.floor(whole / secondsPerDay)}d${twoDigits(hours)}h`;
};

/** Clock part of an RFC 3339 time, in UTC: `12:00:41Z`; the text itself when it isn't one. */
export const formatClock = (time: string): string => {
	const clock = /T(\d\d:\d\d:\d\d)/.exec(time)?.[1];
	return clock === undefined ? time : `${clock}Z`;
};

/** Seconds between two RFC 3339 times; undefined when either isn't one. */
export const secondsBetween = (from: string, to: string): number | undefined => {
	const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
	return Number.isNaN(seconds) ? undefined : seconds;
};

const twoSignificant = (value: number): number => Number(value.toPrecision(2));

/** A time limit: `0.5 ms`, `50 ms`, `1.5 s`, `2m10s`. Of two digits, for what is left of a limit is a little less than it was. */
export const formatMilliseconds = (milliseconds: number): string => {
	const rounded = twoSignificant(milliseconds);
	if (rounded < 1000) {
		return `${rounded} ms`;
	}

	const seconds = milliseconds / 1000;
	return seconds < 2 * secondsPerMinute
		? `${seconds < 100 ? twoSignificant(seconds) : Math.round(seconds)} s`
		: formatDuration(seconds);
};
