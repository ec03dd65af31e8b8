/** The files of a mounted image: how they are found, read and replaced, although the image is untrusted. */
package org.example.piimages.firstboot.file;
