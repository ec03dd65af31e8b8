/**
 * A connection to a message bus: authentication, framing, marshalling, match rules, and limits on concurrent calls. Messages are delivered
 * undecoded, so that the thread that reads for all callers never decodes what one of them sent.
 */
package org.example.piimages.dbus;
