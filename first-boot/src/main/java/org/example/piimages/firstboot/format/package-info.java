/** The formats, one class for each, with the files that they consist of; cloud-init has a package of its own. */
package org.example.piimages.firstboot.format;
