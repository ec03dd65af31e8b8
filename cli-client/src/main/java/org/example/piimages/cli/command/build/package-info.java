/**
 * The commands build, fetch and cache, which create images from recipes and downloads and use the commands of the other packages.
 */
package org.example.piimages.cli.command.build;
