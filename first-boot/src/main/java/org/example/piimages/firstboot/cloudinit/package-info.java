/** The format of cloud-init: user-data, network-config, and the kernel command line by which it finds them. */
package org.example.piimages.firstboot.cloudinit;
