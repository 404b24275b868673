/** The version of this tool, as package.json has it. */
export { version } from '../package.json';
