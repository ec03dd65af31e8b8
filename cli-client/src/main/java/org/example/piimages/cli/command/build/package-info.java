/**
 * Images from recipes and downloads, by the commands of the other packages: build, fetch, cache.
 */
package org.example.piimages.cli.command.build;
