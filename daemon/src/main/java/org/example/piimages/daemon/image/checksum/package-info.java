/**
 * Checksum files that publishers provide beside a download: recognises them, parses their lines, and finds those about a given download.
 * Pure: nothing here opens a file.
 */
package org.example.piimages.daemon.image.checksum;
