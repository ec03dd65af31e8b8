/**
 * What builds and downloads keep of a user's, by keys that are sums of what it was made of. It knows nothing of who uses it.
 */
package org.example.piimages.build.cache;
