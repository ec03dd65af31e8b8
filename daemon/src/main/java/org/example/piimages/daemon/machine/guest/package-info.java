/**
 * The machine as seen from inside: the image's init, shells and programs, and the files and directories that are mounted over the image's
 * own. Names in an image are looked up within it, and nothing in an image is changed.
 */
package org.example.piimages.daemon.machine.guest;
