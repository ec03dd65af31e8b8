/**
 * Files: opened with a caller's access rights or below a root, read, copied and written on a user's account, their attributes, and the
 * daemon's records in /run/piimages. {@link org.example.piimages.daemon.linux.file.Lookup} is the only class that opens a file by name.
 */
package org.example.piimages.daemon.linux.file;
