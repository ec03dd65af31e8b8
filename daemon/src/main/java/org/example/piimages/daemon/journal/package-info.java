/**
 * What the daemon writes down: SLF4J's messages as entries of systemd's journal, with fields of their own. No text of a stranger's can end
 * a line or a field, or steer a terminal that shows the journal.
 */
package org.example.piimages.daemon.journal;
