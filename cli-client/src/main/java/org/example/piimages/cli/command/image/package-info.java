/**
 * What an image has, and where it is mounted: mount, umount, list, status, configure.
 */
package org.example.piimages.cli.command.image;
