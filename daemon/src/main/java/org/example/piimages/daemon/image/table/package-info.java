/**
 * Partition tables (MBR and GPT), and the sectors that change when a partition is resized. Pure: reads untrusted bytes from a {@link
 * org.example.piimages.daemon.image.disk.ByteSource}, and plans writes without making them.
 */
package org.example.piimages.daemon.image.table;
