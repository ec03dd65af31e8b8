/**
 * Growing, shrinking, checking and repairing the filesystems of an image, in place or in a copy, with one class for the tools of each
 * filesystem.
 */
package org.example.piimages.daemon.image.care.filesystem;
