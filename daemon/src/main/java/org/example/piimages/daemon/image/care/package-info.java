/**
 * What is done to images that are not running: growing, shrinking, checking, unpacking, packing, copying, writing to a card. Each verb is
 * the {@link org.example.piimages.daemon.job.Work} of a job.
 *
 * <p>Architecture invariant: whatever instant the work stops at, there is the image as it was or as it is to be. What cannot be done so in
 * place is done to a file without a name, which takes the image's name in one step when it is complete ({@code CallerFolder}).
 */
package org.example.piimages.daemon.image.care;
