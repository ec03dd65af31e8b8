/**
 * Verified downloads, which are stored in the cache, and lists of operating systems in the format of Raspberry Pi Imager.
 */
package org.example.piimages.build.download;
