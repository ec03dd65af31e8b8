/**
 * Failures of commands: the message for the user, the exit status, and the escaping of untrusted text.
 */
package org.example.piimages.cli.failure;
