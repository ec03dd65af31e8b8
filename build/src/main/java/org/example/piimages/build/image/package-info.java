/**
 * Access to the image of a build: through the service, and as a directory while it is mounted.
 */
package org.example.piimages.build.image;
