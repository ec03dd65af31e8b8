/**
 * What ends a build or a download, and where in a recipe it happened.
 */
package org.example.piimages.build.failure;
