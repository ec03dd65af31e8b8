/**
 * Builds images from recipes: {@link org.example.piimages.build.Build} and the classes for a whole build, from the source image to the
 * finished file. They use the packages below this one, none of which uses this one. Runs with the rights of the calling process, and
 * accesses images only through {@link org.example.piimages.build.image.Images}.
 */
package org.example.piimages.build;
