/**
 * The objects on the bus: their methods, properties and signals. Each method decodes its arguments and options, asks polkit, calls the
 * feature, and encodes the result; {@link org.example.piimages.daemon.bus.object.ManagerObject} lists the methods of the manager.
 */
package org.example.piimages.daemon.bus.object;
