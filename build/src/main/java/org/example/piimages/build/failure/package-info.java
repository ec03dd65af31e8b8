/**
 * The failures of builds and downloads, and the locations in a recipe where they occur.
 */
package org.example.piimages.build.failure;
