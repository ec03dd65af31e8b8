/**
 * Calls of the C library and of the kernel, file descriptors, and the numbers of the kernel's interface.
 */
package org.example.piimages.libc;
