/**
 * What the system tells of its hardware, and calls of it through the Foreign Function API: the only package with
 * restricted methods. Calls are made where the JVM was started with {@code --enable-native-access}; nothing is tried
 * without, so the JVM prints no warning, and no result depends on them.
 *
 * <p>What must not live here: kernels, and decisions about them.
 */
package dev.tenon.nativecode;
