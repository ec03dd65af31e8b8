/**
 * The settings: their names, their valid values, and what they are stored as, such as password hashes. Independent of any format.
 */
package org.example.piimages.firstboot.setting;
