/**
 * Loop devices, disks and device mapper devices, what uses them, and the kernel's ioctls that resize a mounted filesystem.
 */
package org.example.piimages.daemon.linux.block;
