/**
 * Files from the web, checked and kept in the cache, and the lists of images that Raspberry Pi Imager reads.
 */
package org.example.piimages.build.download;
