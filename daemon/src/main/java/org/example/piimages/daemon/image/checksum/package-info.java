/**
 * What publishers put beside a download to tell whether it arrived as it left: which files these are, what their lines say, and which of
 * them is about the download at hand. Pure: nothing here opens a file.
 */
package org.example.piimages.daemon.image.checksum;
