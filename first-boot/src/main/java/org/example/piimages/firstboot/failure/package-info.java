/** The exception that all packages of this module throw. */
package org.example.piimages.firstboot.failure;
