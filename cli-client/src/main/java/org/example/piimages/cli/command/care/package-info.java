/**
 * The commands that process an image or a card, and those for jobs: grow, shrink, check, unpack, pack, copy, write, read, jobs, cancel.
 */
package org.example.piimages.cli.command.care;
