/**
 * The commands that run commands or the init of an image in a machine: run, shell, boot, machines, terminate.
 */
package org.example.piimages.cli.command.machine;
