/**
 * Builds images from recipes: implements the commands of a Pifile, and caches the images after its steps. Runs with the rights of the
 * calling process, and accesses images only through {@link org.example.piimages.build.Images}.
 */
package org.example.piimages.build;
