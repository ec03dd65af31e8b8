/**
 * Encrypted partitions (LUKS 1 and 2): cryptsetup(8) reads their headers without any rights, and the kernel's device mapper gets nothing
 * but the key.
 */
package org.example.piimages.daemon.image.luks;
