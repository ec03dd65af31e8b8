/**
 * The commands for the content of an image and where it is mounted: mount, umount, list, status, configure.
 */
package org.example.piimages.cli.command.image;
