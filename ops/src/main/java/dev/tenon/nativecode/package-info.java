/**
 * The system's description of its hardware, memory for machine code, and calls of the system and of machine code through the
 * Foreign Function API. No other package calls restricted methods. A JVM that was started without {@code
 * --enable-native-access} prints a warning at the first such call, unless {@code -Dtenon.native=off} forbids them all.
 *
 * <p>Kernels and decisions about them do not belong here.
 */
package dev.tenon.nativecode;
