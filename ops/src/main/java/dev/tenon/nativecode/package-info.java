/**
 * The system's description of its hardware, and calls of the system through the Foreign Function API. No other package
 * calls restricted methods. Calls are made only if the JVM was started with {@code --enable-native-access}, so it never
 * prints a warning. No result depends on them.
 *
 * <p>Kernels and decisions about them do not belong here.
 */
package dev.tenon.nativecode;
