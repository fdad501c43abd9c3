/** What an administrator can do with a broker: commands with checked arguments. HTTP, node and command line share them. */

export { type CommandName, commandName, commandNames, runCommand } from "./commands";
