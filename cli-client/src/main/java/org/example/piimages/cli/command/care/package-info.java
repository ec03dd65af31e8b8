/**
 * What is done to an image or a card, and the jobs that do it: grow, shrink, check, unpack, pack, copy, write, read, jobs, cancel.
 */
package org.example.piimages.cli.command.care;
