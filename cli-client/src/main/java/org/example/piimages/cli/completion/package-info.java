/**
 * The completion scripts for bash, fish and zsh, which are generated when the package is built.
 */
package org.example.piimages.cli.completion;
