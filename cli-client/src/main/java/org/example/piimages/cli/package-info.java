/**
 * The program piimagesctl: the tree of its commands, the execution of one of them here or on another machine, and its help text.
 */
package org.example.piimages.cli;
