/**
 * What all operations on images and cards have in common: the file and its user, new files without a name, and the tools. Each operation,
 * in the packages below this one, is the {@link org.example.piimages.daemon.job.Work} of a job, and leaves an image file in its state
 * before or after the operation at whatever instant it is interrupted; one that cannot guarantee this in place works on a file without a
 * name, which takes the image's name in one step when it is complete ({@code CallerDirectory}).
 */
package org.example.piimages.daemon.image.care;
