/**
 * Terminals and standard streams: pseudoterminals and their forwarding, signals, passwords and confirmations.
 */
package org.example.piimages.cli.terminal;
