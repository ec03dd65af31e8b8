/**
 * Encrypted partitions (LUKS 1 and 2): their headers are read by cryptsetup(8) without any rights, and the kernel's device mapper is given
 * nothing but the key.
 */
package org.example.piimages.daemon.image.luks;
