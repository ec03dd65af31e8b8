/**
 * The assembly of the bus service: {@link org.example.piimages.daemon.bus.Service} creates the objects on the bus, their operations, and
 * the gate through which calls arrive.
 */
package org.example.piimages.daemon.bus;
