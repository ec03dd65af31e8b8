/**
 * The interface of commands, {@link org.example.piimages.cli.command.Subcommand}, and options that several commands have. The commands
 * themselves are in the packages below this one, grouped approximately as in the help text.
 */
package org.example.piimages.cli.command;
