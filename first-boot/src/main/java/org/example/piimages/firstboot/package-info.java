/**
 * What a Raspberry Pi's system is told before its first boot: which format an image's system reads, and writing, reading and removing
 * settings in it. Works on the folders of a mounted image with the rights of whoever runs it, and knows nothing of the service.
 */
package org.example.piimages.firstboot;
