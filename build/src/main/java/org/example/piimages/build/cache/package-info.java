/**
 * The cache of a user for builds and downloads. The key of an entry is a digest of everything that the entry was created from. This package
 * does not depend on the packages that use it.
 */
package org.example.piimages.build.cache;
