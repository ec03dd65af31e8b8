/**
 * Operations on images that are not running: growing, shrinking, checking, unpacking, packing, copying, and writing to a card. Each
 * operation is the {@link org.example.piimages.daemon.job.Work} of a job.
 *
 * <p>Architecture invariant: at whatever instant an operation is interrupted, the image is in its state either before or after the
 * operation. An operation that cannot guarantee this in place works on a file without a name, which takes the image's name in one step when
 * it is complete ({@code CallerDirectory}).
 */
package org.example.piimages.daemon.image.care;
