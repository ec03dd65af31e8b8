/**
 * Builds images from recipes: {@link org.example.piimages.build.Build} and what the whole of a build needs, from the image it begins with
 * to the file it makes. What it is made of is in the packages below this one, none of which uses this one. Runs with the rights of the
 * calling process, and accesses images only through {@link org.example.piimages.build.image.Images}.
 */
package org.example.piimages.build;
