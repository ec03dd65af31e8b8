/**
 * What the commands have in common: each is a {@link org.example.piimages.cli.command.Subcommand}, and some have options in common. The
 * commands are in the packages below this one, by what they are for, as help lists them.
 */
package org.example.piimages.cli.command;
