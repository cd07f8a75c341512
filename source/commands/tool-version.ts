declare const CTOP_VERSION: string | undefined;

/** Version of the program, put in by the build; tests that run the source itself have none. */
export const toolVersion = typeof CTOP_VERSION === 'string' ? CTOP_VERSION : '0.0.0-source';
