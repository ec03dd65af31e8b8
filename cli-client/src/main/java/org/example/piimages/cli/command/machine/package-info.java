/**
 * Commands and inits in an image: run, shell, boot, machines, terminate.
 */
package org.example.piimages.cli.command.machine;
