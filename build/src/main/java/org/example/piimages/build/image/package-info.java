/**
 * The image as a build accesses it: through the service, and as a folder while it is mounted.
 */
package org.example.piimages.build.image;
