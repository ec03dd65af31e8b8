/**
 * Writes SLF4J messages to systemd's journal, with key-value pairs as fields. Untrusted text can neither end a line or a field nor send
 * control sequences to a terminal that shows the journal.
 */
package org.example.piimages.daemon.journal;
