/**
 * Images by their address, their name in a list, or a file: piimagesctl fetch.
 */
package org.example.piimages.build.fetch;
