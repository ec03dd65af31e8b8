/**
 * Images that are made by recipes: what a Pifile's commands mean, and a cache of what its steps made of an image. Works with the rights of
 * whoever runs it, and on images through {@link org.example.piimages.build.Images} alone.
 */
package org.example.piimages.build;
