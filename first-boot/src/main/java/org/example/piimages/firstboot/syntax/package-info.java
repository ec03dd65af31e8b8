/**
 * Files in the syntaxes that the formats use: TOML, YAML, lines of assignments, the kernel command line. An edit keeps everything that it
 * does not set.
 */
package org.example.piimages.firstboot.syntax;
