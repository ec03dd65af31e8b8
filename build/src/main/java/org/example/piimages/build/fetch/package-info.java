/**
 * The command fetch: downloads of published images, specified by URL or by name in a list of operating systems.
 */
package org.example.piimages.build.fetch;
