import type {Size} from './layout.js';

/** Lines above and below a page that fills the screen: its title and the keys. */
const titleRows = 1;
const footerRows = 1;

/** Lines that a page which fills the screen has for its text. */
export const pageRows = ({rows}: Size): number => Math.max(1, rows - titleRows - footerRows);
