import {watchOwnPriority} from './observer/own-priority.js';

// On a machine that is short of CPUs loading the rest of the program alone takes a second.
watchOwnPriority().measure();
await import('./main.js');
