/**
 * Settings for the first boot of a Raspberry Pi: determines the format that the image's system reads, and writes, reads and removes
 * settings in this format. Works on the directories of a mounted image, with the rights of the calling process; does not use the service.
 */
package org.example.piimages.firstboot;
