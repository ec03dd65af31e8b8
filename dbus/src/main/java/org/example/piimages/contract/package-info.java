/**
 * The contract of the daemon and its clients: the D-Bus names, the failures, JSON, and the names of downloads.
 */
package org.example.piimages.contract;
