/**
 * The options of commands: those of all commands, groups of options that several classes use, and the functions that create options and
 * parameters.
 */
package org.example.piimages.cli.option;
